"""An address in; bytes, "not modified", or the reason why neither, out: polite and careful."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from yarl import URL

from pipeline.articles.schedule import retry_after
from pipeline.transport.addresses import AddressError, is_ip, is_public, join_url, read_url
from pipeline.transport.base import Fetched
from pipeline.transport.connector import Lookup, Network
from pipeline.transport.exchange import Ask, Exchange, HttpLimits
from pipeline.transport.turns import Turns

__all__ = ["HttpFetcher", "HttpLimits"]

_FEED = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_PAGE = "text/html, application/xhtml+xml, */*;q=0.1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ROBOTS_BYTES = 500 * 1024
"""RFC 9309, section 2.5."""
_QUIET_S = 60.0
_LONGEST_QUIET_S = 86_400.0


class HttpFetcher:
    """A Fetcher over HTTP(S): conditional GET, redirects followed by hand, one request in flight a domain.

    With `allow_local`, a configured address may lie on loopback or in a private network, and so may what it
    redirects to and the pages of the same origin; nothing public ever leads there. With `proxy` (an http
    address, never taken from the environment) public addresses are asked through it; then the proxy looks
    names up, and its rules decide what they may lead to, while literal addresses are still checked here.
    """

    def __init__(
        self,
        user_agent: str,
        limits: HttpLimits | None = None,
        *,
        allow_local: bool = False,
        proxy: str | None = None,
    ) -> None:
        self._limits = limits or HttpLimits()
        self._allow_local = allow_local
        self._local_origins: set[URL] = set()
        self._lookup = Lookup()
        self._turns = Turns(self._limits.spacing_s, self._limits.concurrency)
        self._exchange = Exchange(user_agent, self._limits, self._lookup, proxy)

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        """Get a configured feed; every way in which the far side can fail becomes `fault` (RFC 9110)."""
        conditions = {}
        if etag:
            conditions["If-None-Match"] = etag
        if last_modified:
            conditions["If-Modified-Since"] = last_modified
        return await self._follow(url, Ask(_FEED, self._limits.max_bytes, conditions), configured=True)

    async def fetch_page(self, url: str) -> Fetched:
        """Get an article's page, under the same limits and in the same turns as feeds.

        Whether robots.txt allows it is for the caller to ask before (`robots.Robots`). A domain that asked to
        be left alone (429, or 503 with Retry-After, RFC 9110, section 10.2.3) is not asked for pages.
        """
        return await self._follow(url, Ask(_PAGE, self._limits.max_bytes))

    async def fetch_robots(self, url: str) -> Fetched:
        """Get a robots.txt; of a longer one the first 500 KiB."""
        return await self._follow(url, Ask("text/plain, */*;q=0.1", _ROBOTS_BYTES, cut=True))

    async def post_form(self, url: str, form: Mapping[str, str]) -> Fetched:
        """Post a form to an address that a feed named (WebSub's hub); any 2xx is good, a redirect a fault."""
        return await self._follow(url, Ask("*/*", _ROBOTS_BYTES, form=form, cut=True))

    def keep_apart(self, url: str, spacing_s: float) -> None:
        """Ask the domain of `url` at most every `spacing_s` seconds from now on."""
        self._turns.keep_apart(read_url(url).raw_host or "", spacing_s)

    async def close(self) -> None:
        """Close all connections."""
        await self._exchange.close()
        self._lookup.close()

    async def _follow(self, address: str, ask: Ask, *, configured: bool = False) -> Fetched:
        try:
            return await self._walk(read_url(address), ask, configured)
        except AddressError as error:
            return Fetched(0, fault=str(error))

    async def _walk(self, url: URL, ask: Ask, configured: bool) -> Fetched:
        """Ask `url` and where it redirects to; raises AddressError before anything forbidden is asked."""
        loop = asyncio.get_running_loop()
        may_be_local = self._allow_local and (configured or url.origin() in self._local_origins)
        budget_s, permanent = self._limits.timeout_s, True
        seen = {url}
        for hop in range(self._limits.redirects + 1):
            host = url.raw_host or ""
            network = await self._network(host, may_be_local)
            may_be_local = network is Network.LOCAL
            if configured and hop == 0 and may_be_local:
                self._local_origins.add(url.origin())
            async with self._turns.take(host):
                if not configured and (closed_s := self._turns.closed_s(host)):
                    return _left_alone(url, closed_s)
                began = loop.time()
                answer = await self._exchange.ask(url, network, ask, max(0.0, budget_s))
                budget_s -= loop.time() - began
                self._heed(host, answer)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target or ask.form is not None:
                well = answer.fault is None and hop > 0 and permanent
                return replace(answer, moved_to=answer.url) if well else answer
            following = join_url(url, target)
            permanent &= answer.status in _PERMANENT
            permanent &= not (url.scheme == "https" and following.scheme == "http")
            if following in seen:
                return Fetched(0, fault="redirected in a circle", url=str(url))
            seen.add(url := following)
        return Fetched(0, fault=f"more than {self._limits.redirects} redirects", url=str(url))

    async def _network(self, host: str, may_be_local: bool) -> Network:
        """Return the network to seek `host` in; raises AddressError for a literal outside both."""
        if may_be_local and await self._lookup.network(host) is Network.LOCAL:
            return Network.LOCAL
        if is_ip(host) and not is_public(host):
            raise AddressError(
                f"{host} lies on loopback, in a private network or in one kept for special purposes"
                " (poller.allow_local permits configured feeds on loopback and in private networks)"
            )
        return Network.PUBLIC

    def _heed(self, host: str, answer: Fetched) -> None:
        header = answer.headers.get("retry-after")
        if answer.status == 429 or (answer.status == 503 and header):
            wait_s = retry_after(header, datetime.now(UTC))
            self._turns.close(host, min(_QUIET_S if wait_s is None else wait_s, _LONGEST_QUIET_S))


def _left_alone(url: URL, seconds: float) -> Fetched:
    wait_s = math.ceil(seconds)
    fault = f"{url.raw_host} asked to be left alone for another {wait_s} s"
    return Fetched(0, headers={"retry-after": str(wait_s)}, fault=fault, url=str(url))

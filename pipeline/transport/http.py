"""An address in; bytes, "not modified", or the reason why neither, out: polite and careful."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import aiohttp

from pipeline.transport.addresses import PublicResolver, is_local
from pipeline.transport.base import Fetched

_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """How much one request may take."""

    max_bytes: int = 8_000_000
    """Of the body, unpacked."""
    timeout_s: float = 30.0
    """For the whole request with its redirects; waiting for one's turn at a host does not count."""
    redirects: int = 5
    spacing_s: float = 1.0
    """Least time between the end of one request to a host and the beginning of the next."""


@dataclass(slots=True)
class _Host:
    """One host's turn: one request in flight, `free_at` (loop time) before the next."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class HttpFetcher:
    """A Fetcher over HTTP(S): conditional GET, gzip and deflate, one request in flight a host.

    With `allow_local`, a configured address may lie on loopback or in a private network; a redirect
    never leads there from a public host.
    """

    def __init__(
        self, user_agent: str, limits: HttpLimits | None = None, *, allow_local: bool = False
    ) -> None:
        self._limits = limits or HttpLimits()
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }
        self._allow_local = allow_local
        self._hosts: dict[str, _Host] = {}
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        """Get `url`; every way in which the far side can fail becomes `fault` (RFC 9110)."""
        conditions = {}
        if etag:
            conditions["If-None-Match"] = etag
        if last_modified:
            conditions["If-Modified-Since"] = last_modified
        budget_s = self._limits.timeout_s
        local = True
        for _ in range(self._limits.redirects + 1):
            refusal, local = await self._may_ask(url, local)
            if refusal:
                return Fetched(0, fault=refusal)
            async with self._turn(url):
                began = asyncio.get_running_loop().time()
                answer = await self._ask(url, conditions, budget_s, local)
                budget_s -= asyncio.get_running_loop().time() - began
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                return answer
            try:
                url = urljoin(url, target)
            except ValueError:
                return Fetched(0, fault="redirected to something that is no address")
        return Fetched(0, fault=f"more than {self._limits.redirects} redirects")

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _may_ask(self, url: str, local_so_far: bool) -> tuple[str | None, bool]:
        """Return why `url` must not be asked, if so, and whether it lies in a local network."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            return "not a web address", False
        if parts.scheme not in ("http", "https") or not host:
            return "only http and https addresses are fetched", False
        local = self._allow_local and local_so_far and await is_local(host)
        with contextlib.suppress(ValueError):
            if not local and not ipaddress.ip_address(host).is_global:
                return (
                    "address on loopback or in a private network (poller.allow_local permits feeds there)",
                    False,
                )
        return None, local

    @contextlib.asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        host = self._hosts.setdefault(urlsplit(url).hostname or "", _Host())
        async with host.lock:
            if (wait := host.free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                host.free_at = loop.time() + self._limits.spacing_s

    async def _ask(self, url: str, conditions: dict[str, str], budget_s: float, local: bool) -> Fetched:
        try:
            async with (
                asyncio.timeout(max(budget_s, 0)),
                self._session(local).get(url, headers=conditions, allow_redirects=False) as response,
            ):
                return await self._read(response)
        except TimeoutError:
            return Fetched(0, fault=f"no full answer within {self._limits.timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as error:
            return Fetched(0, fault=_words(error))

    async def _read(self, response: aiohttp.ClientResponse) -> Fetched:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status != 200:
            fault = None if response.status == 304 else f"HTTP {response.status}"
            return Fetched(response.status, headers=headers, fault=fault)
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._limits.max_bytes:
                response.close()
                return Fetched(200, headers=headers, fault=f"larger than {self._limits.max_bytes} bytes")
        return Fetched(200, bytes(body), headers.get("etag"), headers.get("last-modified"), headers)

    def _session(self, local: bool) -> aiohttp.ClientSession:
        """One session for local addresses and one that cannot reach any."""
        if local not in self._sessions:
            resolver = None if local else PublicResolver()
            connector = aiohttp.TCPConnector(limit=64, resolver=resolver, use_dns_cache=False)
            self._sessions[local] = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._sessions[local]


def _words(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return f"{type(error).__name__}: {cause}"[:300]

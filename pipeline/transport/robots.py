"""A page's address in; the reason why its site does not want it read by a program, if any, out (RFC 9309)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from protego import Protego
from yarl import URL

from pipeline.transport.addresses import AddressError, read_url
from pipeline.transport.base import Fetched

_KEPT = timedelta(hours=24)
_UNREACHABLE_KEPT = timedelta(minutes=10)
_LONGEST_DELAY_S = 30.0
_MOST_RULES = 2_000
_CACHE_CHARACTERS = 4_000_000
_ENTRY_CHARACTERS = 1_000
"""Counted for an origin besides its rules."""


class RobotsSource(Protocol):
    """What is needed of a fetcher."""

    async def fetch_robots(self, url: str) -> Fetched:
        """Get a robots.txt, following redirects; never raises for what the far side does."""

    def keep_apart(self, url: str, spacing_s: float) -> None:
        """Ask the domain of `url` at most every `spacing_s` seconds."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one origin wants, as far as it concerns us."""

    rules: Protego | None
    """None while the origin cannot be asked."""
    until: datetime
    fault: str = ""
    size: int = 0


class Robots:
    """Answers from robots.txt, asked for at most once a day for each origin, by one request at a time.

    No robots.txt (4xx) allows everything; one that cannot be had (5xx, 429, no answer) forbids everything
    until it is tried again ten minutes later, unless an older copy is at hand.
    """

    def __init__(self, source: RobotsSource, user_agent: str) -> None:
        """`user_agent` as sent; its product token is the name that rules are looked up by."""
        self._source = source
        self._token = product_token(user_agent)
        self._cache: dict[URL, _Rules] = {}
        self._size = 0
        self._asking: dict[URL, asyncio.Task[_Rules]] = {}

    async def may_fetch(self, url: str, now: datetime) -> str | None:
        """Return why `url` must not be fetched at `now` (aware), or None; keeps a Crawl-delay, up to 30 s."""
        try:
            address = read_url(url)
        except AddressError as error:
            return str(error)
        origin = address.origin()
        known = self._cache.get(origin)
        if known is None or known.until <= now:
            known = await asyncio.shield(self._ask_once(origin, now))
        if known.rules is None:
            return f"robots.txt of {origin} cannot be had: {known.fault}"
        delay_s = known.rules.crawl_delay(self._token)
        if delay_s:
            self._source.keep_apart(url, min(delay_s, _LONGEST_DELAY_S))
        if not known.rules.can_fetch(str(address), self._token):
            return f"robots.txt of {origin} forbids it"
        return None

    def _ask_once(self, origin: URL, now: datetime) -> asyncio.Task[_Rules]:
        task = self._asking.get(origin)
        if task is None:
            task = self._asking[origin] = asyncio.create_task(self._ask(origin, now))
            task.add_done_callback(lambda _: self._asking.pop(origin, None))
        return task

    async def _ask(self, origin: URL, now: datetime) -> _Rules:
        answer = await self._source.fetch_robots(str(origin / "robots.txt"))
        read = self._read(answer, now)
        old = self._cache.pop(origin, None)
        if old is not None:
            self._size -= old.size
            if read.rules is None and old.rules is not None:
                read = _Rules(old.rules, now + _UNREACHABLE_KEPT, size=old.size)
        self._cache[origin] = read
        self._size += read.size
        while self._size > _CACHE_CHARACTERS and len(self._cache) > 1:
            self._size -= self._cache.pop(next(iter(self._cache))).size
        return read

    def _read(self, answer: Fetched, now: datetime) -> _Rules:
        missing = 400 <= answer.status < 500 and answer.status != 429
        if answer.fault is not None and not missing:
            return _Rules(None, now + _UNREACHABLE_KEPT, answer.fault, _ENTRY_CHARACTERS)
        text = "" if missing else own_group(answer.body.decode("utf-8-sig", errors="replace"), self._token)
        return _Rules(Protego.parse(text), now + _KEPT, size=_ENTRY_CHARACTERS + len(text))


def product_token(user_agent: str) -> str:
    """Return the name by which robots.txt calls a program (RFC 9309, section 2.2.1), in lower case.

    >>> product_token("Blocwatch/0.1 (+https://example.org)")
    'blocwatch'
    """
    found = re.match(r"[A-Za-z_-]+", user_agent)
    return found[0].lower() if found else ""


def own_group(robots: str, token: str) -> str:
    """Return the rules of a robots.txt that concern `token`, under a heading for everyone; 2,000 at most.

    They are those of all groups that name it, else of all groups for `*`. Protego would do this as well, but
    gives every agent of a group its own copy of every rule: 130 KB of robots.txt kept it busy for a minute.

    >>> print(own_group("User-agent: a\\nUser-agent: b\\nDisallow: /x\\nUser-agent: *\\nAllow: /", "b"))
    User-agent: *
    Disallow: /x
    """
    named: list[str] = []
    common: list[str] = []
    into: list[list[str]] = []
    heading, is_named = False, False
    for line in robots.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if not heading:
                heading, into = True, []
            agent = value.lower() if value == "*" else product_token(value)
            is_named |= agent == token
            target = named if agent == token else common if agent == "*" else None
            if target is not None and not any(target is one for one in into):
                into.append(target)
        elif key in ("allow", "disallow", "crawl-delay"):
            heading = False
            for rules in into:
                if value and len(rules) < _MOST_RULES:
                    rules.append(f"{key.capitalize()}: {value}")
    return "\n".join(["User-agent: *", *(named if is_named else common)])

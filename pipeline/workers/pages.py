"""Teasers in; the texts of their pages out, asked for politely and read in processes that can be killed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from pipeline.articles.fulltext import objection
from pipeline.articles.normalize import Item
from pipeline.articles.page import PageText
from pipeline.articles.raw import Refusal
from pipeline.transport.base import Fetched
from pipeline.transport.robots import Robots, RobotsSource
from pipeline.workers.children import Broken, Children, Limits

log = structlog.get_logger()

_MOST = 20
"""Pages asked for at one poll of a feed; the other new entries keep their teasers."""
_LONGEST_S = 60.0
"""For all pages of one poll, so that articles do not wait long for slow ones."""
_MEMORY_BYTES = 1_000_000_000


class PageSource(RobotsSource, Protocol):
    """What is needed of a fetcher."""

    async def fetch_page(self, url: str) -> Fetched:
        """Get a page, following redirects; never raises for what the far side does."""


class Pages:
    """Fetches pages of entries, one after another; whatever fails, the teaser stays."""

    def __init__(
        self,
        source: PageSource,
        user_agent: str,
        *,
        limits: Limits | None = None,
        longest_s: float = _LONGEST_S,
    ) -> None:
        """`longest_s` is for all pages of one poll, `limits` for the reading of each."""
        self._source = source
        self._robots = Robots(source, user_agent)
        self._children = Children(
            "pipeline.workers.pagereading:work",
            limits or Limits(memory_bytes=_MEMORY_BYTES, workers=1, slow=1),
        )
        self._longest_s = longest_s

    async def texts(self, items: Sequence[Item], outlet: str, now: datetime) -> dict[str, PageText]:
        """Return the texts of entries' pages, by canonical URL; the rest is logged with its reasons."""
        found: dict[str, PageText] = {}
        refused: Counter[str] = Counter()
        try:
            async with asyncio.timeout(self._longest_s):
                for item in items[:_MOST]:
                    page = await self._page(item, outlet, now)
                    if isinstance(page, Refusal):
                        refused[page.reason] += 1
                    else:
                        found[item.key] = page
        except TimeoutError:
            pass
        if left := len(items) - len(found) - refused.total():
            refused["no time left"] += left
        if refused:
            log.info("teasers_stay", outlet=outlet, pages=len(found), reasons=dict(refused))
        return found

    async def close(self) -> None:
        """End the processes."""
        await self._children.close()

    async def _page(self, item: Item, outlet: str, now: datetime) -> PageText | Refusal:
        if (reason := await self._robots.may_fetch(item.url, now)) is not None:
            return Refusal(reason)
        fetched = await self._source.fetch_page(item.url)
        if fetched.fault is not None:
            return Refusal(fetched.fault)
        note = [outlet, fetched.headers.get("content-type", "")]
        reply = await self._children.call(json.dumps(note).encode(), fetched.body)
        if isinstance(reply, Broken):
            return Refusal(f"reading the page {reply}")
        told = json.loads(reply)
        if "reason" in told:
            return Refusal(told["reason"])
        page = PageText(told["text"], told["published"])
        return objection(item, page) or page

"""Teasers in; the texts of their pages out, asked for politely and read in processes that can be killed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from pipeline.articles.fulltext import PageText, read_page
from pipeline.articles.normalize import Item
from pipeline.articles.parse import Refusal
from pipeline.transport.http import HttpFetcher
from pipeline.transport.robots import Robots
from pipeline.workers.children import Broken, Children, Limits

_MOST = 20
"""Pages asked for at one poll of a feed; the other new entries keep their teasers."""
_MEMORY_BYTES = 1_000_000_000


class Pages:
    """Fetches pages of entries; whatever fails, the teaser stays."""

    def __init__(self, fetcher: HttpFetcher, user_agent: str) -> None:
        self._fetcher = fetcher
        self._robots = Robots(fetcher, user_agent)
        self._children = Children(
            "pipeline.workers.pages:work", Limits(memory_bytes=_MEMORY_BYTES, workers=1, slow=1)
        )
        self.refused: Counter[str] = Counter()
        """Why teasers stayed."""

    async def texts(self, items: list[Item], outlet: str, now: datetime) -> dict[str, PageText]:
        """Return the texts of entries' pages, by canonical URL."""
        found: dict[str, PageText] = {}
        for item in items[:_MOST]:
            page = await self._page(item, outlet, now)
            if isinstance(page, Refusal):
                self.refused[page.reason] += 1
            elif len(page.text) > len(item.text):
                found[item.key] = page
        return found

    async def close(self) -> None:
        """End the processes."""
        await self._children.close()

    async def _page(self, item: Item, outlet: str, now: datetime) -> PageText | Refusal:
        if (reason := await self._robots.may_fetch(item.url, now)) is not None:
            return Refusal(reason)
        fetched = await self._fetcher.fetch_page(item.url)
        if fetched.fault is not None:
            return Refusal(fetched.fault)
        reply = await self._children.call(json.dumps(outlet).encode(), fetched.body)
        if isinstance(reply, Broken):
            return Refusal(f"reading the page {reply}")
        told = json.loads(reply)
        return Refusal(told["reason"]) if "reason" in told else PageText(told["text"], told["published"])


def work(note: bytes, body: bytes) -> bytes:
    """Read one page; the note is the outlet's name as JSON."""
    page = read_page(body, json.loads(note))
    if isinstance(page, Refusal):
        return json.dumps({"reason": page.reason}).encode()
    return json.dumps({"text": page.text, "published": page.published}).encode()

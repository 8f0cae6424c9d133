"""Bytes of feeds in; readings out, made in processes that are killed when they take too long or too much."""

from __future__ import annotations

import json
from typing import Protocol

from pipeline.articles.normalize import Reading, read_feed
from pipeline.articles.parse import BODY_LIMIT, Refusal
from pipeline.workers.children import Broken, Children, Limits
from pipeline.workers.reading import reading_of

LIMITS = Limits(memory_bytes=300_000_000)
"""For one document; with the longest that is fetched, feedparser needs about half of it."""
_REASONS = {Broken.SLOW: "parsing took too long", Broken.DEAD: "parser died (out of memory?)"}


class Parser(Protocol):
    """Reads documents."""

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        """Parse and normalize one document; never raises for what it holds."""

    async def close(self) -> None:
        """Let go of processes."""


class InlineParser:
    """Parses in this process, without limits: for bundled samples and tests."""

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        """Parse now."""
        return read_feed(body, content_type, base_url)

    async def close(self) -> None:
        """Nothing is held."""


class ProcessParser:
    """Parses in child processes (see `children`), so that no document holds up others by a second."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._children = Children("pipeline.workers.reading:work", limits or LIMITS)

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        """Parse within the limits; a document that breaks them is refused and costs its child the life."""
        if len(body) > BODY_LIMIT:
            return Refusal("feed too large")
        reply = await self._children.call(json.dumps([content_type, base_url]).encode(), body)
        return Refusal(_REASONS[reply]) if isinstance(reply, Broken) else reading_of(reply)

    async def close(self) -> None:
        """End the children."""
        await self._children.close()

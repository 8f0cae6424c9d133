"""What was decided on a feed's entries in; its new and edited articles on their topic, acknowledged, out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from pipeline.articles.feed import Feed
from pipeline.articles.window import Window
from pipeline.contract.article import DateQuality
from pipeline.contract.codec import encode, headers
from pipeline.contract.topics import ARTICLES
from pipeline.telemetry import ARTICLES_PUBLISHED, RECORDS_SENT
from pipeline.transport.base import Publisher
from pipeline.transport.cursors import Cursors
from pipeline.workers.enriching import Enricher
from pipeline.workers.rounds import in_thread

_STOP_GRACE_S = 4.0
_BREATH = 4
"""Articles that are made ready before others may have the loop."""


class ArticleSender:
    """Sends articles, and waits for the acknowledgement until `stopping` is set, then a little longer."""

    def __init__(
        self, publisher: Publisher, cursors: Cursors, enricher: Enricher, stopping: asyncio.Event
    ) -> None:
        self._publisher = publisher
        self._cursors = cursors
        self._enricher = enricher
        self._stopping = stopping

    async def send(self, feed: Feed, window: Window, now: datetime) -> bool:
        """Return True once all are acknowledged, False when stopped before; raises DependencyError."""
        sent = [decision for _, decision in window.decisions if decision.article is not None]
        if not sent:
            return True
        undated = (decision.known for decision in sent if decision.known.quality is not DateQuality.FEED)
        self._cursors.announce(undated)
        records = []
        for decision in sent:
            if decision.article is not None:
                article = self._enricher.enrich(decision.article)
                records.append((article.article_id, encode(article)))
            if len(records) % _BREATH == 0:
                await asyncio.sleep(0)  # requests under way want the loop too
        sending = asyncio.create_task(in_thread(lambda: self._publish(records, now)))
        if not await self._unless_stopped(sending):
            return False
        sending.result()
        ARTICLES_PUBLISHED.labels(feed.feed_id).inc(len(records))
        RECORDS_SENT.labels(ARTICLES.name).inc(len(records))
        return True

    def _publish(self, records: Sequence[tuple[str, bytes]], now: datetime) -> None:
        for key, value in records:
            self._publisher.send(ARTICLES.name, key, value, headers(ARTICLES, key, value, now))
        self._publisher.flush()

    async def _unless_stopped(self, task: asyncio.Task[None]) -> bool:
        """Wait for a task; after `stopping` a little longer, then cancel it. Tells whether it is done."""
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait({task}, timeout=_STOP_GRACE_S)
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return not task.cancelled()

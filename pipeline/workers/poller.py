"""Feeds in; new and edited articles on their topic out. Wiring only: articles/ decides.

    schedule → fetch → parse, normalize → decide → send, flush → save cursors

Fetching and parsing run for several feeds at once; the rest runs feed by feed, in the order in which
feeds are due, so that the same answers give the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from pipeline.articles import schedule
from pipeline.articles.dedupe import Known
from pipeline.articles.feed import Feed
from pipeline.articles.fulltext import PageText, wanting, with_pages
from pipeline.articles.normalize import Reading
from pipeline.articles.parse import Refusal
from pipeline.articles.rhythm import smoothed_gap
from pipeline.articles.schedule import FeedState
from pipeline.articles.stories import Stories
from pipeline.articles.window import Before, Window, decide_window
from pipeline.contract.article import DateQuality
from pipeline.contract.codec import encode, headers
from pipeline.contract.errors import DependencyError
from pipeline.contract.record import format_utc
from pipeline.contract.topics import ARTICLES
from pipeline.telemetry import (
    ARTICLES_PUBLISHED,
    BATCH_SECONDS,
    FEED_GAPS,
    RECORDS_SENT,
    beat,
)
from pipeline.transport.base import Fetched, Fetcher, Now, Publisher
from pipeline.transport.cursors import Cursors
from pipeline.workers.enriching import Enricher
from pipeline.workers.pages import Pages
from pipeline.workers.parsing import Parser
from pipeline.workers.rounds import PollStats, count, in_thread, log_round, report_fault

log = structlog.get_logger()
_LONGEST_SLEEP_S = 5.0
_LONGEST_RETRY_S = 3.0
_STOP_GRACE_S = 4.0
_AHEAD = 8
"""Feeds at work at once for each request in flight: they wait for a turn at their domain, or to be sent."""
_KEPT = timedelta(days=180)
"""How long an article is remembered that its feed no longer shows."""
_GONE = 410


@dataclass(frozen=True, slots=True)
class _Answer:
    """What asking one feed brought: the reading, or None for 304, or why there is none."""

    fetched: Fetched
    reading: Reading | Refusal | None
    pages: Mapping[str, PageText] = field(default_factory=dict)
    """Texts of pages, by canonical URL of the entry."""


class Poller:
    """Polls feeds and publishes what they bring; a feed that fails never stops the others."""

    def __init__(
        self,
        feeds: Sequence[Feed],
        fetcher: Fetcher,
        parser: Parser,
        publisher: Publisher,
        cursors: Cursors,
        *,
        owners: Mapping[str, str] | None = None,
        pages: Pages | None = None,
        concurrency: int = 8,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        self._feeds = tuple(feeds)
        self._fetcher = fetcher
        self._parser = parser
        self._publisher = publisher
        self._cursors = cursors
        self._pages = pages
        self._enricher = Enricher(Stories(cursors.stories()), owners)
        self._room = asyncio.Semaphore(_AHEAD * concurrency)
        self._pruned_at: datetime | None = None
        self._concurrency = concurrency
        self._now = now
        self._stopping = asyncio.Event()

    async def poll_once(self, now: datetime) -> PollStats:
        """Poll every feed that is due at `now` (aware) once, publish and save; returns what was done.

        Raises DependencyError when the publisher or the cursors fail; then nothing that was not
        acknowledged is remembered. Returns early after `stop`.
        """
        began = time.monotonic()
        states = self._cursors.feed_states()
        # Pages take their time: feeds that need them come last, and hold nobody up.
        ready = sorted(schedule.due(self._feeds, states, now), key=lambda feed: feed.full_text)
        stats = PollStats(feeds=len(ready))
        asked = [asyncio.create_task(self._ask(feed, schedule.state_of(feed, states))) for feed in ready]
        try:
            for feed, task in zip(ready, asked, strict=True):
                if not await self._unless_stopped(task):
                    break
                work = asyncio.create_task(
                    self._take(feed, schedule.state_of(feed, states), task.result(), now, stats)
                )
                if not await self._unless_stopped(work, _STOP_GRACE_S):
                    break
                work.result()
                self._room.release()
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            self._room = asyncio.Semaphore(_AHEAD * self._concurrency)
        self._prune(now)
        BATCH_SECONDS.labels("poller").set(time.monotonic() - began)
        if ready:
            log_round(stats)
        return stats

    async def run(self) -> None:
        """Poll until `stop`; where the broker (after its own patience) or the disk fails, again 3 s later."""
        failures = 0
        while not self._stopping.is_set():
            beat("poller")
            try:
                await self.poll_once(self._now())
                failures = 0
                await self._sleep(self._until_due())
            except DependencyError as error:
                failures += 1
                log.error("poll_not_published", error=str(error), failures=failures)
                await self._sleep(min(_LONGEST_RETRY_S, 2.0**failures))

    def stop(self) -> None:
        """End `run` and a round in progress within 5 s; what was not acknowledged is sent again next time."""
        self._stopping.set()

    async def close(self) -> None:
        """Let go of connections, the parser's process and the cursors; the publisher is its owner's."""
        await self._fetcher.close()
        await self._parser.close()
        if self._pages is not None:
            await self._pages.close()
        self._cursors.close()

    async def _ask(self, feed: Feed, state: FeedState) -> _Answer:
        """Fetch and parse; whatever goes wrong there is this feed's fault alone."""
        await self._room.acquire()  # while publishing waits, so does fetching
        try:
            return await self._answer(feed, state)
        except Exception as error:
            return _Answer(Fetched(0), Refusal(f"{type(error).__name__}: {error}"))

    async def _answer(self, feed: Feed, state: FeedState) -> _Answer:
        fetched = await self._fetcher.fetch(state.asked, state.etag, state.last_modified)
        if fetched.fault is not None:
            return _Answer(fetched, Refusal(fetched.fault))
        if fetched.unchanged:
            return _Answer(fetched, None)
        content_type = fetched.headers.get("content-type", "")
        base = fetched.url or state.asked
        reading = await self._parser.read(fetched.body, content_type, base)
        if self._pages is None or not feed.full_text or isinstance(reading, Refusal):
            return _Answer(fetched, reading)
        items = wanting(reading.items, self._cursors.by_id)
        return _Answer(fetched, reading, await self._pages.texts(items, feed.outlet, self._now()))

    async def _take(
        self, feed: Feed, state: FeedState, answer: _Answer, now: datetime, stats: PollStats
    ) -> None:
        """Publish what an answer brings, then save; nothing is awaited between the two."""
        fetched, reading = answer.fetched, answer.reading
        if isinstance(reading, Refusal):
            wait_s = schedule.retry_after(fetched.headers.get("retry-after"), now)
            gone = fetched.status == _GONE
            state = schedule.after_failure(state, feed, now, wait_s, gone=gone)
            self._cursors.save(state)
            stats.faults += 1
            report_fault(feed, reading.reason, state)
            return
        if state.failures:
            log.info("feed_recovered", feed=feed.feed_id, failures=state.failures)
        age = schedule.max_age(fetched.headers.get("cache-control"))
        if reading is None:
            after = schedule.after_not_modified(state, feed, now, max_age_s=age, moved_to=fetched.moved_to)
            self._cursors.save(after)
            stats.not_modified += 1
        else:
            window = self._decide(feed, state, reading, now)
            if feed.full_text:
                window = with_pages(window, answer.pages)
            await self._publish(feed, window, now)
            state = _told(state, reading, window, now)
            state = schedule.after_answer(
                state, feed, now, fetched.etag, fetched.last_modified,
                max_age_s=age, moved_to=fetched.moved_to,
            )  # fmt: skip
            known = [(guid, decision.known) for guid, decision in window.decisions]
            self._cursors.save(state, known, self._enricher.changes())
            count(stats, reading, window)
        beat("poller")

    def _decide(self, feed: Feed, state: FeedState, reading: Reading, now: datetime) -> Window:
        def by_guid(guid: str) -> Known | None:
            return self._cursors.by_guid(feed.feed_id, guid)

        before = None if state.polled_at is None else Before(state.polled_at, state.window)
        return decide_window(
            reading.items, feed, now, state.newest_at, by_guid, self._cursors.by_id, before,
            self._cursors.first_seen,
        )  # fmt: skip

    async def _publish(self, feed: Feed, window: Window, now: datetime) -> None:
        articles = [
            self._enricher.enrich(decision.article)
            for _, decision in window.decisions
            if decision.article is not None
        ]
        if not articles:
            return
        if window.gap is not None:
            FEED_GAPS.labels(feed.feed_id).inc()
            log.warning("feed_gap", feed=feed.feed_id, since=format_utc(window.gap.last_polled_at))
        sent = [decision.known for _, decision in window.decisions if decision.article is not None]
        self._cursors.announce(one for one in sent if one.quality is not DateQuality.FEED)
        records = [(article.article_id, encode(article)) for article in articles]
        await in_thread(lambda: self._send(records, now))
        ARTICLES_PUBLISHED.labels(feed.feed_id).inc(len(records))
        RECORDS_SENT.labels(ARTICLES.name).inc(len(records))

    def _send(self, records: Sequence[tuple[str, bytes]], now: datetime) -> None:
        for key, value in records:
            self._publisher.send(ARTICLES.name, key, value, headers(ARTICLES, key, value, now))
        self._publisher.flush()

    def _prune(self, now: datetime) -> None:
        """Once a day, forget what no feed has shown for long."""
        if self._pruned_at is None or now - self._pruned_at >= timedelta(days=1):
            self._pruned_at = now
            if gone := self._cursors.prune(now - _KEPT):
                log.info("articles_forgotten", articles=gone)

    async def _unless_stopped(self, task: asyncio.Task[Any], grace_s: float = 0.0) -> bool:
        """Wait for a task; after `stop` only for `grace_s` more, then cancel it. Tells whether it is done."""
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait({task}, timeout=grace_s)
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return not task.cancelled()

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but wake at once on `stop`, and mark being alive now and then."""
        end = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := end - time.monotonic()) > 0:
            beat("poller")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), min(left, _LONGEST_SLEEP_S))

    def _until_due(self) -> float:
        """Seconds until a feed is due, one at least."""
        at = schedule.next_due(self._feeds, self._cursors.feed_states())
        return 1.0 if at is None else max(1.0, (at - self._now()).total_seconds())


def _told(state: FeedState, reading: Reading, window: Window, now: datetime) -> FeedState:
    """What a window tells of its feed; one that is stale or empty tells little."""
    if not window.ids:
        return state
    return replace(
        state,
        newest_at=window.newest_at,
        polled_at=now,
        window=window.ids,
        gap_s=smoothed_gap(window.dates, now),
        hints=reading.hints,
    )

"""Feeds in; new and edited articles on their topic out. Wiring only: articles/ decides.

    schedule → fetch → parse, normalize → decide → send, flush → save cursors

Fetching and parsing run for several feeds at once; the rest runs feed by feed, in the order in which
feeds are due, so that the same answers give the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from pipeline.articles import schedule
from pipeline.articles.dedupe import Known, Verdict
from pipeline.articles.feed import Feed
from pipeline.articles.normalize import Reading
from pipeline.articles.parse import Refusal
from pipeline.articles.schedule import FeedState
from pipeline.articles.window import Window, decide_window
from pipeline.contract.codec import encode, headers
from pipeline.contract.errors import DependencyError
from pipeline.contract.record import format_utc
from pipeline.contract.topics import ARTICLES
from pipeline.telemetry import ARTICLES_PUBLISHED, BATCH_SECONDS, FEED_FAULTS, RECORDS_SENT, beat
from pipeline.transport.base import Fetched, Fetcher, Now, Publisher
from pipeline.transport.cursors import Cursors
from pipeline.workers.parsing import Parser

log = structlog.get_logger()
_LONGEST_SLEEP_S = 5.0
_LONGEST_RETRY_S = 3.0
_STOP_GRACE_S = 4.0


@dataclass(slots=True)
class PollStats:
    """What one round did; counts of entries unless the name says otherwise."""

    feeds: int = 0
    """Feeds that were due."""
    faults: int = 0
    """Feeds without a usable answer."""
    not_modified: int = 0
    """Feeds that answered 304."""
    entries: int = 0
    new: int = 0
    edited: int = 0
    unchanged: int = 0
    """Known and as before, repeated, stale, or published by another feed."""
    stale: int = 0
    """Those among them whose text differs, but stands in a window older than one already seen."""
    refused: Counter[str] = field(default_factory=Counter)
    """By reason."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What asking one feed brought: the reading, or None for 304, or why there is none."""

    fetched: Fetched
    reading: Reading | Refusal | None


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
        concurrency: int = 8,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        self._feeds = tuple(feeds)
        self._fetcher = fetcher
        self._parser = parser
        self._publisher = publisher
        self._cursors = cursors
        self._slots = asyncio.Semaphore(concurrency)
        self._now = now
        self._stopping = asyncio.Event()

    async def poll_once(self, now: datetime) -> PollStats:
        """Poll every feed that is due at `now` (aware) once, publish and save; returns what was done.

        Raises DependencyError when the publisher or the cursors fail; then nothing that was not
        acknowledged is remembered. Returns early after `stop`.
        """
        began = time.monotonic()
        states = self._cursors.feed_states()
        ready = schedule.due(self._feeds, states, now)
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
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        BATCH_SECONDS.labels("poller").set(time.monotonic() - began)
        if ready:
            _log_round(stats)
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
        self._cursors.close()

    async def _ask(self, feed: Feed, state: FeedState) -> _Answer:
        """Fetch and parse; whatever goes wrong there is this feed's fault alone."""
        try:
            return await self._answer(feed, state)
        except Exception as error:
            return _Answer(Fetched(0), Refusal(f"{type(error).__name__}: {error}"))

    async def _answer(self, feed: Feed, state: FeedState) -> _Answer:
        async with self._slots:
            fetched = await self._fetcher.fetch(feed.url, state.etag, state.last_modified)
            if fetched.fault is not None:
                return _Answer(fetched, Refusal(fetched.fault))
            if fetched.unchanged:
                return _Answer(fetched, None)
            content_type = fetched.headers.get("content-type", "")
            return _Answer(fetched, await self._parser.read(fetched.body, content_type, feed.url))

    async def _take(
        self, feed: Feed, state: FeedState, answer: _Answer, now: datetime, stats: PollStats
    ) -> None:
        """Publish what an answer brings, then save; nothing is awaited between the two."""
        fetched, reading = answer.fetched, answer.reading
        if isinstance(reading, Refusal):
            wait_s = schedule.retry_after(fetched.headers.get("retry-after"), now)
            state = schedule.after_failure(state, feed, now, wait_s)
            self._cursors.save(state)
            stats.faults += 1
            _report_fault(feed, reading.reason, state)
        elif reading is None:
            self._cursors.save(schedule.after_not_modified(state, feed, now))
            stats.not_modified += 1
        else:
            window = self._decide(feed, state, reading, now)
            await self._publish(feed, window, now)
            state = schedule.after_answer(state, feed, now, fetched.etag, fetched.last_modified)
            changes = ((guid, decision.known) for guid, decision in window.decisions)
            self._cursors.save(replace(state, newest_at=window.newest_at), changes)
            _count(stats, reading, window)
        beat("poller")

    def _decide(self, feed: Feed, state: FeedState, reading: Reading, now: datetime) -> Window:
        def by_guid(guid: str) -> Known | None:
            return self._cursors.by_guid(feed.feed_id, guid)

        return decide_window(reading.items, feed, now, state.newest_at, by_guid, self._cursors.by_id)

    async def _publish(self, feed: Feed, window: Window, now: datetime) -> None:
        articles = [decision.article for _, decision in window.decisions if decision.article is not None]
        if not articles:
            return
        records = [(article.article_id, encode(article)) for article in articles]
        await _in_thread(lambda: self._send(records, now))
        ARTICLES_PUBLISHED.labels(feed.feed_id).inc(len(records))
        RECORDS_SENT.labels(ARTICLES.name).inc(len(records))

    def _send(self, records: Sequence[tuple[str, bytes]], now: datetime) -> None:
        for key, value in records:
            self._publisher.send(ARTICLES.name, key, value, headers(ARTICLES, key, value, now))
        self._publisher.flush()

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


async def _in_thread(work: Callable[[], None]) -> None:
    """Run blocking work in a thread that the end need not wait for, should the broker be away."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if not done.done():
            done.set_result(None) if error is None else done.set_exception(error)

    def call() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=call, name="publish", daemon=True).start()
    await done


def _report_fault(feed: Feed, reason: str, state: FeedState) -> None:
    FEED_FAULTS.labels(feed.feed_id).inc()
    due = None if state.next_due is None else format_utc(state.next_due)
    log.warning("feed_failed", feed=feed.feed_id, reason=reason, failures=state.failures, next_due=due)


def _count(stats: PollStats, reading: Reading, window: Window) -> None:
    counts = window.counts
    stats.entries += len(reading.items) + sum(reading.refused.values())
    stats.new += counts.get(Verdict.NEW, 0)
    stats.edited += counts.get(Verdict.EDITED, 0)
    stats.unchanged += window.repeated + sum(
        counts.get(verdict, 0) for verdict in (Verdict.UNCHANGED, Verdict.STALE, Verdict.ELSEWHERE)
    )
    stats.stale += counts.get(Verdict.STALE, 0)
    stats.refused.update(reading.refused)


def _log_round(stats: PollStats) -> None:
    log.info(
        "polled",
        feeds=stats.feeds,
        faults=stats.faults,
        not_modified=stats.not_modified,
        entries=stats.entries,
        new=stats.new,
        edited=stats.edited,
        refused=dict(stats.refused),
    )

"""Feeds in; new and edited articles on their topic out. Wiring only: articles/ decides.

    schedule → fetch → parse, normalize → decide → send, flush → save cursors

Fetching and parsing run for several feeds at once (`asking`); the rest runs feed by feed, in the order in
which feeds were due unless one is slow, so that the same answers give the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from pipeline.articles import schedule
from pipeline.articles.dedupe import url_id
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
from pipeline.contract.topics import ARTICLES
from pipeline.telemetry import ARTICLES_PUBLISHED, BATCH_SECONDS, RECORDS_SENT, beat
from pipeline.transport.base import Fetcher, Now, Publisher
from pipeline.transport.cursors import Cursors
from pipeline.workers.asking import Answer, Asking
from pipeline.workers.enriching import Enricher
from pipeline.workers.pages import Pages
from pipeline.workers.parsing import Parser
from pipeline.workers.rounds import PollStats, count, in_thread, log_round, report

log = structlog.get_logger()
_LOOK_S = 1.0
"""Between looks at which feeds are due."""
_LONGEST_ROUND_S = 60.0
"""What was done is told at least so often."""
_LONGEST_RETRY_S = 3.0
_STOP_GRACE_S = 4.0
_KEPT = timedelta(days=180)
_GONE = 410
_BREATH = 4
"""Articles that are made ready before others may have the loop."""


class Poller:
    """Polls feeds and publishes what they bring; a feed that fails or is slow never stops the others."""

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
        remember: timedelta = _KEPT,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        """`remember` is how long an article is known after its feed showed it last."""
        self._feeds = tuple(feeds)
        self._fetcher = fetcher
        self._parser = parser
        self._publisher = publisher
        self._cursors = cursors
        self._states = cursors.feed_states()
        self._enricher = Enricher(Stories(cursors.stories()), owners)
        self._pages = pages
        self._asking = Asking(fetcher, parser, concurrency, None if pages is None else self._page_texts)
        self._remember = remember
        self._pruned_at: datetime | None = None
        self._now = now
        self._stopping = asyncio.Event()

    async def poll_once(self, now: datetime) -> PollStats:
        """Poll every feed that is due at `now` (aware) once, publish and save; returns what was done.

        Raises DependencyError when the publisher or the cursors fail; then nothing that was not
        acknowledged is remembered. Returns early after `stop`.
        """
        began = time.monotonic()
        stats = PollStats(feeds=self._ask_due(lambda: now))
        try:
            while len(self._asking) and not self._stopping.is_set():
                answer = await self._asking.next(_LOOK_S)
                if answer is not None:
                    await self._take(answer, stats)
                beat("poller")
        finally:
            await self._asking.abandon()
        self._prune(now)
        _tell(stats, began)
        return stats

    async def run(self) -> None:
        """Poll until `stop`.

        Where the broker (after its own patience) or the disk fails, answers are kept and tried again
        within 3 s; no feed is asked anew meanwhile.
        """
        stats, began, failures, look_at = PollStats(), time.monotonic(), 0, 0.0
        while not self._stopping.is_set():
            beat("poller")
            if not failures and time.monotonic() >= look_at:
                stats.feeds += self._ask_due(self._now)
                look_at = time.monotonic() + _LOOK_S
            try:
                answer = await self._asking.next(look_at - time.monotonic())
                if answer is not None:
                    await self._take(answer, stats)
                else:
                    self._prune(self._now())
                failures = 0
            except DependencyError as error:
                failures += 1
                log.error("poll_not_published", error=str(error), failures=failures)
                await self._sleep(min(_LONGEST_RETRY_S, 2.0**failures))
            if not len(self._asking) or time.monotonic() - began > _LONGEST_ROUND_S:
                _tell(stats, began)
                stats, began = PollStats(), time.monotonic()
        await self._asking.abandon()

    def stop(self) -> None:
        """End `run` and a round in progress within 5 s; what was not acknowledged is sent again next time."""
        self._stopping.set()
        self._asking.wake()

    async def close(self) -> None:
        """Let go of connections, the parser's process and the cursors; the publisher is its owner's."""
        await self._asking.abandon()
        await self._fetcher.close()
        await self._parser.close()
        if self._pages is not None:
            await self._pages.close()
        self._cursors.close()

    def _ask_due(self, now: Now) -> int:
        """Ask the feeds that are due and not being asked yet; returns how many."""
        due = schedule.due(self._feeds, self._states, now())
        ready = [feed for feed in due if feed.feed_id not in self._asking]
        for feed in ready:
            self._asking.ask(feed, schedule.state_of(feed, self._states), now)
        return len(ready)

    async def _take(self, answer: Answer, stats: PollStats) -> None:
        """Publish what an answer brings, then save; nothing is awaited between the two."""
        feed, state, fetched, now = answer.feed, answer.state, answer.fetched, answer.at
        age = schedule.max_age(fetched.headers.get("cache-control"))
        if isinstance(answer.reading, Refusal):
            wait_s = schedule.retry_after(fetched.headers.get("retry-after"), now)
            after = schedule.after_failure(state, feed, now, wait_s, gone=fetched.status == _GONE)
            self._cursors.save(after)
            stats.faults += 1
            report(state, after, answer.reading.reason)
        elif answer.reading is None:
            after = schedule.after_not_modified(state, feed, now, max_age_s=age, moved_to=fetched.moved_to)
            self._cursors.save(after)
            stats.not_modified += 1
            report(state, after)
        else:
            window = self._decide(feed, state, answer.reading, now)
            if feed.full_text:
                window = with_pages(window, answer.pages)
            if not await self._publish(feed, window, now):
                return
            after = schedule.after_answer(
                _told(state, answer.reading, window, now), feed, now, fetched.etag, fetched.last_modified,
                max_age_s=age, moved_to=fetched.moved_to,
            )  # fmt: skip
            known = [(guid, decision.known) for guid, decision in window.decisions]
            left = state.window - after.window
            self._cursors.save(after, known, self._enricher.changes(), left)
            self._enricher.saved()
            count(stats, answer.reading, window)
            report(state, after, gap=window.gap)
        self._states[feed.feed_id] = after
        self._asking.settle(answer)

    def _decide(self, feed: Feed, state: FeedState, reading: Reading, now: datetime) -> Window:
        guids = {item.guid for item in reading.items if item.guid}
        names = {url_id(item.key) for item in reading.items if item.key}
        known = self._cursors.recall(feed.feed_id, guids, names)
        before = None if state.polled_at is None else Before(state.polled_at, state.window)
        return decide_window(
            reading.items, feed, now, state.newest_at, known.by_guid.get, known.by_id.get, before,
            self._cursors.first_seen,
        )  # fmt: skip

    async def _page_texts(self, feed: Feed, reading: Reading) -> Mapping[str, PageText]:
        """Pages of new and changed teasers; without them, should the worst come to the worst."""
        assert self._pages is not None
        try:
            items = wanting(reading.items, self._cursors.by_id)
            return await self._pages.texts(items, feed.outlet, self._now())
        except Exception as error:
            log.warning("pages_failed", feed=feed.feed_id, error=f"{type(error).__name__}: {error}")
            return {}

    async def _publish(self, feed: Feed, window: Window, now: datetime) -> bool:
        """Send new and edited articles; True once they are acknowledged, False when stopped before."""
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
        sending = asyncio.create_task(in_thread(lambda: self._send(records, now)))
        if not await self._unless_stopped(sending):
            return False
        sending.result()
        ARTICLES_PUBLISHED.labels(feed.feed_id).inc(len(records))
        RECORDS_SENT.labels(ARTICLES.name).inc(len(records))
        return True

    def _send(self, records: Sequence[tuple[str, bytes]], now: datetime) -> None:
        for key, value in records:
            self._publisher.send(ARTICLES.name, key, value, headers(ARTICLES, key, value, now))
        self._publisher.flush()

    def _prune(self, now: datetime) -> None:
        """Once a day, forget what no feed has shown for long."""
        if self._pruned_at is None or now - self._pruned_at >= timedelta(days=1):
            self._pruned_at = now
            if gone := self._cursors.prune(now - self._remember):
                log.info("articles_forgotten", articles=gone)

    async def _unless_stopped(self, task: asyncio.Task[None]) -> bool:
        """Wait for a task; after `stop` only a little longer, then cancel it. Tells whether it is done."""
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

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but wake at once on `stop`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


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


def _tell(stats: PollStats, began: float) -> None:
    """Say what was done since `began`, of a monotonic clock, if anything was."""
    BATCH_SECONDS.labels("poller").set(time.monotonic() - began)
    if stats.feeds:
        log_round(stats)

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
from typing import Protocol

import structlog

from pipeline.armed import Point, reach
from pipeline.articles import schedule
from pipeline.articles.dedupe import url_id
from pipeline.articles.feed import Feed
from pipeline.articles.fulltext import PageText, wanting, with_pages
from pipeline.articles.normalize import Reading
from pipeline.articles.parse import Refusal
from pipeline.articles.schedule import FeedState
from pipeline.articles.stories import Stories
from pipeline.articles.websub import Wish, wish_of
from pipeline.articles.window import Before, Window, decide_window, remembered
from pipeline.contract.errors import DependencyError, RefusedError
from pipeline.telemetry import BATCH_SECONDS, FEED_ANSWERED_AT, FEEDS_CONFIGURED, beat
from pipeline.transport.base import Fetched, Fetcher, Now, Publisher
from pipeline.transport.cursors import Cursors
from pipeline.workers.asking import Answer, Asking
from pipeline.workers.clocksteps import ClockSteps
from pipeline.workers.enriching import Enricher
from pipeline.workers.pages import Pages
from pipeline.workers.parsing import Parser
from pipeline.workers.rounds import PollStats, count, log_round, report
from pipeline.workers.sending import ArticleSender

log = structlog.get_logger()
_LOOK_S = 1.0
"""Between looks at which feeds are due."""
_LONGEST_ROUND_S = 60.0
"""What was done is told at least so often."""
_LONGEST_RETRY_S = 3.0
_KEPT = timedelta(days=180)
_GONE = 410
_PUSHES = 4
"""Pushed documents that may wait; their bytes are held."""


class Hubs(Protocol):
    """Who can have a feed's news pushed."""

    def want(self, feed_id: str, wish: Wish | None) -> None:
        """Say what to subscribe to for a feed from now on; None ends what there was."""


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
        self._cursors = cursors
        self._states = schedule.believed(cursors.feed_states(), now())
        self._clock = ClockSteps(now)
        self._enricher = Enricher(Stories(cursors.stories()), owners)
        self._pages = pages
        self._asking = Asking(fetcher, parser, concurrency, None if pages is None else self._page_texts)
        self._remember = remember
        self._pruned_at: datetime | None = None
        self._now = now
        self._stopping = asyncio.Event()
        self._sender = ArticleSender(publisher, cursors, self._enricher, self._stopping)
        self._hubs: Hubs | None = None
        self._plain_hubs = False
        FEEDS_CONFIGURED.set(len(self._feeds))
        for feed in self._feeds:  # a feed that never answers is to be seen as well
            FEED_ANSWERED_AT.labels(feed.feed_id)

    def subscribe_by(self, hubs: Hubs, *, plain: bool = False) -> None:
        """Have news pushed where a feed names a hub; hubs without TLS only if `plain`. Polling goes on."""
        self._hubs, self._plain_hubs = hubs, plain
        for feed in self._feeds:
            self._want(schedule.state_of(feed, self._states))

    def push(self, feed_id: str, body: bytes, content_type: str) -> bool:
        """Take a document that a hub pushed, as coming from the feed; False where there is no room for it."""
        feed = next((feed for feed in self._feeds if feed.feed_id == feed_id), None)
        if feed is None:
            return True
        if self._asking.pushed >= _PUSHES:
            return False
        state = schedule.state_of(feed, self._states)
        fetched = Fetched(200, body, headers={"content-type": content_type}, url=state.asked)
        self._asking.take(feed, state, fetched, self._now)
        return True

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
        within 3 s; no feed is asked anew meanwhile. Raises RefusedError where no retry can help.
        """
        stats, began, failures, look_at = PollStats(), time.monotonic(), 0, 0.0
        while not self._stopping.is_set():
            beat("poller")
            if not failures and time.monotonic() >= look_at:
                if step := self._clock.taken():
                    self._states = schedule.shifted(self._states, step)
                stats.feeds += self._ask_due(self._now)
                look_at = time.monotonic() + _LOOK_S
            try:
                answer = await self._asking.next(look_at - time.monotonic())
                if answer is not None:
                    await self._take(answer, stats)
                else:
                    self._prune(self._now())
                failures = 0
            except RefusedError:
                raise
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
        feed, reading = answer.feed, answer.reading
        state = schedule.state_of(feed, self._states) if answer.is_push else answer.state
        if not isinstance(reading, Reading):
            if answer.is_push:
                log.warning("push_refused", feed=feed.feed_id, reason=getattr(reading, "reason", ""))
            else:
                self._states[feed.feed_id] = self._not_read(answer, stats)
            self._asking.settle(answer)
            return
        window = self._decide(feed, state, reading, answer)
        if not await self._sender.send(feed, window, answer.at):
            return
        reach(Point.POLLER_SENT)
        after = self._after(answer, window, reading)
        known = [(guid, decision.known) for guid, decision in window.decisions]
        self._cursors.save(after, known, self._enricher.changes(), state.window - after.window)
        self._enricher.saved()
        self._states[feed.feed_id] = after
        self._want(after, answer.fetched.headers.get("link", ""))
        self._asking.settle(answer)
        count(stats, reading, window)
        report(state, after, gap=window.gap)

    def _not_read(self, answer: Answer, stats: PollStats) -> FeedState:
        """Save that a feed was asked in vain, or had nothing new."""
        feed, state, fetched, now = answer.feed, answer.state, answer.fetched, answer.at
        if isinstance(answer.reading, Refusal):
            wait_s = schedule.retry_after(fetched.headers.get("retry-after"), now)
            after = schedule.after_failure(state, feed, now, wait_s, gone=fetched.status == _GONE)
            stats.faults += 1
            report(state, after, answer.reading.reason)
        else:
            age = schedule.max_age(fetched.headers.get("cache-control"))
            after = schedule.after_not_modified(state, feed, now, max_age_s=age, moved_to=fetched.moved_to)
            stats.not_modified += 1
            report(state, after)
        self._cursors.save(after)
        return after

    def _after(self, answer: Answer, window: Window, reading: Reading) -> FeedState:
        """What is to be remembered of a feed whose entries are published."""
        feed, fetched = answer.feed, answer.fetched
        if answer.is_push:  # it is no window of the feed, and says nothing about when to come again
            return replace(schedule.state_of(feed, self._states), newest_at=window.newest_at)
        return schedule.after_answer(
            remembered(answer.state, reading, window, answer.at), feed, answer.at, fetched.etag,
            fetched.last_modified, max_age_s=schedule.max_age(fetched.headers.get("cache-control")),
            moved_to=fetched.moved_to,
        )  # fmt: skip

    def _want(self, state: FeedState, link_header: str = "") -> None:
        if self._hubs is not None:
            wish = wish_of(state.hints, link_header, state.asked, plain=self._plain_hubs)
            self._hubs.want(state.feed_id, wish if isinstance(wish, Wish) else None)

    def _decide(self, feed: Feed, state: FeedState, reading: Reading, answer: Answer) -> Window:
        guids = {item.guid for item in reading.items if item.guid}
        names = {url_id(item.key) for item in reading.items if item.key}
        known = self._cursors.recall(feed.feed_id, guids, names)
        before = None
        if state.polled_at is not None and not answer.is_push:
            before = Before(state.polled_at, state.window)
        window = decide_window(
            reading.items, feed, answer.at, state.newest_at, known.by_guid.get, known.by_id.get, before,
            self._cursors.first_seen,
        )  # fmt: skip
        return with_pages(window, answer.pages) if feed.full_text else window

    async def _page_texts(self, feed: Feed, reading: Reading) -> Mapping[str, PageText]:
        """Pages of new and changed teasers; without them, should the worst come to the worst."""
        assert self._pages is not None
        try:
            items = wanting(reading.items, self._cursors.by_id)
            return await self._pages.texts(items, feed.outlet, self._now())
        except Exception as error:
            log.warning("pages_failed", feed=feed.feed_id, error=f"{type(error).__name__}: {error}")
            return {}

    def _prune(self, now: datetime) -> None:
        """Once a day, forget what no feed has shown for long."""
        if self._pruned_at is None or now - self._pruned_at >= timedelta(days=1):
            self._pruned_at = now
            if gone := self._cursors.prune(now - self._remember):
                log.info("articles_forgotten", articles=gone)

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but wake at once on `stop`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


def _tell(stats: PollStats, began: float) -> None:
    """Say what was done since `began`, of a monotonic clock, if anything was."""
    BATCH_SECONDS.labels("poller").set(time.monotonic() - began)
    if stats.feeds:
        log_round(stats)

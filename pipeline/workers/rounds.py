"""What polling did, counted and logged; and how it waits for blocking work."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from pipeline.articles.dedupe import Verdict
from pipeline.articles.normalize import Reading
from pipeline.articles.schedule import FeedState
from pipeline.articles.window import Window
from pipeline.contract.article import Gap
from pipeline.contract.record import format_utc
from pipeline.telemetry import FEED_ANSWERED_AT, FEED_FAULTS, FEED_GAPS, FEED_RECOVERIES

log = structlog.get_logger()


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


async def in_thread(work: Callable[[], None]) -> None:
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


def count(stats: PollStats, reading: Reading, window: Window) -> None:
    """Add what became of one feed's entries."""
    counts = window.counts
    stats.entries += len(reading.items) + sum(reading.refused.values())
    stats.new += counts.get(Verdict.NEW, 0)
    stats.edited += counts.get(Verdict.EDITED, 0)
    stats.unchanged += window.repeated + sum(
        counts.get(verdict, 0) for verdict in (Verdict.UNCHANGED, Verdict.STALE, Verdict.ELSEWHERE)
    )
    stats.stale += counts.get(Verdict.STALE, 0)
    stats.refused.update(reading.refused)


def log_round(stats: PollStats) -> None:
    """Say what a round did."""
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


def report(before: FeedState, after: FeedState, fault: str | None = None, gap: Gap | None = None) -> None:
    """Say what changed for a feed: it failed, is gone, came back, moved, or may have lost entries."""
    feed = after.feed_id
    due = None if after.next_due is None else format_utc(after.next_due)
    if fault is not None:
        FEED_FAULTS.labels(feed).inc()
        if not after.retired:
            log.warning("feed_failed", feed=feed, reason=fault, failures=after.failures, next_due=due)
        elif not before.retired:
            log.warning("feed_retired", feed=feed, reason=fault, next_due=due)
    elif before.failures:
        FEED_RECOVERIES.labels(feed).inc()
        log.info("feed_recovered", feed=feed, failures=before.failures)
    if fault is None:
        FEED_ANSWERED_AT.labels(feed).set_to_current_time()
    if after.asked != before.asked:
        log.warning("feed_moved", feed=feed, before=before.asked, now=after.asked)
    if gap is not None:
        FEED_GAPS.labels(feed).inc()
        log.warning("feed_gap", feed=feed, since=format_utc(gap.last_polled_at))

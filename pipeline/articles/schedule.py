"""States of feeds and a moment in; which feeds are due, and when each is due next, out.

Nobody draws lots: the spread that keeps feeds from being asked at once is a hash of the feed's name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pipeline.articles.dates import read_date
from pipeline.articles.feed import Feed

BACK_OFF_CAP_S = 6 * 3600
"""Longest wait after failures, unless the feed asks for more."""
RETRY_AFTER_CAP_S = 24 * 3600
"""Longest wait that a feed may ask for."""
SPREAD = 0.1
"""Part of an interval by which feeds are spread to either side."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between polls."""

    feed_id: str
    url: str
    """The address that the validators belong to."""
    etag: str | None = None
    last_modified: str | None = None
    next_due: datetime | None = None
    failures: int = 0
    """Polls without a usable answer since the last good one."""
    newest_at: datetime | None = None
    """Newest trusted date that the feed has shown."""


def state_of(feed: Feed, states: Mapping[str, FeedState]) -> FeedState:
    """Return the state of a feed; a changed address keeps only the newest date."""
    state = states.get(feed.feed_id)
    if state is None:
        return FeedState(feed.feed_id, feed.url)
    if state.url != feed.url:
        return FeedState(feed.feed_id, feed.url, newest_at=state.newest_at)
    return state


def due(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> list[Feed]:
    """List the feeds to poll at `now`, longest overdue first; a feed never polled comes first."""
    waiting = [(state_of(feed, states).next_due, feed) for feed in feeds]
    ready = [(at, feed) for at, feed in waiting if at is None or at <= now]
    long_ago = datetime.min.replace(tzinfo=UTC)
    return [feed for _, feed in sorted(ready, key=lambda pair: (pair[0] or long_ago, pair[1].feed_id))]


def next_due(feeds: Iterable[Feed], states: Mapping[str, FeedState]) -> datetime | None:
    """Return when the next feed is due; None where one is due at once or there are none."""
    moments = [state_of(feed, states).next_due for feed in feeds]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known and len(known) == len(moments) else None


def after_answer(
    state: FeedState, feed: Feed, now: datetime, etag: str | None, last_modified: str | None
) -> FeedState:
    """Remember a good answer and its validators; due again after the feed's interval, spread by its name."""
    wait = feed.interval_s * (1 + SPREAD * _spread(feed.feed_id))
    return replace(
        state, etag=etag, last_modified=last_modified, failures=0, next_due=now + timedelta(seconds=wait)
    )


def after_not_modified(state: FeedState, feed: Feed, now: datetime) -> FeedState:
    """Remember that nothing changed; the validators stay (RFC 9110, section 15.4.5)."""
    return after_answer(state, feed, now, state.etag, state.last_modified)


def after_failure(
    state: FeedState, feed: Feed, now: datetime, retry_after_s: float | None = None
) -> FeedState:
    """Remember a failure: the interval doubles with each one up to a cap, and Retry-After is obeyed.

    Validators are dropped, so that the next answer is a full one.
    """
    failures = state.failures + 1
    wait = min(float(BACK_OFF_CAP_S), feed.interval_s * 2.0 ** min(failures - 1, 20))
    wait = max(wait, float(feed.interval_s)) * (1 + SPREAD * _spread(f"{feed.feed_id}\0{failures}"))
    wait = max(wait, min(retry_after_s or 0.0, RETRY_AFTER_CAP_S))
    return replace(
        state, etag=None, last_modified=None, failures=failures, next_due=now + timedelta(seconds=wait)
    )


def retry_after(header: str | None, now: datetime) -> float | None:
    """Read Retry-After as seconds from `now`: a number, or an HTTP date (RFC 9110, section 10.2.3).

    >>> retry_after("120", datetime(2024, 3, 21, tzinfo=UTC))
    120.0
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = read_date(text)
    return None if moment is None else max(0.0, (moment.at - now).total_seconds())


def _spread(name: str) -> float:
    """Give a name a place in [-1, 1)."""
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return number / 2**63 - 1

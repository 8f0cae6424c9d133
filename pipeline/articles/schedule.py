"""States of feeds and a moment in; which feeds are due, and when each is due next, out.

A feed is asked in its own rhythm, never sooner than it allows (`ttl`, `skipHours`, `skipDays`, max-age,
Retry-After). Nobody draws lots: the spread that keeps feeds from being asked at once is a hash of the
feed's name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pipeline.articles.dates import read_date
from pipeline.articles.feed import Feed
from pipeline.articles.hints import NO_HINTS, FeedHints
from pipeline.articles.rhythm import wait_of, with_silence

BACK_OFF_CAP_S = 6 * 3600
"""Longest wait after failures, unless the feed asks for more."""
HINT_CAP_S = 24 * 3600
"""Longest wait that a feed may ask for by `ttl` and max-age, which many set without much thought."""
RETRY_AFTER_CAP_S = 30 * 24 * 3600
"""Longest wait by Retry-After; what asks for more is a mistake."""
RETIRED_WAIT_S = 7 * 24 * 3600
"""A feed that says it is gone for good (410) is asked once a week, should it have been a mistake."""
SPREAD = 0.1
"""Part of an interval by which feeds are spread to either side."""
_SAME_MOVES = 3
"""A permanent redirect is believed after so many equal answers in a row (RFC 9110, section 15.4.2)."""
_FAILURES_OF_A_MOVE = 3
"""After so many failures at an address that a redirect gave, the configured one is asked again."""
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between polls."""

    feed_id: str
    url: str
    """The configured address that all of this belongs to."""
    etag: str | None = None
    last_modified: str | None = None
    next_due: datetime | None = None
    failures: int = 0
    """Polls without a usable answer since the last good one."""
    newest_at: datetime | None = None
    """Newest trusted date that the feed has shown."""
    polled_at: datetime | None = None
    """Last good answer with entries."""
    gap_s: float | None = None
    """Smoothed seconds between entries of the newest window."""
    hints: FeedHints = NO_HINTS
    moved_to: str | None = None
    """Where permanent redirects lead, and how many answers in a row said so."""
    moves: int = 0
    address: str | None = None
    """A believed redirect: asked instead of `url`."""
    retired: bool = False
    """The last answer was 410 Gone."""
    window: frozenset[str] = frozenset()
    """article_ids of the newest window of entries."""

    @property
    def asked(self) -> str:
        """The address to ask."""
        return self.address or self.url


def state_of(feed: Feed, states: Mapping[str, FeedState]) -> FeedState:
    """Return the state of a feed; a changed address keeps only what is known of its entries."""
    state = states.get(feed.feed_id)
    if state is None:
        return FeedState(feed.feed_id, feed.url)
    if state.url != feed.url:
        return FeedState(
            feed.feed_id, feed.url, newest_at=state.newest_at, polled_at=state.polled_at, window=state.window
        )
    return state


def due(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> list[Feed]:
    """List the feeds to poll at `now`, longest overdue first; a feed never polled comes first."""
    waiting = [(state_of(feed, states).next_due, feed) for feed in feeds]
    ready = [(at, feed) for at, feed in waiting if at is None or at <= now]
    long_ago = datetime.min.replace(tzinfo=UTC)
    return [feed for _, feed in sorted(ready, key=lambda pair: (pair[0] or long_ago, pair[1].feed_id))]


def shifted(states: Mapping[str, FeedState], by: timedelta) -> dict[str, FeedState]:
    """What is due, kept as far away as it was, when the clock was set `by` so much."""
    return {
        name: state if state.next_due is None else replace(state, next_due=state.next_due + by)
        for name, state in states.items()
    }


def believed(states: Mapping[str, FeedState], now: datetime) -> dict[str, FeedState]:
    """What was saved under a clock that has been set back since tells nothing of when a feed is due."""
    return {
        name: replace(state, next_due=None) if state.polled_at and state.polled_at > now else state
        for name, state in states.items()
    }


def after_answer(
    state: FeedState,
    feed: Feed,
    now: datetime,
    etag: str | None,
    last_modified: str | None,
    *,
    max_age_s: float = 0.0,
    moved_to: str | None = None,
) -> FeedState:
    """Remember a good answer and its validators; due again in the feed's rhythm, spread by its name.

    What the entries told (`gap_s`, `hints`, `newest_at`, `window`) is set by the caller beforehand.
    """
    wait = _interval(state, feed, now) * (1 + SPREAD * _spread(feed.feed_id))
    wait = max(wait, _capped(state.hints.ttl_s), _capped(max_age_s))
    state = _moved(state, moved_to)
    return replace(
        state,
        etag=etag,
        last_modified=last_modified,
        failures=0,
        retired=False,
        next_due=_allowed(now + timedelta(seconds=wait), state.hints),
    )


def after_not_modified(
    state: FeedState, feed: Feed, now: datetime, *, max_age_s: float = 0.0, moved_to: str | None = None
) -> FeedState:
    """Remember that nothing changed; the validators stay (RFC 9110, section 15.4.5)."""
    return after_answer(
        state, feed, now, state.etag, state.last_modified, max_age_s=max_age_s, moved_to=moved_to
    )


def after_failure(
    state: FeedState, feed: Feed, now: datetime, retry_after_s: float | None = None, *, gone: bool = False
) -> FeedState:
    """Remember a failure: the interval doubles with each one up to a cap.

    Retry-After, `ttl` and skipped hours are obeyed. Validators are dropped, so that the next answer is a
    full one. `gone` (410) retires the feed.
    """
    failures = state.failures + 1
    interval = _interval(state, feed, now)
    wait = min(float(BACK_OFF_CAP_S), interval * 2.0 ** min(failures - 1, 20))
    wait = RETIRED_WAIT_S if gone else max(wait, interval)
    wait *= 1 + SPREAD * _spread(f"{feed.feed_id}\0{failures}")
    wait = max(wait, _capped(state.hints.ttl_s), _capped(retry_after_s, RETRY_AFTER_CAP_S))
    lost = state.address is not None and failures >= _FAILURES_OF_A_MOVE
    return replace(
        state,
        etag=None,
        last_modified=None,
        failures=failures,
        retired=gone,
        moved_to=None,
        moves=0,
        address=None if lost else state.address,
        next_due=_allowed(now + timedelta(seconds=wait), state.hints),
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


def max_age(header: str | None) -> float:
    """Read max-age of Cache-Control, seconds; 0 where there is none (RFC 9111, section 5.2.2.1).

    >>> max_age("public, max-age=600")
    600.0
    """
    found = _MAX_AGE.search(header or "")
    return float(found[1]) if found else 0.0


def _interval(state: FeedState, feed: Feed, now: datetime) -> float:
    if feed.interval_s is not None:
        return float(feed.interval_s)
    silence_s = 0.0 if state.newest_at is None else (now - state.newest_at).total_seconds()
    return wait_of(with_silence(state.gap_s, silence_s))


def _capped(wish_s: float | None, cap_s: float = HINT_CAP_S) -> float:
    return min(wish_s or 0.0, cap_s)


def _allowed(at: datetime, hints: FeedHints) -> datetime:
    """The first moment from `at` on that lies in no skipped hour or day; `at` where all are skipped."""
    moment = at.astimezone(UTC)
    for _ in range(8 * 24):
        if moment.hour not in hints.skip_hours and moment.weekday() not in hints.skip_days:
            return moment if moment > at else at
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at


def _moved(state: FeedState, moved_to: str | None) -> FeedState:
    """Count equal permanent redirects; the third is believed."""
    if moved_to is None or moved_to == state.asked:
        return replace(state, moved_to=None, moves=0)
    moves = state.moves + 1 if moved_to == state.moved_to else 1
    if moves < _SAME_MOVES:
        return replace(state, moved_to=moved_to, moves=moves)
    return replace(state, moved_to=None, moves=0, address=None if moved_to == state.url else moved_to)


def _spread(name: str) -> float:
    """Give a name a place in [-1, 1)."""
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return number / 2**63 - 1

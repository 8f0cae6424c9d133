"""Dates of a feed's entries in; how long to wait between polls, by the feed's own rhythm, out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

LEAST_WAIT_S = 300.0
LONGEST_WAIT_S = 6 * 3600.0
UNKNOWN_WAIT_S = 900.0
"""Where a feed's entries tell no rhythm."""
_SHARE = 0.5
"""Polls in a gap between entries: two, so that an entry waits half a gap at most."""
_NEWER = 0.3
"""Weight of the newer gap in the exponential smoothing (Brown 1956)."""


def smoothed_gap(dates: Iterable[datetime], now: datetime) -> float | None:
    """Seconds between entries, exponentially smoothed from the oldest gap to the newest.

    Gaps count as twelve hours at most, so that an old entry that a feed keeps on top doesn't tell the
    rhythm. None where fewer than two moments up to `now` are told.
    """
    moments = sorted({moment for moment in dates if moment <= now})
    if len(moments) < 2:
        return None
    gaps = [min((b - a).total_seconds(), LONGEST_WAIT_S / _SHARE) for a, b in pairwise(moments)]
    smoothed = gaps[0]
    for gap in gaps[1:]:
        smoothed += _NEWER * (gap - smoothed)
    return smoothed


def with_silence(gap_s: float | None, silence_s: float) -> float | None:
    """The smoothed gap once the silence since the newest entry is longer: it counts as the next gap.

    So a feed that fell silent is asked less and less often.

    >>> with_silence(600.0, 300.0), with_silence(600.0, 1600.0)
    (600.0, 900.0)
    """
    return None if gap_s is None else max(gap_s, gap_s + _NEWER * (silence_s - gap_s))


def wait_of(gap_s: float | None) -> float:
    """Seconds between polls for a gap between entries: half of it, five minutes to six hours.

    >>> wait_of(3600.0), wait_of(1.0), wait_of(None)
    (1800.0, 300.0, 900.0)
    """
    if gap_s is None:
        return UNKNOWN_WAIT_S
    return min(max(_SHARE * gap_s, LEAST_WAIT_S), LONGEST_WAIT_S)

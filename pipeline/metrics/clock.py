"""Publication hours in; ticks, watermark and finality out. All in whole hours since 1970, UTC.

A tick T closes the hour before it: the bucket b is inside from T = b + 1 on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.params import HOURS_A_DAY

Hours = NDArray[np.int64]
Mask = NDArray[np.bool_]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticks_of(published_hours: Iterable[int]) -> Hours:
    """List the ticks: the end of every hour in which something was published, and each midnight between.

    >>> ticks_of([1, 50]).tolist()
    [2, 24, 48, 51]
    """
    ends = {hour + 1 for hour in published_hours}
    if not ends:
        return np.empty(0, np.int64)
    first, last = min(ends), max(ends)
    midnights = np.arange(-(-first // HOURS_A_DAY) * HOURS_A_DAY, last, HOURS_A_DAY, dtype=np.int64)
    return np.union1d(np.fromiter(ends, np.int64, len(ends)), midnights)


def between(ticks: Hours, after: int, until: int) -> Mask:
    """Tell which ticks lie in (after, until]."""
    inside: Mask = (ticks > after) & (ticks <= until)
    return inside


def moment(hour: int) -> datetime:
    """The aware moment of an hour."""
    return _EPOCH + timedelta(hours=int(hour))


def moment_us(microseconds: int) -> datetime:
    """The aware moment of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(when: datetime) -> int:
    """Microseconds since 1970 of an aware moment."""
    return (when - _EPOCH) // timedelta(microseconds=1)


def hour_of(day: date) -> int:
    """The hour in which a day (UTC) begins."""
    return (day - _EPOCH.date()).days * HOURS_A_DAY

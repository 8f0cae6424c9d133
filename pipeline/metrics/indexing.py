"""A coalition's daily strengths in; its strength against its own past out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.metrics.clock import Hours, hour_of
from pipeline.metrics.journal import Day
from pipeline.metrics.params import MetricParams
from pipeline.metrics.records import Indexed
from pipeline.metrics.trail import Floats
from pipeline.ontology.coalition import Coalition

_LEAST = 30
"""Days without which a z says nothing."""
_YEAR = 8766
"""Hours, leap days included."""
_FLAT = 1e-9


class Past:
    """A coalition's daily strengths and the baseline they give."""

    def __init__(self, coalition: Coalition, days: Sequence[Day], params: MetricParams) -> None:
        told = [(day.tick, day.strengths[coalition.name]) for day in days if coalition.name in day.strengths]
        self._params = params
        self._ticks: Hours = np.array([tick for tick, _ in told], np.int64)
        self._strengths: Floats = np.array([strength for _, strength in told]).reshape(-1, len(params.views))
        self._first, self._end, self._complete = _baseline(coalition, self._ticks, params.index_days)

    def index(self, tick: int, strength: Floats) -> Indexed | None:
        """100 is the mean over the baseline; None until the baseline is over, or where its mean is nothing.

        z compares with the daily values of the trailing years before the tick, None where they are
        fewer than thirty or all alike.
        """
        if self._complete is None or tick < self._complete:
            return None
        base = _mean(self._strengths[self._first : self._end])
        if not (base > 0).all():
            return None
        start = int(np.searchsorted(self._ticks, tick - self._params.index_years * _YEAR))
        past = self._strengths[start : int(np.searchsorted(self._ticks, tick))]
        z: list[float | None] = [None] * len(strength)
        if len(past) >= _LEAST:
            mean = _mean(past)
            spread = np.sqrt(_mean((past - mean) ** 2) * len(past) / (len(past) - 1))
            z = [
                float((now - m) / sd) if sd > _FLAT else None
                for now, m, sd in zip(strength, mean, spread, strict=True)
            ]
        values = tuple((100 * strength / base).tolist())
        return Indexed(values, tuple(z), int(self._ticks[self._first]), int(self._ticks[self._end - 1]))


def _baseline(coalition: Coalition, ticks: Hours, days: int) -> tuple[int, int, int | None]:
    """First and end of the baseline among the daily values, and from which tick it is complete.

    The configured period where any value lies in it, else the first days with any.
    """
    if coalition.baseline is not None:
        since, until = (hour_of(day) for day in coalition.baseline)
        first = int(np.searchsorted(ticks, since, side="right"))
        end = int(np.searchsorted(ticks, until, side="right"))
        if end > first:
            return first, end, until
    return (0, days, int(ticks[days - 1])) if len(ticks) >= days else (0, 0, None)


def _mean(values: Floats) -> Floats:
    found: Floats = np.add.accumulate(values, axis=0)[-1] / len(values)
    return found

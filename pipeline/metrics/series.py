"""One dyad's cells in; its sums over every view at any ticks out, the same bits however many are asked for.

Windows are differences of integer prefix sums: exact. Decays add `mass · 2^(−age/h)` one after the other
in the order of buckets (numpy's `add.accumulate`, never the pairwise `sum`), with weights from a table,
so that a value depends neither on the other ticks of the call nor on the processor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.entry import Entry
from pipeline.metrics.impulse import Contribution, in_time
from pipeline.metrics.ledger import Cell, CellKey
from pipeline.metrics.params import MICRO, MetricParams, View

Floats = NDArray[np.float64]
_BLOCK = 200_000
"""Cells times ticks handled at once; bounds memory, changes no value."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over views and ticks, shape (views, ticks); masses in Goldstein units, squares in their square."""

    n: Hours
    coop: Floats
    conflict: Floats
    squares: Floats


class Series:
    """One dyad's history, sorted for reading."""

    def __init__(self, cells: dict[CellKey, Cell], entries: list[Entry], params: MetricParams) -> None:
        self._params = params
        by_hour: dict[int, list[int]] = {}
        for (bucket, _), cell in sorted(cells.items()):
            row = by_hour.setdefault(bucket, [0, 0, 0, 0])
            for index, more in enumerate((cell.n, cell.coop, cell.conflict, cell.coop2 + cell.conflict2)):
                row[index] += more
        self._buckets = np.array(list(by_hour), np.int64)
        self._values = np.array(list(by_hour.values()), np.int64).reshape(-1, 4).T
        self._prefix = np.concatenate([np.zeros((4, 1), np.int64), np.cumsum(self._values, axis=1)], axis=1)
        kept = [entry for entry in entries if in_time(entry, params)]
        self._present = np.array(sorted(mark.bucket for entry in kept for mark in entry.marks), np.int64)
        spans = [span for entry in kept for span in _revised(entry, params)]
        self._revised_from = np.array(sorted(start for start, _ in spans), np.int64)
        self._revised_until = np.array(sorted(end for _, end in spans), np.int64)

    def sums(self, ticks: Hours) -> Sums:
        """Add up every view at each tick."""
        views = self._params.views
        n = np.zeros((len(views), len(ticks)), np.int64)
        masses = np.zeros((3, len(views), len(ticks)))
        for index, view in enumerate(views):
            totals = self._window(view, ticks)
            n[index] = totals[0]
            if view.half_life_h is None:
                masses[:, index] = totals[1:] / MICRO
        decays = [index for index, view in enumerate(views) if view.half_life_h is not None]
        if decays and n[decays[0]].any():
            masses[:, decays] = self._decays(ticks)
        return Sums(n, *masses)

    def present(self, ticks: Hours) -> Mask:
        """Tell at which ticks the dyad has any entry, counted or not, within the retention."""
        return _inside(self._present, self._present + self._params.retention_h, ticks) > 0

    def revisions(self, ticks: Hours) -> Hours:
        """Count late reports, corrections and withdrawals within the retention, at each tick."""
        return _inside(self._revised_from, self._revised_until, ticks)

    def last_presence(self, ticks: Hours) -> int | None:
        """The last of some sorted ticks at which the dyad is present."""
        for bucket in reversed(self._present.tolist()):
            start = int(np.searchsorted(ticks, bucket, side="right"))
            end = int(np.searchsorted(ticks, bucket + self._params.retention_h, side="right"))
            if end > start:
                return int(ticks[end - 1])
        return None

    def _window(self, view: View, ticks: Hours) -> Hours:
        start = np.searchsorted(self._buckets, ticks - view.reach_h, side="left")
        end = np.searchsorted(self._buckets, ticks, side="left")
        inside: Hours = self._prefix[:, end] - self._prefix[:, start]
        return inside

    def _decays(self, ticks: Hours) -> Floats:
        """Decayed sums of C, K and squares: shape (3, half-lives, ticks)."""
        table = decay_table(tuple(view for view in self._params.views if view.half_life_h is not None))
        step = max(1, _BLOCK // max(1, len(self._buckets)))
        blocks = [self._decay_block(table, ticks[i : i + step]) for i in range(0, len(ticks), step)]
        return np.concatenate(blocks, axis=2)

    def _decay_block(self, table: Floats, ticks: Hours) -> Floats:
        reach = self._params.retention_h
        start = int(np.searchsorted(self._buckets, ticks.min() - reach, side="left"))
        end = int(np.searchsorted(self._buckets, ticks.max(), side="left"))
        if start == end:
            return np.zeros((3, len(table), len(ticks)))
        ages = ticks[:, None] - 1 - self._buckets[start:end]
        weights = table[:, np.where((ages >= 0) & (ages < reach), ages, reach)]
        values = self._values[1:, start:end] / MICRO
        parts = [values[0] * weights, values[1] * weights, values[2] * (weights * weights)]
        return np.stack([np.add.accumulate(part, axis=-1)[..., -1] for part in parts])


class Impulses:
    """One dyad's contributions, ready to be ranked."""

    def __init__(self, contributions: list[Contribution], params: MetricParams) -> None:
        self._params = params
        self._contributions = contributions
        self._buckets = np.array([part.bucket for part in contributions], np.int64)
        self._masses = np.array([part.impulse for part in contributions], np.int64) / MICRO

    def top(self, tick: int) -> list[list[tuple[Contribution, float]]]:
        """For each view the contributions that weigh most at a tick, with their decayed impulses.

        Largest first, ties by event_id; none that weigh nothing.
        """
        params = self._params
        ages = tick - 1 - self._buckets
        clipped = np.where((ages >= 0) & (ages < params.retention_h), ages, params.retention_h)
        decays = iter(decay_table(tuple(v for v in params.views if v.half_life_h is not None)))
        ranked = []
        for view in params.views:
            inside = (ages >= 0) & (ages < view.reach_h)
            weighed = self._masses * (inside if view.half_life_h is None else next(decays)[clipped])
            order = np.argsort(-np.abs(weighed), kind="stable")[: params.top_events]
            ranked.append([(self._contributions[i], float(weighed[i])) for i in order if weighed[i]])
        return ranked


@lru_cache(maxsize=8)
def decay_table(views: tuple[View, ...]) -> Floats:
    """Weights 2^(−age/h) by whole hours of age, a row for each decaying view; the last column is zero."""
    rows = [
        [2.0 ** (-age / view.half_life_h) for age in range(view.reach_h)] + [0.0]
        for view in views
        if view.half_life_h is not None
    ]
    return np.array(rows)


def _revised(entry: Entry, params: MetricParams) -> list[tuple[int, int]]:
    """Between which ticks (after, until] each revision of an event is a change after the fact.

    A correction is one wherever any revision may have counted; a first report only at ticks that
    were final when it was published.
    """
    first, last = entry.hours
    until = last + params.retention_h
    ends = [
        until if mark.revision > 1 else min(until, mark.published_hour - params.lateness_h)
        for mark in entry.marks
    ]
    return [(first, end) for end in ends if end > first]


def _inside(starts: Hours, ends: Hours, ticks: Hours) -> Hours:
    """Count the intervals (start, end] that hold each tick; both arrays sorted."""
    begun = np.searchsorted(starts, ticks, side="left")
    over = np.searchsorted(ends, ticks, side="left")
    return (begun - over).astype(np.int64)

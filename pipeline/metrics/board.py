"""Many dyads' trails side by side; the sums of all of them in every view at a tick out, in one pass.

Rows are dyads in the order of their names. A trail that changed since the rows were laid side by side is read
from a small board of its own: the same arithmetic, so the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.params import HOURS_A_DAY, MICRO, MetricParams
from pipeline.metrics.trail import KINDS, Floats, Trail, weight

_TICKS_KEPT = 4
_ROW = 1 << 33
_EARLIEST = 1 << 32
"""Added to hours so that keys stay ordered for dates before 1970."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over views and dyads, shape (views, dyads); masses in Goldstein units, squares in their square."""

    n: Hours
    coop: Floats
    conflict: Floats
    squares: Floats
    present: Mask
    """Whether a dyad had any report, counted or not, within the retention: (dyads,)."""

    def put(self, rows: Hours, other: Sums) -> None:
        """Overwrite some rows by those of another board."""
        for mine, theirs in (
            (self.n, other.n),
            (self.coop, other.coop),
            (self.conflict, other.conflict),
            (self.squares, other.squares),
        ):
            mine[:, rows] = theirs
        self.present[rows] = other.present

    def copy(self) -> Sums:
        """The same numbers, free to be overwritten."""
        return Sums(
            self.n.copy(), self.coop.copy(), self.conflict.copy(), self.squares.copy(), self.present.copy()
        )


class Board:
    """The trails of some dyads, laid side by side."""

    def __init__(self, trails: Sequence[Trail | None], params: MetricParams) -> None:
        """Lay out trails in the order of rows; None is a dyad that was never in the news."""
        self._params = params
        halves = sum(view.half_life_h is not None for view in params.views)
        known = [(row, trail) for row, trail in enumerate(trails) if trail is not None]
        self._rows = len(trails)
        self._keys = _keys([(row, trail.buckets) for row, trail in known])
        self._seen = _keys([(row, trail.seen) for row, trail in known])
        empty = np.zeros((KINDS, 1), np.int64)
        self._running = np.concatenate(
            [empty, *(empty if trail is None else trail.running for trail in trails)], axis=1
        )[:, 1:]
        self._faded = np.concatenate([np.zeros((halves, 3, 0)), *(trail.faded for _, trail in known)], axis=2)
        self._hours = (self._keys % _ROW) - _EARLIEST
        self._told: dict[int, Sums] = {}
        self._busy: tuple[tuple[int, int], Hours] | None = None
        self._first = np.searchsorted(self._keys, np.arange(self._rows, dtype=np.int64) * _ROW)

    def sums(self, tick: int) -> Sums:
        """Add up every view at a tick; the last few ticks are remembered, since live ones come again."""
        if tick not in self._told:
            if len(self._told) == _TICKS_KEPT:
                del self._told[next(iter(self._told))]
            self._told[tick] = self._added(tick)
        return self._told[tick].copy()

    def _added(self, tick: int) -> Sums:
        views, reach = self._params.views, self._params.retention_h
        rows = np.arange(self._rows, dtype=np.int64)
        end = self._before(self._keys, rows, tick)
        starts = {hours: self._before(self._keys, rows, tick - hours) for hours in {v.reach_h for v in views}}
        n = np.zeros((len(views), self._rows), np.int64)
        masses = np.zeros((3, len(views), self._rows))
        faded = iter(self._faded)
        for index, view in enumerate(views):
            start = starts[view.reach_h]
            totals = self._running[:, end + rows] - self._running[:, start + rows]
            n[index] = totals[0]
            if view.half_life_h is None:
                masses[:, index] = totals[1:] / MICRO
            else:
                masses[:, index] = self._decayed(next(faded), (start, end), tick, view.half_life_h, totals)
        present = self._before(self._seen, rows, tick) > self._before(self._seen, rows, tick - reach)
        return Sums(n, masses[0], masses[1], masses[2], present)

    def busy(self, since: int, until: int) -> Hours:
        """Rows with a cell in [since, until)."""
        if self._busy is None or self._busy[0] != (since, until):
            rows = np.arange(self._rows, dtype=np.int64)
            more = self._before(self._keys, rows, until) > self._before(self._keys, rows, since)
            self._busy = ((since, until), np.flatnonzero(more))
        return self._busy[1]

    def _decayed(
        self, faded: Floats, span: tuple[Hours, Hours], tick: int, half: int, totals: Hours
    ) -> Floats:
        """Fade C, K and squares from each dyad's last cell to the tick, less what lies before the span."""
        start, end = span
        found = np.zeros((3, self._rows))
        rows = np.flatnonzero(totals[0])
        found[:, rows] = self._as_of(faded, end[rows] - 1, tick, half)
        older = rows[start[rows] > self._first[rows]]
        found[:, older] -= self._as_of(faded, start[older] - 1, tick, half)
        return np.where(totals[1:] > 0, np.maximum(found, 0.0), 0.0)

    def _as_of(self, faded: Floats, cells: Hours, tick: int, half: int) -> Floats:
        ages = tick - 1 - self._hours[cells]
        once, twice = weight(ages, half), weight(ages, half, power=2)
        return faded[:, cells] * np.stack([once, once, twice])

    def _before(self, keys: Hours, rows: Hours, tick: int) -> Hours:
        """How many keys lie before a tick of each row, all earlier rows' included."""
        found: Hours = np.searchsorted(keys, rows * _ROW + (tick + _EARLIEST))
        return found


class Table:
    """All dyads by name with their trails, read as one; cheap to change a few."""

    def __init__(self, params: MetricParams) -> None:
        self._params = params
        self._trails: dict[str, Trail | None] = {}
        self._dyads: list[str] = []
        self._board: Board | None = None
        self._dirty: set[str] = set()
        self._patch: Board | None = None

    @property
    def dyads(self) -> list[str]:
        """Names of the rows, sorted."""
        return self._dyads

    def change(self, trails: Mapping[str, Trail | None]) -> bool:
        """Set trails; tells whether rows were added."""
        grown = not trails.keys() <= self._trails.keys()
        self._trails.update(trails)
        self._dirty |= trails.keys()
        self._patch = None
        if grown:
            self._dyads = sorted(self._trails)
        if grown or len(self._dirty) > 64 + len(self._dyads) // 16:
            self._board = None
        return grown

    def sums(self, tick: int) -> Sums:
        """Add up every view of every dyad at a tick."""
        board, patch, rows = self._boards()
        found = board.sums(tick)
        if patch is not None:
            found.put(rows, patch.sums(tick))
        return found

    def busy(self, since: int, until: int) -> list[str]:
        """Dyads with counted news in [since, until), sorted."""
        board, patch, rows = self._boards()
        found = board.busy(since, until)
        if patch is not None:
            found = np.union1d(np.setdiff1d(found, rows), rows[patch.busy(since, until)])
        return [self._dyads[row] for row in found.tolist()]

    def daily(self, dyad: str, until: int, days: int) -> Floats:
        """Cooperation and conflict of each of the days that end at a tick, Goldstein units: (2, days)."""
        trail = self._trails[dyad]
        if trail is None:
            return np.zeros((2, days))
        borders = until - HOURS_A_DAY * np.arange(days, -1, -1)
        totals: Floats = np.diff(trail.running[1:3, np.searchsorted(trail.buckets, borders)], axis=1) / MICRO
        return totals

    def _boards(self) -> tuple[Board, Board | None, Hours]:
        """The main board, that of the rows changed since with their numbers."""
        if self._board is None:
            self._board = Board([self._trails[dyad] for dyad in self._dyads], self._params)
            self._dirty, self._patch = set(), None
        dirty = sorted(self._dirty)
        if dirty and self._patch is None:
            self._patch = Board([self._trails[dyad] for dyad in dirty], self._params)
        return self._board, self._patch, np.searchsorted(self._dyads, dirty).astype(np.int64)


def _keys(parts: Sequence[tuple[int, Hours]]) -> Hours:
    return np.concatenate(
        [np.empty(0, np.int64), *(row * _ROW + (hours + _EARLIEST) for row, hours in parts)]
    )

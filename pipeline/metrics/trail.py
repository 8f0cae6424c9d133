"""One dyad's cells in; running sums out, from which every view at any tick is read in constant time.

Windows are differences of integer running sums: exact. A decayed running sum stands at each cell as it was
when that hour closed, `P_k = X_k + P_{k−1}·2^(−(b_k − b_{k−1})/h)`; a later reading only fades it, and takes
off what has left the retention. Weights come from a table of whole hours, so that a reading depends neither
on what else is read at the same time nor on the processor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.clock import Hours
from pipeline.metrics.entry import Entry
from pipeline.metrics.impulse import in_time
from pipeline.metrics.ledger import Cell, CellKey
from pipeline.metrics.params import MICRO, MetricParams

Floats = NDArray[np.float64]
KINDS = 4
"""What is summed: happenings, cooperation, conflict, squares of both."""
_HALVINGS = 400
"""Half-lives that one stretch of a running sum may span; floats hold more than twice as many."""


@dataclass(frozen=True, slots=True)
class Trail:
    """One dyad's running sums, by cell."""

    buckets: Hours
    """Hours with a cell, ascending: (cells,)."""
    running: Hours
    """Happenings, C, K (micro-units) and squares before each cell, and after all: (4, cells + 1)."""
    faded: Floats
    """Decayed C, K and squares when each cell's hour closed, Goldstein units: (half-lives, 3, cells)."""
    seen: Hours
    """Hours of every report, counted or not, in time for the retention, ascending."""


def trail_of(cells: Mapping[CellKey, Cell], entries: Iterable[Entry], params: MetricParams) -> Trail:
    """Add up a dyad's cells (both directions together) and note when it was in the news."""
    by_hour: dict[int, list[int]] = {}
    for (bucket, _), cell in sorted(cells.items()):
        row = by_hour.setdefault(bucket, [0] * KINDS)
        for index, more in enumerate((cell.n, cell.coop, cell.conflict, cell.coop2 + cell.conflict2)):
            row[index] += more
    buckets = np.array(list(by_hour), np.int64)
    values = np.array(list(by_hour.values()), np.int64).reshape(-1, KINDS).T
    running = np.concatenate([np.zeros((KINDS, 1), np.int64), np.cumsum(values, axis=1)], axis=1)
    halves = tuple(view.half_life_h for view in params.views if view.half_life_h is not None)
    masses = values[1:] / MICRO
    faded = np.zeros((len(halves), 3, len(buckets)))
    for index, half in enumerate(halves):
        faded[index, :2] = _running_decay(buckets, masses[:2], half)
        faded[index, 2] = _running_decay(buckets, masses[2:], half, power=2)[0]
    seen = sorted(mark.bucket for entry in entries if in_time(entry, params) for mark in entry.marks)
    return Trail(buckets, running, faded, np.array(seen, np.int64))


def weight(hours: Hours, half_life_h: int, power: int = 1) -> Floats:
    """`2^(−power·hours/h)` for whole hours ≥ 0: a table of one half-life, halved exactly."""
    steps = power * hours
    found: Floats = np.ldexp(_table(half_life_h)[steps % half_life_h], -(steps // half_life_h))
    return found


def _running_decay(buckets: Hours, values: Floats, half_life_h: int, power: int = 1) -> Floats:
    """Running sums of values (kinds, cells), each faded to the hour at which it stands."""
    found = np.zeros_like(values)
    reach = _HALVINGS * half_life_h // power
    start, carried = 0, np.zeros((len(values), 1))
    while start < len(buckets):
        end = int(np.searchsorted(buckets, buckets[start] + reach, side="right"))
        if start:
            carried = carried * weight(buckets[start : start + 1] - buckets[start - 1], half_life_h, power)
        ages = buckets[start:end] - buckets[start]
        down = weight(ages, half_life_h, power)
        parts = values[:, start:end] / down
        parts[:, :1] += carried
        found[:, start:end] = np.add.accumulate(parts, axis=1) * down
        carried = found[:, end - 1 : end]
        start = end
    return found


@lru_cache(maxsize=16)
def _table(half_life_h: int) -> Floats:
    return np.array([2.0 ** (-step / half_life_h) for step in range(half_life_h)])

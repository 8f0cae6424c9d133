"""A table of dyads and a day in; which of them did something unusual that day, out."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from pipeline.metrics.board import Table
from pipeline.metrics.clock import Mask
from pipeline.metrics.params import HOURS_A_DAY, MetricParams
from pipeline.metrics.surge import log_ratio, robust_z
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import World

_DAYS = 91
"""The day itself and the 90 before."""


@dataclass(frozen=True, slots=True)
class Surge:
    """A dyad's day against its past: one detector that has reached its threshold."""

    kind: str
    """'surge_up', 'surge_down', 'more_coop' or 'more_conflict'."""
    dyad: str
    value: float
    threshold: float
    n_eff: float
    prior_share: float


@dataclass(frozen=True, slots=True)
class Readings:
    """Both detectors for the dyads in the news on a day; NaN where too little is known."""

    dyads: tuple[str, ...]
    z: Floats
    """Robust z of the day's net: (dyads,)."""
    ratio: Floats
    """Log-ratio of 7-day to 90-day mean cooperation and conflict: (dyads, 2)."""
    ratio_before: Floats
    """The same a day earlier."""

    def of(self) -> dict[str, tuple[float, float, float]]:
        """Robust z, and the log-ratios of cooperation and of conflict, by dyad."""
        both = zip(self.z.tolist(), self.ratio.tolist(), strict=True)
        return {
            dyad: (z, coop, conflict) for dyad, (z, (coop, conflict)) in zip(self.dyads, both, strict=True)
        }


def readings(table: Table, tick: int, reported: Set[int]) -> Readings:
    """Read both detectors for the day of the hour that a tick closes, so far."""
    day = (tick - 1) // HOURS_A_DAY
    dyads = table.busy(day * HOURS_A_DAY, tick)
    observed: Mask = np.array([day - back in reported for back in range(_DAYS - 1, -1, -1)])
    observed[-1] = True
    daily = np.zeros((len(dyads), 2, _DAYS))
    for index, dyad in enumerate(dyads):
        daily[index] = table.daily(dyad, (day + 1) * HOURS_A_DAY, _DAYS)
    if not dyads:
        return Readings((), np.empty(0), np.empty((0, 2)), np.empty((0, 2)))
    z = robust_z(daily[:, 0] - daily[:, 1], observed, start=_DAYS - 1)[:, -1]
    ratio = log_ratio(daily, observed)
    return Readings(tuple(dyads), z, ratio[..., -1], ratio[..., -2])


def surges(
    table: Table, world: World, tick: int, reported: Set[int], params: MetricParams
) -> tuple[Surge, ...]:
    """What reached a threshold on the day that a tick closes, by dyad; more of a mass on its first day."""
    found = readings(table, tick, reported)
    rows = world.rows.index(found.dyads)
    n_eff = world.plain.n_eff[params.headline, rows].tolist()
    share = world.plain.prior_share[params.headline, rows].tolist()
    new = np.where(found.ratio_before >= params.surge_ratio, np.nan, found.ratio)
    told = []
    for index, dyad in enumerate(found.dyads):
        z, (coop, conflict) = float(found.z[index]), new[index].tolist()
        for kind, reading, value, threshold in (
            ("more_conflict", conflict, conflict, params.surge_ratio),
            ("more_coop", coop, coop, params.surge_ratio),
            ("surge_down", -z, z, params.surge_z),
            ("surge_up", z, z, params.surge_z),
        ):
            if reading >= threshold:
                told.append(Surge(kind, dyad, value, threshold, n_eff[index], share[index]))
    return tuple(told)

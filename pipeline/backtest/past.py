"""Dyad-days in; every metric that a claim is made about, midnight by midnight, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.backtest.daily import DyadDays
from pipeline.contract.event import dyad_of
from pipeline.metrics.board import Table
from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.coalitions import measure
from pipeline.metrics.params import HOURS_A_DAY, MetricParams
from pipeline.metrics.roster import Roster
from pipeline.metrics.structure import Ties
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import Rows, World, rows_of, world_at
from pipeline.ontology.coalition import Coalition

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Past:
    """Series by midnight, in the headline view; (days, dyads) where nothing else is said."""

    params: MetricParams
    days: Hours
    """The day that each midnight closes, since 1970."""
    observed: Mask
    """Whether the source has anything of that day."""
    rows: Rows
    tie: Singles
    tone: Singles
    n_eff: Singles
    affinity: Singles
    coop: Singles
    """Of the day alone, Goldstein units."""
    conflict: Singles
    coalitions: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)
    """By coalition and metric: (days,)."""
    placebo: Mapping[str, Floats] = field(default_factory=dict)
    """Percentile of each coalition at the year's last day with data, by year; NaN where not defined."""
    years: tuple[int, ...] = ()
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each coalition on the last day."""

    @property
    def times(self) -> list[datetime]:
        """Each day as a moment."""
        return [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day)) for day in self.days]

    def row(self, one: str, other: str) -> int | None:
        """The row of a dyad, None where the source does not know it."""
        dyad = dyad_of(one, other)
        place = int(np.searchsorted(self.rows.dyads, dyad))
        known = place < len(self.rows.dyads) and self.rows.dyads[place] == dyad
        return place if known else None

    def of_year(self, year: int) -> Mask:
        """Which days lie in a year."""
        return np.array([time.year == year for time in self.times])


def relive(
    source: DyadDays, coalitions: Sequence[Coalition], params: MetricParams, by_sign: bool = False
) -> Past:
    """Measure every midnight after a day of the source, from its first to its last."""
    roster, table = Roster(coalitions), Table(params)
    table.change({**dict.fromkeys(roster.dyads), **source.trails(params, by_sign)})
    rows = rows_of(table.dyads)
    reported = source.reported
    days = np.arange(reported[0], reported[-1] + 1)
    shape = (len(days), len(rows.dyads))
    tie, tone, n_eff, affinity, coop, conflict = (np.zeros(shape, np.float32) for _ in range(6))
    told: dict[str, dict[str, list[float]]] = {name: {} for name in roster.names}
    placebo: dict[str, list[float]] = {name: [] for name in roster.names}
    years = sorted({int(day.astype("datetime64[D]").item().year) for day in days[[0, -1]]})
    years = list(range(years[0], years[-1] + 1))
    closing = {int(days[_of_year(days) == year][-1]) for year in years}
    day_view = [view.name for view in params.views].index("w1d")
    for number, day in enumerate(days.tolist()):
        world = world_at(table, rows, (day + 1) * HOURS_A_DAY, params)
        view = params.headline
        tie[number], tone[number] = world.tie[view], world.plain.tone[view]
        n_eff[number], affinity[number] = world.plain.n_eff[view], world.affinity[view]
        coop[number], conflict[number] = world.sums.coop[day_view], world.sums.conflict[day_view]
        _measure(world, roster, params, told)
        if day in closing:
            _compare(world, roster, params, placebo)
    return Past(
        params=params,
        days=days,
        observed=np.isin(days, reported),
        rows=rows,
        tie=tie,
        tone=tone,
        n_eff=n_eff,
        affinity=affinity,
        coop=coop,
        conflict=conflict,
        coalitions={n: {k: np.array(v) for k, v in series.items()} for n, series in told.items()},
        placebo={name: np.array(values) for name, values in placebo.items()},
        years=tuple(years),
        members={u.coalition: u.members for u in roster.at((int(days[-1]) + 1) * HOURS_A_DAY, rows).lineups},
    )


def _of_year(days: Hours) -> Hours:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _measure(
    world: World, roster: Roster, params: MetricParams, told: Mapping[str, dict[str, list[float]]]
) -> None:
    found = measure(world, roster.at(world.tick, world.rows), params)
    view, nan = params.headline, float("nan")
    for name, series in told.items():
        m = found.get(name)
        values = {
            "cohesion": nan if m is None else float(m.cohesion.value[view]),
            "low": nan if m is None else float(m.cohesion.low[view]),
            "high": nan if m is None else float(m.cohesion.high[view]),
            "opposition": nan if m is None or m.opposition is None else float(m.opposition.value[view]),
            "frustration": nan if m is None else float(m.frustration[view]),
        }
        for key, value in values.items():
            series.setdefault(key, []).append(value)


def _compare(world: World, roster: Roster, params: MetricParams, placebo: Mapping[str, list[float]]) -> None:
    bundle = roster.at(world.tick, world.rows)
    ties = Ties(world, params, max(len(lineup.members) for lineup in bundle.lineups))
    for number, lineup in enumerate(bundle.lineups):
        found = ties.structure(lineup, bundle.own.pairs.rows[bundle.own.pairs.of(number)])
        value = found.placebo_percentile
        placebo[lineup.coalition].append(float("nan") if value is None else value)

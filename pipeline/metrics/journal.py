"""Worlds at midnights in, one after the other; what each day adds to the running story of all days, out.

Some values depend on the days before: an index on its baseline, a candidate on its row of days, a bloc's
label on yesterday's. A day is computed from its world and the day before, so that when late news changes
a day, it and those after it are written again, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import numpy as np

from pipeline.metrics.blocs import communities, founders, matched
from pipeline.metrics.board import Table
from pipeline.metrics.bundle import Bundle
from pipeline.metrics.clock import moment
from pipeline.metrics.coalitions import Measures, measure
from pipeline.metrics.drift import Standing, step
from pipeline.metrics.outsiders import Outsiders, outsiders_of
from pipeline.metrics.params import HOURS_A_DAY, MetricParams
from pipeline.metrics.roster import Roster
from pipeline.metrics.structure import Structure, Ties
from pipeline.metrics.surges import Surge, surges
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import World

Outsider = tuple[str, str]
"""Coalition and state."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An outsider that has become a candidate."""

    outsider: Outsider
    drift: float
    low: float
    high: float
    n_eff: float
    prior_share: float


@dataclass(frozen=True, slots=True)
class Day:
    """What is remembered of one midnight."""

    tick: int
    strengths: Mapping[str, Floats] = field(default_factory=dict)
    """By coalition: its strength in each view."""
    shapes: Mapping[str, Structure] = field(default_factory=dict)
    standings: Mapping[Outsider, Standing] = field(default_factory=dict)
    """Of outsiders that have one: others stand at zero."""
    blocs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By label."""
    bloc_since: Mapping[str, int] = field(default_factory=dict)
    surges: tuple[Surge, ...] = ()
    newcomers: tuple[Newcomer, ...] = ()
    """Who became a candidate that day."""
    silent_days: int = 0
    """How many days in a row nothing at all was published, told on the day when news returned."""


@dataclass(frozen=True, slots=True)
class Written:
    """A day with what was measured on the way: for the records of that day."""

    world: World
    bundle: Bundle
    day: Day
    measures: Mapping[str, Measures]
    outsiders: Mapping[str, Outsiders]


class Journal:
    """The days written so far, in order."""

    def __init__(self, roster: Roster, params: MetricParams) -> None:
        self._roster = roster
        self._params = params
        self._days: dict[int, Day] = {}
        self._written: Written | None = None
        self._largest = max((len(roster.coalition(name).members) for name in roster.names), default=0)

    @property
    def days(self) -> list[Day]:
        """Every day, ascending."""
        return [self._days[tick] for tick in sorted(self._days)]

    @property
    def last(self) -> int | None:
        """The last midnight written."""
        return max(self._days, default=None)

    def written(self, tick: int) -> Written | None:
        """The day written last, if it is this one."""
        return self._written if self._written is not None and self._written.day.tick == tick else None

    def day(self, tick: int) -> Day | None:
        """What is remembered of a midnight."""
        return self._days.get(tick)

    def forget(self, after: int) -> None:
        """Drop every day after a tick: its news has changed."""
        for tick in [tick for tick in self._days if tick > after]:
            del self._days[tick]
        if self._written is not None and self._written.day.tick > after:
            self._written = None

    def write(self, world: World, table: Table, reported: Set[int]) -> Written:
        """Write the next day; `reported` are the days (since 1970) on which anything was published."""
        before = self._days.get(world.tick - HOURS_A_DAY, Day(world.tick - HOURS_A_DAY))
        bundle = self._roster.at(world.tick, world.rows)
        measures = measure(world, bundle, self._params)
        ties = Ties(world, self._params, self._largest)
        outsiders = {
            lineup.coalition: found
            for lineup in bundle.lineups
            if lineup.coalition in measures and (found := outsiders_of(world, lineup, self._params))
        }
        standings, newcomers = _standings(before, outsiders, moment(world.tick).date())
        blocs = _blocs(world, self._params, before)
        day = Day(
            tick=world.tick,
            strengths={name: found.strength for name, found in measures.items()},
            shapes={
                lineup.coalition: ties.structure(lineup, bundle.own.pairs.rows[bundle.own.pairs.of(number)])
                for number, lineup in enumerate(bundle.lineups)
                if lineup.coalition in measures
            },
            standings=standings,
            blocs=blocs,
            bloc_since={label: before.bloc_since.get(label, world.tick) for label in blocs},
            surges=surges(table, world, world.tick, reported, self._params),
            newcomers=newcomers,
            silent_days=_silence(world.tick // HOURS_A_DAY - 1, reported),
        )
        self._days[world.tick] = day
        self._written = Written(world, bundle, day, measures, outsiders)
        return self._written

    def running(self, world: World, table: Table, reported: Set[int]) -> Day:
        """What can be told of the day that has not ended; it is not remembered."""
        ends = -(-world.tick // HOURS_A_DAY) * HOURS_A_DAY
        return Day(
            ends,
            surges=surges(table, world, world.tick, reported, self._params),
            silent_days=_silence(ends // HOURS_A_DAY - 1, reported),
        )


def _silence(day: int, reported: Set[int]) -> int:
    """How many days without any report a day of news has ended; 0 where none, or where news begins."""
    if day not in reported or not any(other < day for other in reported):
        return 0
    silent = 0
    while day - 1 - silent not in reported:
        silent += 1
    return silent


def _standings(
    before: Day, outsiders: Mapping[str, Outsiders], day: date
) -> tuple[dict[Outsider, Standing], tuple[Newcomer, ...]]:
    """Carry standings over a day; those at zero are not kept."""
    standings = dict(before.standings)
    newcomers = []
    for name, found in outsiders.items():
        for index, (state, value, low, high) in enumerate(found.listed()):
            key = (name, state)
            old = standings.get(key, Standing())
            new = step(old, day, value, low)
            if new.candidate and not old.candidate:
                n_eff, share = float(found.n_eff[index]), float(found.prior_share[index])
                newcomers.append(Newcomer(key, value, low, high, n_eff, share))
            if new == Standing():
                standings.pop(key, None)
            else:
                standings[key] = new
    return standings, tuple(newcomers)


def _blocs(world: World, params: MetricParams, before: Day) -> dict[str, frozenset[str]]:
    """Groups of three and more among actors in the news, labelled after yesterday's."""
    rows, view = world.rows, params.slowest
    told = rows.mutual & (world.sums.n[view] > 0)
    among = np.unique(np.concatenate([rows.one[told], rows.other[told]]))
    place = np.zeros(len(rows.actors), np.int64)
    place[among] = np.arange(len(among))
    one, other = place[rows.one[told]], place[rows.other[told]]
    tie, observed = np.zeros((len(among),) * 2), np.zeros((len(among),) * 2, np.bool_)
    tie[one, other] = tie[other, one] = world.tie[view, told]
    observed[one, other] = observed[other, one] = True
    actors = [rows.actors[i] for i in among.tolist()]
    groups = [
        frozenset(actors[i] for i in group)
        for group in communities(tie, observed, params.bloc_resolution)
        if len(group) >= params.bloc_size
    ]
    return matched(groups, before.blocs, partial(founders, actors=actors, tie=tie))

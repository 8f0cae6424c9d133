"""Builders of measured worlds: from masses given by dyad, or with ties written in by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.metrics.board import Sums, Table
from pipeline.metrics.bundle import Bundle, bundle_of
from pipeline.metrics.coalitions import Measures, measure
from pipeline.metrics.lineup import lineup_of
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import World, rows_of, world_at
from pipeline.ontology.coalition import Coalition, Member
from tests.strategies import NOON

PARAMS = MetricParams()
TICK = int(NOON.timestamp()) // 3600


class Masses(Table):
    """A table that holds sums as they are given: the same in every view."""

    def __init__(self, sums: Sums) -> None:
        self._sums = sums

    def sums(self, tick: int) -> Sums:
        return self._sums


def sums_of(masses: Sequence[Sequence[float]], params: MetricParams = PARAMS) -> Sums:
    """Sums of dyads given as C, K and, optionally, how many happenings they come from, all of one size."""
    full = [(*row, 1.0 if sum(row) else 0.0) if len(row) == 2 else row for row in masses]
    coop, conflict, n = (np.array(column, np.float64) for column in np.reshape(full, (-1, 3)).T)
    squares = np.divide((coop + conflict) ** 2, n, out=np.zeros(len(n)), where=n > 0)
    views = len(params.views)
    return Sums(
        n=np.tile(n.astype(np.int64), (views, 1)),
        coop=np.tile(coop, (views, 1)),
        conflict=np.tile(conflict, (views, 1)),
        squares=np.tile(squares, (views, 1)),
        present=np.ones(len(n), np.bool_),
    )


def world_of(masses: Mapping[str, Sequence[float]], params: MetricParams = PARAMS) -> World:
    """Measure dyads with these C, K (and happenings), the same in every view."""
    dyads = sorted(masses)
    sums = sums_of([masses[dyad] for dyad in dyads], params)
    return world_at(Masses(sums), rows_of(dyads), TICK, params)


def with_ties(ties: Mapping[str, float], params: MetricParams = PARAMS) -> World:
    """A world of dyads with these ties in every view, whatever news would lead to them; variance ¼ each."""
    world = world_of(dict.fromkeys(ties, (1.0, 1.0)), params)
    values = np.tile([ties[dyad] for dyad in world.rows.dyads], (len(params.views), 1))
    return replace(world, tie=values, tie_variance=np.full(values.shape, 0.25))


def camp(name: str, *codes: str, rival: str | None = None) -> Coalition:
    """A coalition of equal members."""
    return Coalition(name, name, tuple(map(Member, codes)), rival)


def bundle(world: World, *coalitions: Coalition) -> Bundle:
    """Line coalitions up, each against its rival among them."""
    named = {coalition.name: coalition for coalition in coalitions}
    lineups = [lineup_of(c, named.get(c.rival or ""), NOON.date()) for c in coalitions]
    return bundle_of(lineups, world.rows)


def measured(world: World, *coalitions: Coalition, params: MetricParams = PARAMS) -> dict[str, Measures]:
    """Measure coalitions, each against its rival among them."""
    return measure(world, bundle(world, *coalitions), params)


def row(world: World, dyad: str, values: Floats, view: int | None = None) -> float:
    """One dyad's value in one view, the headline unless said otherwise."""
    number = world.rows.dyads.index(dyad)
    return float(values[PARAMS.headline if view is None else view, number])

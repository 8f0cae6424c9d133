"""A world and a line-up in; how near every other state stands to the coalition against its rival, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.metrics.clock import Hours
from pipeline.metrics.drift import Drift, Side, drift
from pipeline.metrics.lineup import Lineup
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import World

_STATE = 3


@dataclass(frozen=True, slots=True)
class Outsiders:
    """States outside both camps that had news with either; arrays by state."""

    states: tuple[str, ...]
    drift: Drift
    n_eff: Floats
    prior_share: Floats

    def listed(self) -> Iterator[tuple[str, float, float, float]]:
        """Each state with its drift and interval."""
        found = self.drift
        yield from zip(
            self.states, found.value.tolist(), found.low.tolist(), found.high.tolist(), strict=True
        )


def outsiders_of(world: World, lineup: Lineup, params: MetricParams) -> Outsiders | None:
    """Measure the drift of every outsider in the slowest view; None without a rival, or without news."""
    inside = {code for code, _ in lineup.sides}
    rivals = [code for code in lineup.theirs.members if code not in lineup.members]
    if not rivals or not lineup.members:
        return None
    rows, view = world.rows, params.slowest
    number = {code: index for index, code in enumerate(rows.actors)}
    grid = _grid(world, view)
    known = [code for code in rows.actors if len(code) == _STATE and code not in inside]
    sides = [_members(lineup, codes, number) for codes in (lineup.members, rivals)]
    both = np.concatenate([members for members, _ in sides])
    outside = np.array([number[code] for code in known], np.int64)
    told = [(grid[np.ix_(outside, members)] >= 0) for members, _ in sides]
    kept = np.flatnonzero(told[0].any(axis=1) | told[1].any(axis=1)) if len(outside) else outside
    if not len(kept):
        return None
    near, far = (
        _side(world, view, outside[kept], m, grid[np.ix_(outside[kept], m)], w, params.prior_events)
        for m, w in sides
    )
    cells = grid[np.ix_(outside[kept], both)]
    n_eff = np.where(cells >= 0, world.plain.n_eff[view][cells], 0.0)
    share = np.where(cells >= 0, world.plain.prior_share[view][cells], 1.0)
    return Outsiders(
        tuple(known[i] for i in kept.tolist()),
        drift(near, far),
        np.add.reduce(n_eff, axis=1),
        np.add.reduce(share, axis=1) / len(both),
    )


def _grid(world: World, view: int) -> Hours:
    """Row of each pair of actors that had news, −1 for the others: (actors, actors)."""
    rows = world.rows
    size = len(rows.actors)
    grid = np.full((size, size), -1, np.int64)
    told = np.flatnonzero(rows.mutual & (world.sums.n[view] > 0))
    grid[rows.one[told], rows.other[told]] = grid[rows.other[told], rows.one[told]] = told
    return grid


def _members(lineup: Lineup, codes: Sequence[str], number: dict[str, int]) -> tuple[Hours, Floats]:
    """Numbers of members and their weights √p·μ."""
    weight = {**lineup.theirs.weights, **lineup.own.weights}
    return np.array([number[code] for code in codes], np.int64), np.array([weight[code] for code in codes])


def _side(
    world: World, view: int, outside: Hours, members: Hours, cells: Hours, weight: Floats, prior_events: float
) -> Side:
    """Ties of outsiders to members; a pair without news has tie 0 and a prior's variance, all shared."""
    told = cells >= 0
    usual = np.tanh(world.effects.expected(outside[:, None], members[None, :]) / 2)
    blank = 1 / ((1 - usual * usual) * (prior_events + 1))
    return Side(
        tie=np.where(told, world.tie[view][cells], 0.0),
        variance=np.where(told, world.tie_variance[view][cells], blank),
        prior_share=np.where(told, world.plain.prior_share[view][cells], 1.0),
        weight=weight,
    )

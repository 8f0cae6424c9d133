"""A world and a line-up in; whether the declared camps are the camps that ties show, out.

Costlier than the other metrics, so computed once a day, at midnight, in the headline view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.clock import Hours
from pipeline.metrics.lineup import Lineup
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import Rows, World

_NIL = 1e-9
"""Components of an eigenvector below this belong to no side."""
_UNITS = 1e9
"""Means are compared in whole billionths: equal ties added in another order are equal."""
_SEED = 20240321
_STATE = 3
"""Length of a state's code; groups and armed actors have longer ones."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What a day's ties say about a declared line-up; None where it is not defined."""

    triad_balance: float | None
    partition_agreement: float | None
    placebo_percentile: float | None


class Ties:
    """The headline ties of one day as a matrix, and random sets of states to compare with."""

    def __init__(self, world: World, params: MetricParams, largest: int) -> None:
        self._rows = world.rows
        self.tie = world.tie[params.headline]
        size = len(world.rows.actors)
        self.matrix = np.zeros((size, size))
        mutual = world.rows.mutual
        one, other = world.rows.one[mutual], world.rows.other[mutual]
        self.matrix[one, other] = self.matrix[other, one] = self.tie[mutual]
        self._number = {code: index for index, code in enumerate(world.rows.actors)}
        self._placebo = _placebo(self.matrix, _in_the_news(world, params), params.placebo_sets, largest)

    def structure(self, lineup: Lineup, within: Hours) -> Structure:
        """Judge one line-up, the rows of whose pairs of members are `within`."""
        numbers = [self._number[code] for code, _ in lineup.sides if code in self._number]
        signs = np.array([sign for code, sign in lineup.sides if code in self._number])
        among = self.matrix[np.ix_(numbers, numbers)]
        return Structure(
            triad_balance=triad_balance(among),
            partition_agreement=agreement(among, signs) if (signs < 0).any() else None,
            placebo_percentile=self._percentile(len(lineup.members), self.tie[within]),
        )

    def _percentile(self, members: int, ties: Floats) -> float | None:
        sets = self._placebo.get(members)
        if sets is None:
            return None
        mean = float(np.add.reduce(ties)) / len(ties)
        others, own = np.rint(sets * _UNITS), np.rint(mean * _UNITS)
        return 100 * float((others < own).sum() + 0.5 * (others == own).sum()) / len(sets)


def _in_the_news(world: World, params: MetricParams) -> Hours:
    """Numbers of the states that have any news of weight in the slowest view."""
    rows: Rows = world.rows
    told = rows.mutual & (world.sums.coop[params.slowest] + world.sums.conflict[params.slowest] > 0)
    found = np.unique(np.concatenate([rows.one[told], rows.other[told]]))
    return np.array([i for i in found.tolist() if len(rows.actors[i]) == _STATE], np.int64)


def _placebo(matrix: Floats, states: Hours, sets: int, largest: int) -> dict[int, Floats]:
    """Mean ties of random sets of states by their size, (sets,) each.

    The first k states of a random order are a random set of k, so one order serves every size. The same seed
    every day: the percentile moves when ties move, not when dice do.
    """
    largest = min(largest, len(states) // 2)
    if largest < 2:
        return {}
    dice = np.random.Generator(np.random.PCG64(_SEED))
    orders = np.argsort(dice.random((sets, len(states))), axis=1)[:, :largest]
    chosen = states[orders]
    total = np.zeros(sets)
    found: dict[int, Floats] = {}
    for size in range(2, largest + 1):
        newest = matrix[chosen[:, size - 1, None], chosen[:, : size - 1]]
        total = total + np.add.reduce(newest, axis=1)
        found[size] = total / (size * (size - 1) / 2)
    return found


def triad_balance(ties: Floats) -> float | None:
    """tr(T³)/tr(|T|³): +1 when every triangle is balanced, −1 when none is (Facchetti et al. 2011)."""
    sizes = np.abs(ties)
    whole = float(np.add.reduce((sizes @ sizes * sizes).ravel()))
    return float(np.add.reduce((ties @ ties * ties).ravel())) / whole if whole > 0 else None


def agreement(ties: Floats, signs: NDArray[np.int64]) -> float | None:
    """Share of states whose sign in the leading eigenvector is that of their declared side."""
    if not ties.any():
        return None
    leading = np.linalg.eigh(ties)[1][:, -1]
    sided = np.abs(leading) > _NIL
    right = int((np.sign(leading[sided]) == signs[sided]).sum())
    return max(right, int(sided.sum()) - right) / int(sided.sum())

"""Every dyad's log-odds in; how each actor treats everybody, as a common level and an effect each, out.

Additive actor effects, as in the additive part of AME models (Hoff 2021; Minhas, Hoff and Ward 2019):
ℓ_ij ≈ μ + a_i + a_j, by weighted least squares with a ridge on a.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.metrics.clock import Hours
from pipeline.metrics.trail import Floats

_ITERATIONS = 500
_CLOSE = 1e-30
"""Squared size of what is left, against the first, at which the solution is as good as floats allow."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What habits let expect of a pair: `level + of_actor[i] + of_actor[j]`, in log-odds."""

    level: float
    """μ, common to all pairs."""
    of_actor: Floats
    """a, by actor; 0 for whom nothing is known: (actors,)."""

    def expected(self, one: Hours, other: Hours) -> Floats:
        """Expected log-odds of pairs of actors."""
        found: Floats = self.level + self.of_actor[one] + self.of_actor[other]
        return found


def actor_effects(
    ends: tuple[Hours, Hours], log_odds: Floats, weights: Floats, actors: int, ridge: float
) -> Effects:
    """Fit effects to dyads given by their two actors' numbers, log-odds and weights ≥ 0, all (dyads,).

    Only dyads with weight count; each actor's own weight is shrunk by `ridge`.
    """
    used = np.flatnonzero(weights > 0)
    of_actor = np.zeros(actors)
    if not len(used):
        return Effects(0.0, of_actor)
    weight: Floats = weights[used]
    among = np.unique(np.concatenate([ends[0][used], ends[1][used]]))
    place = np.zeros(actors, np.int64)
    place[among] = np.arange(len(among))
    one, other = place[ends[0][used]], place[ends[1][used]]
    said = weight * log_odds[used]
    matrix = np.zeros((len(among), len(among)))
    matrix[one, other] = matrix[other, one] = weight
    strength, heard = _both(one, other, weight, len(among)), _both(one, other, said, len(among))
    whole = np.zeros((len(among) + 1,) * 2)
    whole[0, 0] = np.add.reduce(weight)
    whole[0, 1:] = whole[1:, 0] = strength
    whole[1:, 1:] = matrix
    whole[np.arange(1, len(whole)), np.arange(1, len(whole))] += strength + ridge
    found = _solved(whole, np.concatenate([[np.add.reduce(said)], heard]))
    of_actor[among] = found[1:]
    return Effects(float(found[0]), of_actor)


def _solved(matrix: Floats, right: Floats) -> Floats:
    """Conjugate gradients with the diagonal as preconditioner, for a symmetric positive definite matrix.

    Plain sums in a fixed order, where a linear algebra library may add up in another on another number
    of threads: the same news must give the same bits everywhere (Hestenes and Stiefel 1952).
    """
    diagonal = np.diagonal(matrix)
    found = right / diagonal
    rest = right - np.add.reduce(matrix * found, axis=1)
    step = rest / diagonal
    size = first = float(np.add.reduce(rest * step))
    for _ in range(_ITERATIONS):
        if not size > first * _CLOSE:
            break
        moved = np.add.reduce(matrix * step, axis=1)
        length = size / float(np.add.reduce(step * moved))
        found = found + length * step
        rest = rest - length * moved
        better = rest / diagonal
        before, size = size, float(np.add.reduce(rest * better))
        step = better + (size / before) * step
    return found


def _both(one: Hours, other: Hours, values: Floats, actors: int) -> Floats:
    """Add each dyad's value to both its actors, in the order of dyads."""
    return np.bincount(one, values, actors).astype(np.float64) + np.bincount(other, values, actors)

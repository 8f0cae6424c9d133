"""The sums of all dyads at one tick in; what each dyad is against everybody's habits, in every view, out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.metrics.board import Sums, Table
from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.dyads import Estimates, estimate
from pipeline.metrics.effects import Effects, actor_effects
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Who stands in which row: dyads by name, actors by code."""

    dyads: tuple[str, ...]
    actors: tuple[str, ...]
    one: Hours
    """Number of each dyad's first actor: (dyads,)."""
    other: Hours
    mutual: Mask
    """Whether the two are different actors; only those make up the world."""

    def index(self, dyads: Sequence[str]) -> Hours:
        """Rows of some dyads; each must be there."""
        return np.searchsorted(np.array(self.dyads), np.array(dyads, dtype=str)).astype(np.int64)


def rows_of(dyads: Sequence[str]) -> Rows:
    """Number the actors of some dyads, sorted by name."""
    pairs = [dyad.split("|") for dyad in dyads]
    actors = sorted({code for pair in pairs for code in pair})
    number = {code: index for index, code in enumerate(actors)}
    one = np.array([number[pair[0]] for pair in pairs], np.int64)
    other = np.array([number[pair[1]] for pair in pairs], np.int64)
    return Rows(tuple(dyads), tuple(actors), one, other, one != other)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a world says of some dyads; arrays have the shape (views, pairs)."""

    tie: Floats
    own_variance: Floats
    """What of the tie's variance is news and the pair's own."""
    shared_sd: Floats
    """Standard deviation of what is prior and common to all pairs."""
    affinity: Floats
    n: Hours
    n_eff: Floats
    prior_share: Floats


@dataclass(frozen=True)
class World:
    """All dyads at one tick; arrays have the shape (views, dyads) where nothing else is said."""

    tick: int
    rows: Rows
    sums: Sums
    plain: Estimates
    """Tone and its uncertainty, with the configured prior."""
    effects: Effects
    expected: Floats
    """Log-odds that both actors' habits let expect, 0 for an actor with itself: (dyads,)."""
    centred: Floats
    """Tone with the tie's prior."""
    tie: Floats
    tie_variance: Floats
    affinity: Floats
    shares: Floats
    """Of all the world's happenings, in [0, 1]."""

    @cached_property
    def _own_variance(self) -> Floats:
        own: Floats = self.tie_variance * (1 - self.plain.prior_share)
        return own

    @cached_property
    def _shared_sd(self) -> Floats:
        shared: Floats = np.sqrt(self.tie_variance * self.plain.prior_share)
        return shared

    def of(self, rows: Hours) -> Pairs:
        """Read some rows."""
        return Pairs(
            self.tie[:, rows],
            self._own_variance[:, rows],
            self._shared_sd[:, rows],
            self.affinity[:, rows],
            self.sums.n[:, rows],
            self.plain.n_eff[:, rows],
            self.plain.prior_share[:, rows],
        )


def world_at(table: Table, rows: Rows, tick: int, params: MetricParams) -> World:
    """Measure every dyad at a tick."""
    sums = table.sums(tick)
    plain = estimate(sums, params)
    effects = _effects(sums, rows, params)
    expected = np.where(rows.mutual, effects.expected(rows.one, rows.other), 0.0)
    centre = expected
    if params.tie_prior == "plain":
        centre = np.full_like(expected, 2 * math.atanh(params.prior))
    for_coop, for_conflict = params.kappa / (1 + np.exp(-centre)), params.kappa / (1 + np.exp(centre))
    news = np.log1p(sums.coop / for_coop) - np.log1p(sums.conflict / for_conflict)
    centred = np.tanh((centre + news) / 2)
    tie = np.tanh((news + (centre - expected)) / 2)
    variance = (1 - tie * tie) ** 2 / (np.maximum(1 - centred * centred, _LEAST) * (plain.nu + 1))
    return World(
        tick=tick,
        rows=rows,
        sums=sums,
        plain=plain,
        effects=effects,
        expected=expected,
        centred=centred,
        tie=tie,
        tie_variance=variance,
        affinity=_affinity(sums.coop, rows, params.kappa),
        shares=_shares(sums.n, rows),
    )


_LEAST = 1e-12


def _effects(sums: Sums, rows: Rows, params: MetricParams) -> Effects:
    view = params.slowest
    coop, conflict = sums.coop[view], sums.conflict[view]
    half = params.kappa / 2
    odds = np.log((coop + half * (1 + params.prior)) / (conflict + half * (1 - params.prior)))
    weights = np.where(rows.mutual, np.sqrt(coop + conflict), 0.0)
    return actor_effects((rows.one, rows.other), odds, weights, len(rows.actors), params.ridge)


def _affinity(coop: Floats, rows: Rows, kappa: float) -> Floats:
    """φ = ln((C_ij + κ)/(s_i s_j/2T + κ)): cooperation against what totals let expect (Newman 2006).

    No cooperation anywhere gives 0.
    """
    found = np.zeros_like(coop)
    for view, values in enumerate(np.where(rows.mutual, coop, 0.0)):
        totals = np.bincount(rows.one, values, len(rows.actors))
        totals = totals + np.bincount(rows.other, values, len(rows.actors))
        twice = float(np.add.accumulate(totals)[-1]) if len(totals) else 0.0
        if twice > 0:
            chance = totals[rows.one] * totals[rows.other] / twice
            found[view] = np.where(rows.mutual, np.log((values + kappa) / (chance + kappa)), 0.0)
    return found


def _shares(n: Hours, rows: Rows) -> Floats:
    counted = np.where(rows.mutual, n, 0)
    whole = counted.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(counted, whole, out=np.zeros(n.shape), where=whole > 0)
    return shares

"""A world and the day's line-ups in; how strongly each coalition holds together, in every view, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.metrics.bundle import Bundle, Segments, Side
from pipeline.metrics.clock import Hours
from pipeline.metrics.interval import Z90
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import Pairs, World

_DUST = 1e-9
"""Ties that are smaller all together show in no published digit, and a share of them would be chance."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean of ties with its 90 % interval; arrays by view."""

    value: Floats
    low: Floats
    high: Floats

    def negative(self) -> Mean:
        """The same with the sign turned."""
        return Mean(0.0 - self.value, 0.0 - self.high, 0.0 - self.low)

    def column(self, number: int) -> Mean:
        """One of several side by side."""
        return Mean(self.value[:, number], self.low[:, number], self.high[:, number])


@dataclass(frozen=True, slots=True)
class Measures:
    """One coalition at one tick; arrays by view. NaN is what is not defined; it never leaves the room."""

    cohesion: Mean
    affinity: Floats
    opposition: Mean | None
    polarisation: Floats | None
    esteban_ray: Floats | None
    strength: Floats
    relative: Floats | None
    frustration: Floats
    density: Floats
    weakest: tuple[tuple[str, float] | None, ...]
    """The pair of members with the lowest tie."""
    hub_share: Floats
    n: Floats
    n_eff: Floats
    prior_share: Floats
    observed: Floats
    top: tuple[tuple[tuple[str, float, int], ...], ...]
    """Dyad, tie and happenings of the pairs most in the news."""


def measure(world: World, bundle: Bundle, params: MetricParams) -> dict[str, Measures]:
    """Measure every coalition of which any dyad was in the news (docs/explanation/metrics.md)."""
    own, theirs = bundle.own, bundle.theirs
    pairs, across = world.of(own.pairs.rows), world.of(bundle.across.rows)
    inside = world.tie[:, theirs.pairs.rows]
    count = np.diff(own.pairs.starts)
    cohesion = _means(pairs, own.pairs, own.weights, params)
    rival = theirs.pairs.sums(inside * theirs.weights)
    opposition = _means(across, bundle.across, bundle.across_weights, params).negative()
    strength = _strength(pairs.tie, own)
    both = strength + _strength(inside, theirs)
    carried = np.abs(pairs.tie * own.weights)
    hub = np.full(strength.shape, np.nan)
    most = own.per_member(carried)
    for number in np.flatnonzero(count).tolist():
        hub[:, number] = most[:, own.members[number] : own.members[number + 1]].max(axis=1)
    columns = _Columns(
        cohesion=cohesion,
        opposition=opposition,
        affinity=own.pairs.sums(pairs.affinity * own.weights),
        polarisation=(cohesion.value + rival) / 2 + opposition.value,
        esteban_ray=_esteban_ray(own.mass, theirs.mass, opposition.value, params.polarisation_alpha),
        strength=strength,
        relative=np.divide(strength, both, out=np.full_like(both, 0.5), where=both > 0),
        frustration=frustration((own.pairs, theirs.pairs, bundle.across), (pairs.tie, inside, across.tie)),
        density=_ratio(
            own.pairs.sums((np.round(pairs.n_eff, 9) >= params.dense_n_eff).astype(np.float64)), count
        ),
        least=own.pairs.least(pairs.tie),
        hub_share=_share(hub, own.pairs.sums(carried)),
        n=own.pairs.sums(pairs.n.astype(np.float64)),
        n_eff=own.pairs.sums(pairs.n_eff),
        prior_share=np.clip(1.0 + own.pairs.sums((pairs.prior_share - 1) * own.weights), 0.0, 1.0),
        observed=own.pairs.sums((pairs.n > 0).astype(np.float64)),
    )
    present = bundle.news.sums(world.sums.present[None, bundle.news.rows].astype(np.float64))[0]
    return {
        lineup.coalition: _measures(columns, number, bundle, pairs, params)
        for number, lineup in enumerate(bundle.lineups)
        if present[number]
    }


@dataclass(frozen=True, slots=True)
class _Columns:
    """All coalitions side by side; arrays of the shape (views, coalitions)."""

    cohesion: Mean
    opposition: Mean
    affinity: Floats
    polarisation: Floats
    esteban_ray: Floats
    strength: Floats
    relative: Floats
    frustration: Floats
    density: Floats
    least: Floats
    hub_share: Floats
    n: Floats
    n_eff: Floats
    prior_share: Floats
    observed: Floats


def _measures(columns: _Columns, number: int, bundle: Bundle, pairs: Pairs, params: MetricParams) -> Measures:
    """One coalition's column, with the pairs worth naming."""
    lineup, at = bundle.lineups[number], bundle.own.pairs.of(number)
    opposed = len(lineup.across.dyads) > 0
    ties, n = pairs.tie[:, at], pairs.n[:, at]
    dyads = lineup.own.within.dyads
    return Measures(
        cohesion=columns.cohesion.column(number),
        affinity=columns.affinity[:, number],
        opposition=columns.opposition.column(number) if opposed else None,
        polarisation=columns.polarisation[:, number] if opposed else None,
        esteban_ray=columns.esteban_ray[:, number] if opposed else None,
        strength=columns.strength[:, number],
        relative=columns.relative[:, number] if lineup.theirs.members else None,
        frustration=columns.frustration[:, number],
        density=columns.density[:, number],
        weakest=_weakest(ties, columns.least[:, number], dyads),
        hub_share=columns.hub_share[:, number],
        n=columns.n[:, number],
        n_eff=columns.n_eff[:, number],
        prior_share=columns.prior_share[:, number],
        observed=columns.observed[:, number],
        top=_top(ties, n, dyads, params.top_dyads),
    )


def _means(pairs: Pairs, segments: Segments, weights: Floats, params: MetricParams) -> Mean:
    """Weighted mean ties of segments; see `mean_tie`."""
    empty = np.diff(segments.starts) == 0
    value = segments.sums(pairs.tie * weights)
    own = segments.sums(pairs.own_variance * weights**2)
    shared = np.where(empty, 1 / np.sqrt(params.prior_events + 1), segments.sums(pairs.shared_sd * weights))
    margin = Z90 * np.sqrt(own + shared * shared)
    value, low, high = np.clip((value, value - margin, value + margin), -1.0, 1.0)
    return Mean(value, low, high)


def mean_tie(pairs: Pairs, params: MetricParams) -> Mean:
    """Mean tie of some pairs, all alike, with its interval.

    Of each variance the share of the prior is common to all pairs, the rest its own: ignorance does not
    average out, and with no news at all the interval is that of a single prior. No pairs give 0 with it.
    """
    count = pairs.tie.shape[1]
    segments = Segments(np.arange(count), np.array([0, count]))
    return _means(pairs, segments, np.full(count, 1 / max(1, count)), params).column(0)


def _strength(ties: Floats, side: Side) -> Floats:
    moved = side.pairs.sums(ties * side.strength)
    strength: Floats = np.clip(side.mass / 2 + moved, 0.0, side.mass)
    return strength


def _esteban_ray(own: Floats, theirs: Floats, opposition: Floats, alpha: float) -> Floats:
    """Two groups by their mass at the distance (1 + opposition)/2 (Esteban and Ray 1994)."""
    one = _ratio(own, own + theirs)
    identified = one ** (1 + alpha) * (1 - one) + (1 - one) ** (1 + alpha) * one
    found: Floats = identified * (1 + opposition) / 2
    return found


def frustration(segments: Sequence[Segments], ties: Sequence[Floats]) -> Floats:
    """Share of all ties' size that has the wrong sign: hostile inside, friendly across; NaN for dust.

    Segments and ties of own pairs, the rival's, and those across, in this order.
    """
    signed = list(zip(segments, (ties[0], ties[1], -ties[2]), strict=True))
    wrong = sum((pairs.sums(np.maximum(-tie, 0.0)) for pairs, tie in signed), np.zeros(1))
    size = sum((pairs.sums(np.abs(tie)) for pairs, tie in signed), np.zeros(1))
    return _share(wrong, size)


def _weakest(ties: Floats, least: Floats, dyads: tuple[str, ...]) -> tuple[tuple[str, float] | None, ...]:
    if not dyads:
        return (None,) * len(ties)
    first = (ties == least[:, None]).argmax(axis=1).tolist()
    return tuple((dyads[i], tie) for i, tie in zip(first, least.tolist(), strict=True))


def _top(
    ties: Floats, n: Hours, dyads: tuple[str, ...], most: int
) -> tuple[tuple[tuple[str, float, int], ...], ...]:
    order = np.argsort(-n, axis=1, kind="stable")[:, :most]
    views = np.arange(len(order))[:, None]
    near, counts = ties[views, order], n[views, order]
    ranked = zip(order.tolist(), near.tolist(), counts.tolist(), strict=True)
    return tuple(
        tuple((dyads[i], tie, count) for i, tie, count in zip(*row, strict=True) if count) for row in ranked
    )


def _share(part: Floats, size: Floats) -> Floats:
    """A share of ties' size; NaN where that is nothing, or the dust that sums of nothing leave."""
    return _ratio(part, np.where(size < _DUST, 0.0, size))


def _ratio(part: Floats, whole: Floats | Hours) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return ratio

"""An outsider's ties to a coalition and to its rival in; its drift, and whether it is a candidate, out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from pipeline.metrics.interval import Z90
from pipeline.metrics.trail import Floats

_WIDEST = 2.0
"""Both means are ties in [−1, 1], so their difference is in [−2, 2]."""


@dataclass(frozen=True, slots=True)
class Side:
    """Ties of k outsiders to the m members of one side; arrays of the shape (k, m)."""

    tie: Floats
    variance: Floats
    prior_share: Floats
    """How much of a tie's variance is the prior's, π in [0, 1]."""
    weight: Floats
    """√p·μ of the members, shape (m,) or (k, m); 0 leaves a pair out."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Drifts of k outsiders with their 90 % intervals, shape (k,); NaN where a side has no weight."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """When an outsider becomes a candidate, and when it ceases to be one."""

    above: float = 0.20
    below: float = 0.10
    days: int = 14


@dataclass(frozen=True, slots=True)
class Standing:
    """What is remembered of an outsider from day to day."""

    days_above: int = 0
    """Observed days in a row on which its drift was clearly above."""
    candidate: bool = False
    since: date | None = None
    """The day on which it became a candidate."""


def drift(own: Side, rival: Side) -> Drift:
    """Measure how much nearer outsiders stand to a coalition than to its rival: Σ uτ there minus here.

    Weights u = √p·μ / Σ√p·μ on each side. Each mean has a coalition's variance: of each tie's the share
    π is common to all ties to that side, the rest its own, Σ u²v(1−π) + (Σ u√(vπ))². The two
    sides' variances add up. Were π common to both sides it would cancel, and outsiders of whom nothing
    is known would have the surest drift of all. The interval is mean ± 1.645 sd, cut at ±2.
    """
    near, near_variance = _mean(own)
    far, far_variance = _mean(rival)
    value = near - far
    margin = Z90 * np.sqrt(near_variance + far_variance)
    return Drift(value, np.maximum(value - margin, -_WIDEST), np.minimum(value + margin, _WIDEST))


def step(
    standing: Standing,
    day: date,
    drift: float | None,
    low: float | None,
    rule: Hysteresis = Hysteresis(),
) -> Standing:
    """Carry an outsider's standing over a day on which its drift was so, and its interval's low end so.

    A day counts where drift > `above` and low > 0, any other ends the row. After `days` of them it is a
    candidate, until drift < `below`; in between nothing changes (hysteresis, a Schmitt trigger). None
    or NaN is no observation: the standing stays as it was, and the row neither grows nor breaks.
    """
    if drift is None or math.isnan(drift):
        return standing
    clear = drift > rule.above and low is not None and low > 0
    days_above = standing.days_above + 1 if clear else 0
    if standing.candidate:
        return replace(standing, days_above=days_above) if drift >= rule.below else Standing()
    if days_above >= rule.days:
        return Standing(days_above, True, day)
    return Standing(days_above)


def _mean(side: Side) -> tuple[Floats, Floats]:
    """Weigh ties over members: the mean and its variance, shape (k,); NaN where nothing weighs."""
    weight = np.broadcast_to(side.weight, side.tie.shape)
    total = weight.sum(axis=1, keepdims=True)
    u = np.divide(weight, total, out=np.full(weight.shape, np.nan), where=total > 0)
    own = (u * u * side.variance * (1 - side.prior_share)).sum(axis=1)
    shared = (u * np.sqrt(side.variance * side.prior_share)).sum(axis=1)
    empty = total[:, 0] <= 0  # a side without members sums to zero, not to NaN
    return np.where(empty, np.nan, (u * side.tie).sum(axis=1)), own + shared * shared

"""A dyad's sums before and after in; what its news and its habits each moved its tie by, exactly, out.

A tie is τ = tanh(x/2), x = ln((C + h₊)/(K + h₋)) − e, h± = κ(1 ± t)/2, t = tanh(e/2): masses C and K against
what habits e = μ + a_i + a_j let expect. The difference of two ties is taken apart in four exact steps:

- Δτ = s·Δx with the secant s, by tanh(a) − tanh(b) = tanh(a − b)·(1 − tanh(a)·tanh(b)).
- Δx is what masses moved plus what habits moved: the mean of both orders of changing one after the other,
  the Shapley value of a game of two (Shapley 1953).
- With habits held, Δ ln(C + h₊) = ΔC / L(C₁ + h₊, C₀ + h₊), L the logarithmic mean: the logarithmic mean
  Divisia index, which leaves no residual (Ang 2004, 2005).
- ΔC is the sum of what each happening's decayed impulse changed by, so that each gets a share of its own.

A level is explained as the change from no news at all (C = K = 0, where the tie is 0) under the same habits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.metrics.trail import Floats


@dataclass(frozen=True, slots=True)
class Standing:
    """What a dyad's tie is computed from, at one tick in one view."""

    coop: float
    """C, Goldstein units."""
    conflict: float
    """K, Goldstein units."""
    expected: float
    """Log-odds e that both actors' habits let expect."""

    @property
    def without_news(self) -> Standing:
        """The same habits and no news."""
        return Standing(0.0, 0.0, self.expected)


@dataclass(frozen=True, slots=True)
class Step:
    """What moved a tie from one standing to another: `coop·ΔC − conflict·ΔK + habits`."""

    coop: float
    """What a Goldstein unit of cooperation raises the tie by; above 0."""
    conflict: float
    """What a Goldstein unit of conflict lowers it by; above 0."""
    habits: float
    """What the change of habits, seen against the news at hand, moved it by."""

    def shares(self, then: Floats, now: Floats) -> Floats:
        """What each happening moved the tie by, from its signed decayed impulses then and now."""
        moved: Floats = (now - then) * np.where(then + now > 0, self.coop, self.conflict)
        return moved


def step_between(then: Standing, now: Standing, kappa: float) -> Step:
    """Take the difference of two ties apart.

    Without news, habits move nothing. A unit of cooperation on a pair of which nothing is known or
    expected, against κ = 15:

    >>> step = step_between(Standing(0, 0, 0), Standing(15, 0, 0), 15)
    >>> round(15 * step.coop, 6), step.habits
    (0.5, 0.0)
    """
    moved = _log_odds(now, kappa) - _log_odds(then, kappa)
    secant = _per_unit(moved) * (
        1 - math.tanh(_log_odds(then, kappa) / 2) * math.tanh(_log_odds(now, kappa) / 2)
    )
    coop = conflict = 0.0
    for expected in (then.expected, now.expected):
        friendly, hostile = _prior(expected, kappa)
        coop += 0.5 / logarithmic_mean(then.coop + friendly, now.coop + friendly)
        conflict += 0.5 / logarithmic_mean(then.conflict + hostile, now.conflict + hostile)
    habits = 0.0
    if then.expected != now.expected:
        habits = moved - coop * (now.coop - then.coop) + conflict * (now.conflict - then.conflict)
    return Step(secant * coop, secant * conflict, secant * habits)


def logarithmic_mean(one: float, other: float) -> float:
    """(a − b)/(ln a − ln b) of two positive numbers, a where both are equal; between them (Stolarsky 1975).

    >>> logarithmic_mean(2.0, 2.0), round(logarithmic_mean(1.0, math.e), 6)
    (2.0, 1.718282)
    """
    low, high = sorted((one, other))
    beyond = (high - low) / low
    return low if beyond == 0 else low * beyond / math.log1p(beyond)


def _log_odds(at: Standing, kappa: float) -> float:
    """x = ln(1 + C/h₊) − ln(1 + K/h₋), the same as ln((C + h₊)/(K + h₋)) − e but exactly 0 without news."""
    friendly, hostile = _prior(at.expected, kappa)
    return math.log1p(at.coop / friendly) - math.log1p(at.conflict / hostile)


def _prior(expected: float, kappa: float) -> tuple[float, float]:
    """h₊ and h₋, the prior's cooperation and conflict: κ in the proportion that habits let expect."""
    return kappa / (1 + math.exp(-expected)), kappa / (1 + math.exp(expected))


def _per_unit(moved: float) -> float:
    """tanh(d/2)/d, ½ at 0."""
    return math.tanh(moved / 2) / moved if moved else 0.5

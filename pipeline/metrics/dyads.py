"""Sums in; tones and how sure they are out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.metrics.board import Sums
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import Floats


@dataclass(frozen=True, slots=True)
class Estimates:
    """What sums say about tones; every array has the shape of the sums."""

    tone: Floats
    """Posterior mean s, exactly the prior where there is no mass."""
    prior_share: Floats
    """κ/(C+K+κ), exactly 1 where there is no mass."""
    n_eff: Floats
    """Kish's effective number of happenings, 0 where there is no mass."""
    nu: Floats
    """Size ν of the beta posterior, in events."""
    variance: Floats
    """(1 − s²)/(ν + 1), the posterior variance of s."""


def estimate(sums: Sums, params: MetricParams) -> Estimates:
    """Estimate tones: `s = (C − K + κ·s0)/(C + K + κ)`, the mean of a beta posterior.

    Size of that posterior in events: `ν = ν0 + min(n_eff, ν0·(C+K)/κ)`. κ stands for ν0 typical events,
    so the second term counts the mass in typical events; Kish's count is the limit where few
    stories carry it. Whichever says less is taken, so that an interval is rather too wide.
    """
    mass = sums.coop + sums.conflict
    empty = mass == 0
    tone = (sums.coop - sums.conflict + params.kappa * params.prior) / (mass + params.kappa)
    kish = np.divide(mass * mass, sums.squares, out=np.zeros_like(mass), where=sums.squares > 0)
    n_eff = np.minimum(kish, sums.n)
    nu = params.prior_events + np.minimum(n_eff, params.prior_events * mass / params.kappa)
    tone = np.where(empty, params.prior, tone)
    return Estimates(
        tone=tone,
        prior_share=np.where(empty, 1.0, params.kappa / (mass + params.kappa)),
        n_eff=n_eff,
        nu=nu,
        variance=(1 - tone * tone) / (nu + 1),
    )


def log_odds(coop: float, conflict: float, params: MetricParams) -> float:
    """Log-odds of cooperation, `ln((C + κ(1+s0)/2)/(K + κ(1−s0)/2))`; tanh(ℓ/2) is the tone.

    >>> round(math.tanh(log_odds(8.3, 0, MetricParams()) / 2), 4)
    0.3562
    """
    half = params.kappa / 2
    return math.log((coop + half * (1 + params.prior)) / (conflict + half * (1 - params.prior)))

"""A dyad's sums in; tone, its uncertainty and the published record out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.contract.metric import SPEC_VERSION, DyadMetric, TopEvent
from pipeline.metrics.clock import Hours, moment
from pipeline.metrics.impulse import Contribution
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.params import MetricParams
from pipeline.metrics.series import Floats, Impulses, Series, Sums

_DECIMALS = 9


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


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every record of one publication shares."""

    final_until: int
    """Ticks up to this hour are final."""
    ontology_version: str


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


def rounded(values: Floats) -> Floats:
    """Round to nine decimals, without negative zero: what leaves the room."""
    rounded_values: Floats = np.round(values, _DECIMALS) + 0.0
    return rounded_values


def dyad_metrics(
    dyad: str, series: Series, impulses: Impulses, tick: int, params: MetricParams, stamp: Stamp
) -> Iterator[DyadMetric]:
    """Publish one dyad at one tick in every view."""
    ticks: Hours = np.array([tick], np.int64)
    sums = series.sums(ticks)
    found = estimate(sums, params)
    revision = int(series.revisions(ticks)[0])
    top = impulses.top(tick)
    for index, view in enumerate(params.views):
        coop, conflict = float(sums.coop[index, 0]), float(sums.conflict[index, 0])
        tone, nu = float(found.tone[index, 0]), float(found.nu[index, 0])
        yield DyadMetric(
            dyad=dyad,
            view=view.name,
            as_of=moment(tick),
            final=tick <= stamp.final_until,
            revision=revision,
            coop=_round(coop),
            conflict=_round(conflict),
            net=_round(coop - conflict),
            tone=_round(tone),
            log_odds=_round(log_odds(coop, conflict, params)),
            ci90=_interval(tone, nu),
            n_events=int(sums.n[index, 0]),
            n_eff=_round(float(found.n_eff[index, 0])),
            prior_share=_round(float(found.prior_share[index, 0])),
            top_events=tuple(_top_event(part, weight) for part, weight in top[index]),
            spec_version=SPEC_VERSION,
            ontology_version=stamp.ontology_version,
        )


def _interval(tone: float, nu: float) -> tuple[float, float]:
    low, high = tone_interval(tone, nu)
    return _round(low), _round(high)


def _top_event(part: Contribution, weight: float) -> TopEvent:
    return TopEvent(event_id=part.event_id, contribution=_round(weight), url=part.url)


def _round(value: float) -> float:
    return round(value, _DECIMALS) + 0.0

"""A dyad's days in; how unusual each day is for it, by two detectors, out. Many dyads at once."""

from __future__ import annotations

import math

import numpy as np

from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.params import MICRO
from pipeline.metrics.trail import Floats

_CONSISTENT = 1.4826
"""1/Φ⁻¹(3/4): makes the median absolute deviation of normal values their standard deviation."""
_BLOCK = 4_000_000
"""Values handled at once; bounds memory, changes no value."""


def robust_z(
    net: Floats,
    observed: Mask,
    trailing: int = 60,
    least: int = 20,
    floor: float = 5.0,
    start: int = 0,
) -> Floats:
    """Compare each day's net with the days before it: (net − median) / max(1.4826·MAD, floor).

    Median and median absolute deviation (Hampel 1974; Iglewicz and Hoaglin 1993) are those of the
    observed among the `trailing` days before; the day itself is not among them.
    `net` has the shape (dyads, days) or (days,), in Goldstein units; a day on which the world reported
    but the dyad had nothing is 0. `observed` has its shape or (days,): a day without any data is no
    observation, and its net is not read. NaN where the day is not observed, or fewer than `least`
    before it are. Days before `start` are history only: the answer has the shape (dyads, days − start).

    Most dyads are silent most days, so their MAD is 0 and the floor is what they are measured by. It
    is one typical event, κ / prior_events = 15/3 = 5 Goldstein units (the median of our types' |g| is
    5.3): |z| ≥ 3 then takes three of those in a day, or one act of force by two sources' word
    (10·(1 + ln 2) = 17), and in a silent dyad never a single report. Loud dyads exceed the floor by
    themselves.
    """
    days = net.shape[-1]
    rows = np.where(observed, net, np.nan).reshape(math.prod(net.shape[:-1]), days)
    step = max(1, _BLOCK // (trailing * max(1, days - start)))
    blocks = [
        _compared(rows[at : at + step], trailing, least, floor, start) for at in range(0, len(rows), step)
    ]
    found = np.concatenate(blocks) if blocks else rows[:, start:]
    return found.reshape(*net.shape[:-1], found.shape[-1])


def log_ratio(mass: Floats, observed: Mask, short: int = 7, long: int = 90, prior: float = 15 / 90) -> Floats:
    """Compare a dyad's last week with its last quarter: ln((mean_short + ε) / (mean_long + ε)).

    `mass` is each day's cooperation, or its conflict, in Goldstein units, shape (dyads, days) or (days,);
    `observed` has its shape or (days,). Both windows end with the day itself; means are over
    observed days, and NaN where the short window has none. Above 0 is more than usual.

    The prior ε, Goldstein units a day, is κ spread over the long window, 15/90: so a silent dyad has 0,
    and one typical event (5) in it ln((5/7 + 1/6) / (5/90 + 1/6)) = 1.38, far from the bound of ln(90/7).
    Masses are added in whole micro-units, so that values do not depend on where the days begin.
    """
    seen = np.broadcast_to(observed, mass.shape)
    counted = np.stack([np.rint(np.where(seen, mass, 0.0) * MICRO).astype(np.int64), seen.astype(np.int64)])
    prefix = np.concatenate([np.zeros((*counted.shape[:-1], 1), np.int64), counted.cumsum(axis=-1)], axis=-1)
    until = np.arange(1, mass.shape[-1] + 1)
    means = []
    for window in (short, long):
        total, number = prefix[..., until] - prefix[..., np.maximum(until - window, 0)]
        means.append(np.divide(total / MICRO, number, out=np.full(mass.shape, np.nan), where=number > 0))
    ratio: Floats = np.log((means[0] + prior) / (means[1] + prior))
    return ratio


def _compared(rows: Floats, trailing: int, least: int, floor: float, start: int) -> Floats:
    """Judge days from `start` on by those before; NaN is no observation; shape (dyads, days − start)."""
    padded = np.concatenate([np.full((len(rows), trailing), np.nan), rows], axis=1)
    before = np.lib.stride_tricks.sliding_window_view(padded, trailing, axis=1)[:, start:-1]
    number = (~np.isnan(before)).sum(axis=-1)
    median = _median(before, number)
    spread = _CONSISTENT * _median(np.abs(before - median[..., None]), number)
    z = (rows[:, start:] - median) / np.maximum(spread, floor)
    return np.where(number >= max(least, 1), z, np.nan)


def _median(values: Floats, number: Hours) -> Floats:
    """Median along the last axis of as many values as are numbers; NaN where there is none."""
    ordered = np.sort(values, axis=-1)  # NaN last
    middle = np.stack([np.maximum(number - 1, 0) // 2, number // 2], axis=-1)
    middle = np.minimum(middle, values.shape[-1] - 1)
    median: Floats = np.take_along_axis(ordered, middle, axis=-1).mean(axis=-1)
    return median

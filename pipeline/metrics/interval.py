"""A tone and how many events stand behind it in; its 90 % interval out."""

from __future__ import annotations

import math

from pipeline.contract.metric import Interval

Z90 = 1.6448536269514722
"""Standard normal quantile of 95 %: both tails together leave out 10 %."""

_TINY = 1e-9


def tone_interval(tone: float, nu: float) -> Interval:
    """Interval of a tone s that is the mean of 2·Beta(a, b) − 1, a = ν(1+s)/2, b = ν(1−s)/2.

    Tails of 5 % each, by a Cornish-Fisher expansion (third order in skewness) of the log-odds, whose
    cumulants are polygamma differences: within .01 of the exact quantile for a, b ≥ 1, within .035
    down to .4. Needs −1 ≤ tone ≤ 1 and ν > 0.
    """
    a, b = max(nu * (1 + tone) / 2, _TINY), max(nu * (1 - tone) / 2, _TINY)
    one, other = _polygammas(a), _polygammas(b)
    mean = one[0] - other[0]
    deviation = math.sqrt(one[1] + other[1])
    skew = (one[2] - other[2]) / deviation**3
    low, high = (math.tanh((mean + deviation * _bent(z, skew)) / 2) for z in (-Z90, Z90))
    return low, high


def _bent(z: float, skew: float) -> float:
    return z + skew * (z * z - 1) / 6 - skew * skew * (2 * z**3 - 5 * z) / 36


def _polygammas(x: float) -> tuple[float, float, float]:
    """Digamma, trigamma and tetragamma of x > 0: recurrence up to 6, then asymptotic series.

    Abramowitz and Stegun 1964, 6.3.18, 6.4.12, 6.4.13 and 6.4.6.
    """
    di = tri = tetra = 0.0
    while x < 6:
        di -= 1 / x
        tri += 1 / x**2
        tetra -= 2 / x**3
        x += 1
    i = 1 / (x * x)
    di += math.log(x) - 0.5 / x - i * (1 / 12 - i * (1 / 120 - i * (1 / 252 - i / 240)))
    tri += 1 / x + i / 2 + i / x * (1 / 6 - i * (1 / 30 - i * (1 / 42 - i / 30)))
    tetra += -i - i / x - i * i * (1 / 2 - i * (1 / 6 - i * (1 / 6 - i * 0.3)))
    return di, tri, tetra

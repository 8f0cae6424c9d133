"""News in; sums, actor effects, tones, ties and their intervals by the definitions out, by plain loops.

The second part of a second implementation of docs/explanation/metrics.md, written from the text alone;
reference_camps.py goes on with coalitions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from pipeline.metrics.params import View
from tests.property.reference_news import DAY, News, Point

Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Pair:
    """A dyad in one view."""

    n: int
    coop: float
    conflict: float
    n_eff: float
    nu: float
    prior_share: float
    tone: float
    log_odds: float
    centred: float
    """ℓ', the log-odds with the prior centred on what the actors' habits let expect.

    ℓ' − e = ln(1 + C/(κ(1+t)/2)) − ln(1 + K/(κ(1−t)/2)), since e = ln((1+t)/(1−t)).
    """
    tie: float
    variance: float
    """Of the tie."""


class World:
    """All dyads at one tick."""

    def __init__(self, news: News, tick: int) -> None:
        self.news, self.tick, self.params = news, tick, news.params
        self._pairs: dict[tuple[str, str], Pair] = {}
        self._sums: dict[tuple[str, str], tuple[int, float, float, float]] = {}
        self._totals: dict[str, tuple[dict[str, float], float]] = {}
        self.slowest = self.params.views[self.params.slowest]
        self.headline = self.params.views[self.params.headline]

    @cached_property
    def mutual(self) -> list[str]:
        """Dyads of two different actors."""
        return sorted(dyad for dyad in self.news.points if len(set(dyad.split("|"))) == 2)

    @cached_property
    def actors(self) -> list[str]:
        """Who has a dyad with mass in the slowest view."""
        return sorted({code for dyad in self.mutual if self._mass(dyad) > 0 for code in dyad.split("|")})

    @cached_property
    def heard(self) -> list[str]:
        """Who has a dyad with any happening in the slowest view, be its mass nothing."""
        told = (dyad for dyad in self.mutual if self.sums(dyad, self.slowest)[0])
        return sorted({code for dyad in told for code in dyad.split("|")})

    def weighed(self, dyad: str, view: View) -> list[tuple[Point, float]]:
        """The happenings inside a view with their weights."""
        reach = min(view.reach_h, self.params.retention_d * DAY)
        found = []
        for point in self.news.points.get(dyad, ()):
            age = self.tick - 1 - point.bucket
            if 0 <= age < reach:
                found.append((point, 2.0 ** (-age / view.half_life_h) if view.half_life_h else 1.0))
        return found

    def sums(self, dyad: str, view: View) -> tuple[int, float, float, float]:
        """n, C, K and squares; exact in a window."""
        if (dyad, view.name) not in self._sums:
            parts = self.weighed(dyad, view)
            coop = _total((p.mass, w) for p, w in parts if p.mass > 0)
            conflict = _total((-p.mass, w) for p, w in parts if p.mass < 0)
            squares = _total((_square(p.mass), w * w) for p, w in parts)
            self._sums[dyad, view.name] = len(parts), coop, conflict, squares
        return self._sums[dyad, view.name]

    @cached_property
    def effects(self) -> tuple[float, dict[str, float]]:
        """μ and a by ridge-weighted least squares: normal equations, solved by elimination with pivots."""
        told = {}
        for dyad in self.mutual:
            if self._mass(dyad) > 0:
                _, c, k, _ = self.sums(dyad, self.slowest)
                told[tuple(dyad.split("|"))] = (math.sqrt(c + k), self._log_odds(c, k, self.params.prior))
        if not told:
            return 0.0, dict.fromkeys(self.actors, 0.0)
        names = ["", *sorted({code for pair in told for code in pair})]
        left = [[0.0] * len(names) for _ in names]
        right = [0.0] * len(names)
        for (one, other), (weight, odds) in told.items():
            for i in (parts := (0, names.index(one), names.index(other))):
                right[i] += weight * odds
                for j in parts:
                    left[i][j] += weight
        for i in range(1, len(names)):
            left[i][i] += self.params.ridge
        solved = _eliminated(left, right)
        return solved[0], {**dict.fromkeys(self.actors, 0.0), **dict(zip(names[1:], solved[1:], strict=True))}

    def expected(self, dyad: str) -> float:
        """What both actors' habits let expect, as log-odds."""
        mu, a = self.effects
        one, other = dyad.split("|")
        return mu + a.get(one, 0.0) + a.get(other, 0.0)

    def pair(self, dyad: str, view: View) -> Pair:
        """All that one view says of a dyad."""
        if (dyad, view.name) not in self._pairs:
            self._pairs[dyad, view.name] = self._measure(dyad, view)
        return self._pairs[dyad, view.name]

    def affinity(self, dyad: str, view: View) -> float:
        """Cooperation over what both actors' totals let expect."""
        if view.name not in self._totals:
            coop = {dyad: self.sums(dyad, view)[1] for dyad in self.mutual}
            totals = {
                code: math.fsum(c for dyad, c in coop.items() if code in dyad.split("|"))
                for code in {code for dyad in coop for code in dyad.split("|")}
            }
            self._totals[view.name] = totals, math.fsum(totals.values())
        totals, both = self._totals[view.name]
        one, other = dyad.split("|")
        if both == 0:
            return 0.0
        expected = totals.get(one, 0.0) * totals.get(other, 0.0) / both
        return math.log((self.sums(dyad, view)[1] + self.params.kappa) / (expected + self.params.kappa))

    def volume_share(self, dyad: str, view: View) -> float:
        """The dyad's happenings over all those of two different actors."""
        total = sum(self.sums(other, view)[0] for other in self.mutual)
        return self.sums(dyad, view)[0] / total if total else 0.0

    def _measure(self, dyad: str, view: View) -> Pair:
        n, c, k, squares = self.sums(dyad, view)
        kappa, nu0, mass = self.params.kappa, self.params.prior_events, c + k
        n_eff = min(mass * mass / squares, n) if squares else 0.0
        nu = nu0 + min(n_eff, nu0 * mass / kappa)
        expected, half = self.expected(dyad), kappa / 2
        prior = math.tanh(expected / 2)
        news = math.log1p(c / (half * (1 + prior))) - math.log1p(k / (half * (1 - prior)))
        centred = expected + news
        tie, tone = math.tanh(news / 2), math.tanh(centred / 2)
        return Pair(
            n=n, coop=c, conflict=k, n_eff=n_eff, nu=nu, prior_share=kappa / (mass + kappa),
            tone=(c - k + kappa * self.params.prior) / (mass + kappa),
            log_odds=self._log_odds(c, k, self.params.prior), centred=centred, tie=tie,
            variance=(1 - tie * tie) ** 2 / ((1 - tone * tone) * (nu + 1)),
        )  # fmt: skip

    def _mass(self, dyad: str) -> float:
        return sum(self.sums(dyad, self.slowest)[1:3])

    def _log_odds(self, coop: float, conflict: float, prior: float) -> float:
        half = self.params.kappa / 2
        return math.log((coop + half * (1 + prior)) / (conflict + half * (1 - prior)))


def _total(parts: Iterable[tuple[int, float]]) -> float:
    """Add micro-units up, rounded once at the end; exact where every weight is 1."""
    return math.fsum(mass * weight for mass, weight in parts) / 1e6


def _square(mass: int) -> int:
    """Ledger units: 10⁻⁶ squared Goldstein units, never zero for a mass."""
    return max(1, round(Fraction(mass * mass, 10**6))) if mass else 0


def interval(log_odds: float, nu: float, shift: float = 0.0) -> tuple[float, float]:
    """5 % and 95 % quantiles of tanh((L − shift)/2), L of a beta of mean (1+s)/2, s = tanh(log_odds/2).

    Cornish and Fisher's expansion in the skewness, as docs/explanation/metrics.md says.
    """
    a, b = (max(nu / (1 + math.exp(sign * log_odds)), 1e-9) for sign in (-1, 1))
    mean, variance, third = (
        one - sign * other for one, other, sign in zip(polygammas(a), polygammas(b), (1, -1, 1), strict=True)
    )
    sd = math.sqrt(variance)
    skew = third / sd**3
    low, high = (
        mean + sd * (z + skew * (z * z - 1) / 6 - skew**2 * (2 * z**3 - 5 * z) / 36) for z in (-Z90, Z90)
    )
    return math.tanh((low - shift) / 2), math.tanh((high - shift) / 2)


def polygammas(x: float) -> tuple[float, float, float]:
    """ψ, ψ', ψ'' of x > 0: recurrence up to 40, where three terms of each series give all digits.

    >>> round(polygammas(1.0)[0], 12), round(polygammas(1.0)[1] - math.pi**2 / 6, 12)
    (-0.577215664902, 0.0)
    """
    steps = [x + k for k in range(max(0, math.ceil(40 - x)))]
    y = x + len(steps)
    di = math.log(y) - 1 / (2 * y) - 1 / (12 * y**2) + 1 / (120 * y**4) - 1 / (252 * y**6)
    tri = 1 / y + 1 / (2 * y**2) + 1 / (6 * y**3) - 1 / (30 * y**5) + 1 / (42 * y**7)
    tetra = -1 / y**2 - 1 / y**3 - 1 / (2 * y**4) + 1 / (6 * y**6) - 1 / (6 * y**8)
    return (
        di - math.fsum(1 / s for s in steps),
        tri + math.fsum(1 / s**2 for s in steps),
        tetra - 2 * math.fsum(1 / s**3 for s in steps),
    )


def _eliminated(left: list[list[float]], right: list[float]) -> list[float]:
    size = len(right)
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(left[row][i]))
        left[i], left[pivot], right[i], right[pivot] = left[pivot], left[i], right[pivot], right[i]
        for row in range(i + 1, size):
            factor = left[row][i] / left[i][i]
            right[row] -= factor * right[i]
            left[row] = [x - factor * y for x, y in zip(left[row], left[i], strict=True)]
    solved = [0.0] * size
    for i in reversed(range(size)):
        rest = math.fsum(left[i][j] * solved[j] for j in range(i + 1, size))
        solved[i] = (right[i] - rest) / left[i][i]
    return solved

"""The metrics once more, slow and plain: dicts, loops, fractions, from the definitions and not from our code.

Sources: METRICS, sections 1 to 4, and docs/explanation/metrics.md for what those leave open. No numpy but for
one eigenvector.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import combinations

import numpy as np

from pipeline.contract.event import Status
from pipeline.metrics.entry import Entry
from pipeline.metrics.params import MetricParams, View
from pipeline.ontology.coalition import Coalition, Member

MICRO = 10**6
Pair = tuple[str, str]


def newest(entries: Iterable[Entry]) -> list[Entry]:
    """The newest revision of each event; of two contents under one revision the larger as text."""
    best: dict[str, Entry] = {}
    for entry in entries:
        old = best.get(entry.key)
        if old is None or (entry.revision, entry._content()) > (old.revision, old._content()):
            best[entry.key] = entry
    return list(best.values())


@dataclass(frozen=True)
class Impulse:
    """One happening's mass."""

    pair: Pair
    hour: int
    mass: int


def impulses(entries: Iterable[Entry], params: MetricParams) -> list[Impulse]:
    """Group reports by happening, let the best stand for it, and weigh it."""
    entries = list(entries)
    first = defaultdict(list)
    for entry in entries:
        first[entry.key].append(entry)
    groups = defaultdict(list)
    for entry in newest(entries):
        timely = any(
            e.published_us // 3_600_000_000 - e.bucket <= params.retention_d * 24 for e in first[entry.key]
        )
        if entry.retracted or not timely or entry.status not in (Status.OCCURRED, Status.INTENDED):
            continue
        ends = (entry.source, entry.target)
        if entry.type in ("CONSULT", "AGREE", "COOPERATE"):
            ends = tuple(sorted(ends))
        groups[(*ends, entry.type, entry.day)].append(entry)
    found = []
    for reports in groups.values():
        best = sorted(
            reports, key=lambda e: (e.status is not Status.OCCURRED, -e.q, e.published_us, e.event_id)
        )[0]
        owners = len({e.owner for e in reports})
        weight = min(1 + math.log(owners), params.story_cap)
        factor = 1.0 if best.status is Status.OCCURRED else params.intended_factor
        mass = round(abs(best.g) * best.q * factor * weight / MICRO)
        pair = tuple(sorted((best.source, best.target)))
        found.append(Impulse((pair[0], pair[1]), best.bucket, mass if best.g >= 0 else -mass))
    return found


@dataclass
class Dyad:
    """One pair in one view."""

    n: int = 0
    coop: float = 0.0
    conflict: float = 0.0
    squares: float = 0.0


def cells(told: Iterable[Impulse]) -> Mapping[Pair, Mapping[int, tuple[int, int, int, int]]]:
    """Integers by pair and hour: happenings, cooperation, conflict, squares (each rounded to 10⁻⁶)."""
    found: dict[Pair, dict[int, tuple[int, int, int, int]]] = defaultdict(dict)
    for one in told:
        n, coop, conflict, squares = found[one.pair].get(one.hour, (0, 0, 0, 0))
        size = abs(one.mass)
        square = max(1, math.floor(Fraction(size * size, MICRO) + Fraction(1, 2))) if size else 0
        found[one.pair][one.hour] = (
            n + 1, coop + max(one.mass, 0), conflict + max(-one.mass, 0), squares + square,
        )  # fmt: skip
    return found


def dyads(told: Iterable[Impulse], tick: int, view: View) -> dict[Pair, Dyad]:
    """Sums of every pair that ever had a mass."""
    found = {}
    for pair, hours in cells(told).items():
        ages = {hour: tick - 1 - hour for hour in hours if 0 <= tick - 1 - hour < view.reach_h}
        fade = {
            h: 1.0 if view.half_life_h is None else 2.0 ** (-a / view.half_life_h) for h, a in ages.items()
        }
        found[pair] = Dyad(
            sum(hours[h][0] for h in ages),
            math.fsum(hours[h][1] / MICRO * f for h, f in fade.items()),
            math.fsum(hours[h][2] / MICRO * f for h, f in fade.items()),
            math.fsum(hours[h][3] / MICRO * f * f for h, f in fade.items()),
        )
    return found


def effects(slow: Mapping[Pair, Dyad], params: MetricParams) -> tuple[float, dict[str, float]]:
    """μ and a by weighted least squares with a ridge on a, through elimination with pivots."""
    half, s0 = params.kappa / 2, params.prior
    used = {p: d for p, d in sorted(slow.items()) if p[0] != p[1] and d.coop + d.conflict > 0}
    if not used:
        return 0.0, {}
    names = ["", *sorted({code for pair in used for code in pair})]
    size = len(names)
    left = [[0.0] * size for _ in names]
    right = [0.0] * size
    for (a, b), d in used.items():
        weight = math.sqrt(d.coop + d.conflict)
        odds = math.log((d.coop + half * (1 + s0)) / (d.conflict + half * (1 - s0)))
        parts = (0, names.index(a), names.index(b))
        for i in parts:
            right[i] += weight * odds
            for j in parts:
                left[i][j] += weight
    for i in range(1, size):
        left[i][i] += params.ridge
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(left[r][i]))
        left[i], left[pivot], right[i], right[pivot] = left[pivot], left[i], right[pivot], right[i]
        for r in range(i + 1, size):
            factor = left[r][i] / left[i][i]
            right[r] -= factor * right[i]
            left[r] = [x - factor * y for x, y in zip(left[r], left[i], strict=True)]
    solved = [0.0] * size
    for i in reversed(range(size)):
        rest = math.fsum(left[i][j] * solved[j] for j in range(i + 1, size))
        solved[i] = (right[i] - rest) / left[i][i]
    return solved[0], dict(zip(names[1:], solved[1:], strict=True))


class World:
    """Every pair's numbers at a tick, in one view."""

    def __init__(self, told: list[Impulse], tick: int, view: View, params: MetricParams) -> None:
        self.params = params
        self.dyads = dyads(told, tick, view)
        slowest = params.views[-1]
        self.level, self.of_actor = effects(dyads(told, tick, slowest), params)
        self.totals: dict[str, float] = defaultdict(float)
        for (a, b), d in self.dyads.items():
            if a != b:
                self.totals[a] += d.coop
                self.totals[b] += d.coop
        self.twice = math.fsum(self.totals.values())

    def of(self, pair: Pair) -> Dyad:
        """A pair's sums, none where it was never in the news."""
        return self.dyads.get(pair, Dyad())

    def expected(self, pair: Pair) -> float:
        """What habits let expect, in log-odds."""
        if pair[0] == pair[1]:
            return 0.0
        return self.level + self.of_actor.get(pair[0], 0.0) + self.of_actor.get(pair[1], 0.0)

    def odds(self, pair: Pair) -> float:
        """Log-odds with the prior centred on the expected tone."""
        d, e, half = self.of(pair), self.expected(pair), self.params.kappa / 2
        t = math.tanh(e / 2)
        return math.log((d.coop + half * (1 + t)) / (d.conflict + half * (1 - t)))

    def tie(self, pair: Pair) -> float:
        """τ, exactly 0 without any mass."""
        if not self.of(pair).coop + self.of(pair).conflict:
            return 0.0
        d, e, kappa = self.of(pair), self.expected(pair), self.params.kappa
        coop = math.log1p(d.coop * (1 + math.exp(-e)) / kappa)
        return math.tanh((coop - math.log1p(d.conflict * (1 + math.exp(e)) / kappa)) / 2)

    def affinity(self, pair: Pair) -> float:
        """φ."""
        if self.twice == 0 or pair[0] == pair[1]:
            return 0.0
        kappa = self.params.kappa
        chance = self.totals[pair[0]] * self.totals[pair[1]] / self.twice
        return math.log((self.of(pair).coop + kappa) / (chance + kappa))

    def n_eff(self, pair: Pair) -> float:
        """Kish's count."""
        d = self.of(pair)
        return min((d.coop + d.conflict) ** 2 / d.squares, d.n) if d.squares else 0.0

    def prior_share(self, pair: Pair) -> float:
        """π."""
        d = self.of(pair)
        return self.params.kappa / (d.coop + d.conflict + self.params.kappa)

    def variance(self, pair: Pair) -> float:
        """Of the tie, by the delta method."""
        d, nu0 = self.of(pair), self.params.prior_events
        nu = nu0 + min(self.n_eff(pair), nu0 * (d.coop + d.conflict) / self.params.kappa)
        s = math.tanh(self.odds(pair) / 2)
        return (1 - self.tie(pair) ** 2) ** 2 / ((1 - s * s) * (nu + 1))


def pairs_of(own: Iterable[Member], other: Iterable[Member] | None = None) -> dict[Pair, float]:
    """Pairs with ω, not normalised."""
    own = list(own)
    drawn = combinations(own, 2) if other is None else ((a, b) for a in own for b in other)
    found = {}
    for a, b in drawn:
        pair = tuple(sorted((a.code, b.code)))
        found[pair[0], pair[1]] = a.weight * b.weight * math.sqrt(a.capability * b.capability)
    return found


def mean(world: World, pairs: Mapping[Pair, float]) -> tuple[float, tuple[float, float]]:
    """Weighted mean tie and its interval."""
    total = sum(pairs.values())
    value = math.fsum(w * world.tie(p) for p, w in pairs.items()) / total if pairs else 0.0
    own = math.fsum(
        (w / total) ** 2 * world.variance(p) * (1 - world.prior_share(p)) for p, w in pairs.items()
    )
    shared = math.fsum(
        w / total * math.sqrt(world.variance(p) * world.prior_share(p)) for p, w in pairs.items()
    )
    if not pairs:
        shared = 1 / math.sqrt(world.params.prior_events + 1)
    margin = 1.6448536269514722 * math.sqrt(own + shared**2)
    return value, (max(-1.0, value - margin), min(1.0, value + margin))


def strength(world: World, members: list[Member]) -> float:
    """Σ p μ (1 + coh)/2."""
    total = 0.0
    for m in members:
        others = [o for o in members if o is not m]
        mass = sum(o.capability * o.weight for o in others)
        ties = math.fsum(o.capability * o.weight * world.tie(_pair(m, o)) for o in others)
        total += m.capability * m.weight * (1 + (ties / mass if others else 0.0)) / 2
    return total


def coalition(world: World, own: Coalition, rival: Coalition | None, tick: int) -> dict[str, object]:
    """Every number of a coalition at a tick that this view defines."""
    day = datetime.fromtimestamp(tick * 3600, UTC).date()
    ours, theirs = list(own.active(day)), list(rival.active(day)) if rival else []
    codes = {m.code for m in ours}
    foes = [m for m in theirs if m.code not in codes]
    within, across = pairs_of(ours), pairs_of(ours, foes)
    value, interval = mean(world, within)
    found: dict[str, object] = {"cohesion": value, "ci90": interval, "strength": strength(world, ours)}
    total = sum(within.values())
    found["affinity"] = math.fsum(w / total * world.affinity(p) for p, w in within.items())
    found["opposition"] = found["polarisation"] = found["esteban_ray"] = None
    if across:
        against, (low, high) = mean(world, across)
        opposition = -against
        found["opposition"], found["opposition_ci90"] = opposition, (-high, -low)
        found["polarisation"] = (value + mean(world, pairs_of(theirs))[0]) / 2 + opposition
        a = sum(m.capability * m.weight for m in ours)
        b = sum(m.capability * m.weight for m in theirs)
        p, q, alpha = a / (a + b), b / (a + b), world.params.polarisation_alpha
        found["esteban_ray"] = (p ** (1 + alpha) * q + q ** (1 + alpha) * p) * (1 + opposition) / 2
    other = strength(world, theirs) if theirs else None
    mine = strength(world, ours)
    found["relative_strength"] = None if other is None else mine / (mine + other)
    inside = [world.tie(p) for p in (*within, *pairs_of(theirs))]
    outside = [world.tie(p) for p in across]
    size = math.fsum(map(abs, inside + outside))
    wrong = math.fsum(-t for t in inside if t < 0) + math.fsum(t for t in outside if t > 0)
    found["frustration"] = wrong / size if size else None
    found["n_eff"] = math.fsum(world.n_eff(p) for p in within)
    found["n_events"] = sum(world.of(p).n for p in within)
    shares = [w / total * world.prior_share(p) for p, w in within.items()]
    found["prior_share"] = math.fsum(shares) if within else 1.0
    dense = sum(world.n_eff(p) >= world.params.dense_n_eff for p in within)
    found["density"] = dense / len(within) if within else None
    carried = {p: abs(w / total * world.tie(p)) for p, w in within.items()}
    hubs = [math.fsum(v for p, v in carried.items() if m.code in p) for m in ours]
    found["hub_share"] = max(hubs) / math.fsum(carried.values()) if any(carried.values()) else None
    found["min_tie"] = min((world.tie(p) for p in within), default=None)
    return found


def triad_balance(world: World, states: list[str]) -> float | None:
    """tr(T³)/tr(|T|³) by loops."""
    signed = size = 0.0
    for a in states:
        for b in states:
            for c in states:
                if len({a, b, c}) == 3:
                    product = world.tie(_of(a, b)) * world.tie(_of(b, c)) * world.tie(_of(a, c))
                    signed, size = signed + product, size + abs(product)
    return signed / size if size else None


def partition_agreement(world: World, sides: Mapping[str, int]) -> float | None:
    """Share of states that stand on their declared side of the leading eigenvector."""
    states = sorted(sides)
    matrix = np.array([[0.0 if a == b else world.tie(_of(a, b)) for b in states] for a in states])
    if not matrix.any() or set(sides.values()) != {1, -1}:
        return None
    vector = np.linalg.eigh(matrix)[1][:, -1]
    told = [(v, sides[s]) for v, s in zip(vector, states, strict=True) if abs(v) > 1e-9]
    right = sum((v > 0) == (side > 0) for v, side in told)
    return max(right, len(told) - right) / len(told)


def _pair(one: Member, other: Member) -> Pair:
    return _of(one.code, other.code)


def _of(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)

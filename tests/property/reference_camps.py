"""Worlds in; coalitions, outsiders, surges and indexes by the definitions out, by plain loops.

The last part of a second implementation of docs/explanation/metrics.md. Values by name of the published
field; None is null.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations, product
from statistics import median

import numpy as np

from pipeline.metrics.params import MetricParams, View
from pipeline.ontology.coalition import Coalition
from tests.property.reference import Z90, Pair, World
from tests.property.reference_news import DAY, News

Camp = Mapping[str, tuple[float, float]]
"""Degree of membership μ and capability p by state."""
Members = tuple[tuple[str, tuple[float, float]], ...]
"""A camp that can be remembered by."""
SEED = 20240321
"""Of the placebo; its draw is the one thing taken from the engine."""


def camp(coalition: Coalition | None, tick: int) -> Camp:
    """The members of a tick's date."""
    return {} if coalition is None else _camp(coalition, tick // DAY)


@lru_cache(maxsize=4096)
def _camp(coalition: Coalition, days: int) -> Camp:
    day = date(1970, 1, 1) + timedelta(days=days)
    members = sorted(coalition.members, key=lambda m: m.code)
    return {m.code: (m.weight, m.capability) for m in members if m.active(day)}


def dyad(one: str, other: str) -> str:
    return "|".join(sorted((one, other)))


def within(own: Camp) -> dict[str, float]:
    """Pairs of members by ω over Σω."""
    return dict(_within(tuple(own.items())))


def across(own: Camp, rival: Camp) -> dict[str, float]:
    """Pairs of a member and one of the rival's that is none, by ω over Σω."""
    return dict(_across(tuple(own.items()), tuple(rival.items())))


def mean_tie(world: World, pairs: Mapping[str, float], view: View) -> tuple[float, float, float]:
    """Weighted mean tie and its interval; a lone prior's without pairs."""
    if not pairs:
        return _interval(0.0, 1 / (world.params.prior_events + 1))
    found = [(u, world.pair(name, view)) for name, u in pairs.items()]
    return _interval(math.fsum(u * pair.tie for u, pair in found), _variance(found))


DUST = 1e-9
"""Ties that are smaller all together show in no published digit."""


def measure(world: World, own: Camp, rival: Camp, view: View) -> dict[str, object]:
    """All fields of a coalition's row that come from one world."""
    pairs, other, against = within(own), within(rival), across(own, rival)
    found = {name: world.pair(name, view) for name in (*pairs, *other, *against)}
    cohesion = mean_tie(world, pairs, view)
    rivals = mean_tie(world, other, view)[0]
    opposed = mean_tie(world, against, view) if against else None
    strong, theirs = strength(world, own, view), strength(world, rival, view)
    parts = [(name, found[name]) for name in sorted(pairs)]
    ties = {name: pair.tie for name, pair in parts}
    weights = {name: abs(u * ties[name]) for name, u in pairs.items()}
    carried = math.fsum(weights.values())
    all_ties = [found[name].tie for name in (*pairs, *other, *against)]
    size = math.fsum(map(abs, all_ties))
    wrong = [-found[name].tie for name in (*pairs, *other)] + [found[name].tie for name in against]
    dense = world.params.dense_n_eff
    return {
        "n_events": sum(pair.n for _, pair in parts),
        "n_eff": math.fsum(pair.n_eff for _, pair in parts),
        "prior_share": math.fsum(u * found[name].prior_share for name, u in pairs.items()) if pairs else 1.0,
        "cohesion": cohesion[0],
        "ci90": cohesion[1:],
        "affinity": math.fsum(u * world.affinity(name, view) for name, u in pairs.items()),
        "opposition": None if opposed is None else -opposed[0],
        "opposition_ci90": None if opposed is None else (-opposed[2], -opposed[1]),
        "polarisation": None if opposed is None else (cohesion[0] + rivals) / 2 - opposed[0],
        "esteban_ray": None if opposed is None else _esteban_ray(own, rival, -opposed[0], world.params),
        "strength": strong,
        "relative_strength": strong / (strong + theirs) if rival else None,
        "frustration": math.fsum(max(0.0, part) for part in wrong) / size if size >= DUST else None,
        "density": sum(round(pair.n_eff, 9) >= dense for _, pair in parts) / len(parts) if parts else None,
        "ties": ties,
        "sizes": {"frustration": size, "hub_share": carried},
        "hub_share": max(math.fsum(w for n, w in weights.items() if c in n.split("|")) for c in own) / carried
        if carried >= DUST
        else None,
        "dyads_observed": sum(pair.n > 0 for _, pair in parts),
        "dyads_possible": len(parts),
        "top_dyads": [
            (name, pair.tie, pair.n) for name, pair in sorted(parts, key=lambda p: -p[1].n) if pair.n
        ][: world.params.top_dyads],
    }  # fmt: skip


def strength(world: World, own: Camp, view: View) -> float:
    """Σ p·μ·(1 + coh)/2 over members; a lone member has coh 0."""
    total = 0.0
    for i, (mu, p) in own.items():
        others = {j: q * m for j, (m, q) in own.items() if j != i}
        mass = math.fsum(others.values())
        ties = math.fsum(weight * world.pair(dyad(i, j), view).tie for j, weight in others.items())
        total += p * mu * (1 + (ties / mass if others else 0.0)) / 2
    return total


def shape(world: World, own: Camp, rival: Camp) -> dict[str, float | None]:
    """Balance and agreement in the headline view; NaN where the last digits would decide."""
    states = sorted({*own, *rival})
    view = world.headline
    t = {(a, b): 0.0 if a == b else world.pair(dyad(a, b), view).tie for a, b in product(states, repeat=2)}
    cycles = [t[a, b] * t[b, c] * t[c, a] for a, b, c in product(states, repeat=3)]
    size = math.fsum(map(abs, cycles))
    return {
        "triad_balance": math.fsum(cycles) / size if size else None,
        "partition_agreement": _agreement(states, t, own) if {*rival} - {*own} else None,
    }


def placebo(world: World, own: Camp) -> tuple[float, float] | None:
    """Percentile of the members' mean tie among random sets, and what equal sets, counted half, give."""
    states = [code for code in world.actors if len(code) == 3]
    if len(own) < 2 or len(states) < 2 * len(own):
        return None
    sets, view = world.params.placebo_sets, world.headline

    def mean(codes: Iterable[str]) -> float:
        ties = [world.pair(dyad(a, b), view).tie for a, b in combinations(codes, 2)]
        return math.fsum(ties) / len(ties)

    mine, less, equal = mean(own), 0, 0
    for drawn, times in _draws(sets, len(states), len(own)).items():
        gap = mean([states[i] for i in drawn]) - mine
        equal += times * (abs(gap) < 1e-12)
        less += times * (gap <= -1e-12)
    return 100 * (less + equal / 2) / sets, 50 * equal / sets


def outsiders(world: World, own: Camp, rival: Camp) -> dict[str, dict[str, object]]:
    """Drift of every state outside both camps that had news with either, by state."""
    enemies = {code: p for code, p in rival.items() if code not in own}
    if not own or not enemies:
        return {}
    found = {}
    for k in (code for code in world.heard if len(code) == 3 and code not in own and code not in rival):
        sides = []
        for side in (own, enemies):
            weights = _shares({i: mu * math.sqrt(p) for i, (mu, p) in side.items()})
            sides.append([(u, _outside(world, dyad(k, i))) for i, u in weights.items()])
        both = [pair for side in sides for _, pair in side]
        if not any(pair.n for pair in both):
            continue
        value, other = (math.fsum(u * pair.tie for u, pair in side) for side in sides)
        value, low, high = _interval(value - other, sum(map(_variance, sides)), 2.0)
        found[k] = {
            "drift": value,
            "ci90": (low, high),
            "n_eff": math.fsum(pair.n_eff for pair in both),
            "prior_share": math.fsum(pair.prior_share for pair in both) / len(both),
        }
    return found


def log_odds_of(tone: float) -> float:
    return 2 * math.atanh(tone)


Ratios = tuple[float, float]
"""Of cooperation and of conflict."""


def surge(news: News, name: str, tick: int) -> tuple[float | None, Ratios, Ratios] | None:
    """Robust z of the net of the day that a tick closes, log-ratios of both masses, now and a day ago.

    None without counted news that day; z is None with fewer than twenty days before.
    """
    today = (tick - 1) // DAY
    daily: dict[int, list[int]] = {}
    for point in news.points.get(name, ()):
        daily.setdefault(point.bucket // DAY, []).append(point.mass)
    if not any(today * DAY <= point.bucket < tick for point in news.points.get(name, ())):
        return None

    def net(day: int) -> float:
        return sum(daily.get(day, ())) / 1e6

    def observed(until: int, days: int) -> list[int]:
        return [day for day in range(until - days + 1, until + 1) if day in news.reported or day == today]

    def ratio(until: int, sign: int) -> float:
        means = []
        for days in (7, 90):
            seen = observed(until, days)
            total = sum(max(sign * m, 0) for day in seen for m in daily.get(day, ())) / 1e6
            means.append(total / len(seen) if seen else math.nan)
        return math.log((means[0] + 15 / 90) / (means[1] + 15 / 90))

    before = [net(day) for day in observed(today - 1, 60)]
    z = None
    if len(before) >= 20:
        middle = median(before)
        spread = 1.4826 * median(abs(value - middle) for value in before)
        z = (net(today) - middle) / max(spread, 5.0)
    now, before_now = ((ratio(day, 1), ratio(day, -1)) for day in (today, today - 1))
    return z, now, before_now


def index(
    past: Sequence[tuple[int, float]], now: float, tick: int, coalition: Coalition, params: MetricParams
) -> tuple[float, int, int, float | None, float] | None:
    """Strength against its baseline: value, its first and last midnight, z, sd; None until it is over."""
    base = past[: params.index_days] if len(past) >= params.index_days else []
    complete = base[-1][0] if base else 0
    if coalition.baseline is not None:
        since, until = ((day - date(1970, 1, 1)).days * DAY for day in coalition.baseline)
        inside = [(hour, value) for hour, value in past if since < hour <= until]
        if inside:
            base, complete = inside, until
    if not base or tick < complete:
        return None
    mean = math.fsum(value for _, value in base) / len(base)
    trailing = [value for hour, value in past if tick - params.index_years * 8766 <= hour < tick]
    z, sd = None, 0.0
    if len(trailing) >= 30:
        middle = math.fsum(trailing) / len(trailing)
        sd = math.sqrt(math.fsum((value - middle) ** 2 for value in trailing) / (len(trailing) - 1))
        z = (now - middle) / sd if sd > 1e-9 else None
    return 100 * now / mean, base[0][0], base[-1][0], z, sd


def _outside(world: World, name: str) -> Pair:
    return world.pair(name, world.slowest)


def _omega(one: tuple[float, float], other: tuple[float, float]) -> float:
    return one[0] * other[0] * math.sqrt(one[1] * other[1])


@lru_cache(maxsize=4096)
def _within(own: Members) -> dict[str, float]:
    return _shares({dyad(a, b): _omega(one, other) for (a, one), (b, other) in combinations(own, 2)})


@lru_cache(maxsize=4096)
def _across(own: Members, rival: Members) -> dict[str, float]:
    codes = {code for code, _ in own}
    return _shares({dyad(a, b): _omega(one, of) for a, one in own for b, of in rival if b not in codes})


def _shares(weights: dict[str, float]) -> dict[str, float]:
    total = math.fsum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _variance(found: Iterable[tuple[float, Pair]]) -> float:
    """Variance of a weighted mean: news is each pair's own, what is prior is common to all."""
    parts = list(found)
    own = math.fsum(u * u * pair.variance * (1 - pair.prior_share) for u, pair in parts)
    return own + math.fsum(u * math.sqrt(pair.variance * pair.prior_share) for u, pair in parts) ** 2


def _interval(value: float, variance: float, bound: float = 1.0) -> tuple[float, float, float]:
    margin = Z90 * math.sqrt(variance)
    return value, max(-bound, value - margin), min(bound, value + margin)


def _esteban_ray(own: Camp, rival: Camp, opposition: float, params: MetricParams) -> float:
    masses = [math.fsum(mu * p for mu, p in side.values()) for side in (own, rival)]
    one, other = (mass / sum(masses) for mass in masses)
    alpha = 1 + params.polarisation_alpha
    return (one**alpha * other + other**alpha * one) * (1 + opposition) / 2


def _agreement(states: Sequence[str], t: Mapping[tuple[str, str], float], own: Camp) -> float | None:
    matrix = np.array([[t[a, b] for b in states] for a in states])
    if not matrix.any():
        return None
    values, vectors = np.linalg.eigh(matrix)
    v = vectors[:, -1].tolist()
    if values[-1] - values[-2] < 1e-6 or any(1e-12 < abs(x) < 1e-7 for x in v):
        return math.nan
    sided = [(x > 0) == (code in own) for code, x in zip(states, v, strict=True) if abs(x) > 1e-9]
    return max(sum(sided), len(sided) - sum(sided)) / len(sided)


@lru_cache(maxsize=64)
def _draws(sets: int, states: int, size: int) -> Counter[tuple[int, ...]]:
    """How often each set is drawn: the first places of a random order, as the engine draws them."""
    dice = np.random.Generator(np.random.PCG64(SEED)).random((sets, states))
    return Counter(tuple(sorted(row)) for row in np.argsort(dice, axis=1)[:, :size].tolist())

"""Two moments of a set of weighted dyads in; which happenings make up the value and its change, out.

The value is Σ u·τ over pairs with weights u: a coalition's cohesion, or a single dyad's tie with u = 1. All
parts of a value add up to it, all parts of a change to the change, but for the rounding of floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contract.metric import Interval
from pipeline.metrics.attribution import Standing, step_between
from pipeline.metrics.bundle import Bundle
from pipeline.metrics.coalitions import Mean, mean_tie, measure
from pipeline.metrics.frame import Frame
from pipeline.metrics.impulse import Contribution
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.params import MetricParams
from pipeline.metrics.records import against
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import World

Told = Callable[[str], Impulses]
"""Gives what is told of a dyad."""

CAME, FADED, LEFT, STAYED = "came in", "faded", "left", "stayed"
"""What time did to a happening: news since then, weighs less, out of the view's reach, weighs the same."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one happening has a part in."""

    part: Contribution
    then: float
    """Signed impulse that was left of it, Goldstein units; 0 where it did not count."""
    now: float
    value: float
    """What it adds to the value now."""
    change: float
    """What it adds to the change."""

    @property
    def fate(self) -> str:
        """CAME, FADED, LEFT or STAYED."""
        if self.then == self.now:
            return STAYED
        return CAME if not self.then else FADED if self.now else LEFT


@dataclass(frozen=True, slots=True)
class Side:
    """One pair at one of the two moments."""

    dyad: str
    weight: float
    """u; 0 where the pair was not in the coalition."""
    tie: float
    interval: Interval
    """90 % interval of the tie."""
    coop: float
    """C, Goldstein units."""
    conflict: float
    """K, Goldstein units."""
    n: int
    """Happenings inside the view."""
    expected: float
    """Log-odds that habits let expect: the level and both actors' effects."""
    level: float
    """μ, what is usual between any two."""
    effects: tuple[float, float]
    """a of either actor, in the order of the dyad's name."""

    @property
    def value(self) -> float:
        """u·τ, what the pair adds."""
        return self.weight * self.tie

    @property
    def standing(self) -> Standing:
        """What the tie is computed from."""
        return Standing(self.coop, self.conflict, self.expected)


@dataclass(frozen=True, slots=True)
class Pair:
    """What one pair has a part in."""

    dyad: str
    then: Side
    now: Side
    shares: tuple[Share, ...]
    """Happenings that weigh or weighed anything, those that add most to the value first."""
    habits: float
    """What the change of the two's habits adds to the change."""
    membership: float
    """What the change of weights adds: somebody joined or left."""

    @property
    def change(self) -> float:
        """u·τ now less u·τ then."""
        return self.now.value - self.then.value

    @property
    def rounding(self) -> tuple[float, float]:
        """What the rounding of floats leaves of the value and of the change when all parts are taken off."""
        value = self.now.value - sum(share.value for share in self.shares)
        change = self.change - self.habits - self.membership - sum(share.change for share in self.shares)
        return value, change

    def moved_by(self, fate: str) -> float:
        """What all happenings of one fate add to the change."""
        return sum(share.change for share in self.shares if share.fate == fate)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a value is made of, and what changed it."""

    name: str
    view: str
    since: int
    tick: int
    then: float
    now: float
    interval: Interval
    """90 % interval of the value now."""
    members: tuple[str, ...]
    """Of a coalition, sorted; none for a dyad."""
    joined: tuple[str, ...]
    gone: tuple[str, ...]
    pairs: tuple[Pair, ...]
    """Those that add most to the value first."""

    @property
    def of_coalition(self) -> bool:
        """Whether the value is a cohesion; else it is a tie."""
        return "|" not in self.name

    @property
    def change(self) -> float:
        """The value now less the value then."""
        return self.now - self.then

    @property
    def membership(self) -> float:
        """What joining and leaving adds to the change."""
        return sum(pair.membership for pair in self.pairs)


def explain_coalition(frame: Frame, told: Told, name: str, ticks: tuple[int, int], view: int) -> Explanation:
    """Explain a coalition's cohesion at the second tick, and its change since the first."""
    worlds = [frame.world(tick) for tick in ticks]
    bundles = [frame.roster.at(tick, frame.rows) for tick in ticks]
    camps = [next(u.own for u in bundle.lineups if u.coalition == name) for bundle in bundles]
    then, now = (_cohesion(*both, name, frame.params) for both in zip(worlds, bundles, strict=True))
    weights = (dict(zip(camp.within.dyads, camp.within.weights, strict=True)) for camp in camps)
    before, after = (set(camp.members) for camp in camps)
    return Explanation(
        name=name,
        view=frame.params.views[view].name,
        since=ticks[0],
        tick=ticks[1],
        then=float(then.value[view]),
        now=float(now.value[view]),
        interval=(float(now.low[view]), float(now.high[view])),
        members=camps[1].members,
        joined=tuple(sorted(after - before)),
        gone=tuple(sorted(before - after)),
        pairs=_pairs([*zip(worlds, weights, strict=True)], view, told, frame),
    )


def _cohesion(world: World, bundle: Bundle, name: str, params: MetricParams) -> Mean:
    """A coalition's cohesion, that of no pairs where none of its own was in the news."""
    found = measure(world, bundle, params).get(name)
    return mean_tie(world.of(np.empty(0, np.int64)), params) if found is None else found.cohesion


def explain_dyad(frame: Frame, told: Told, dyad: str, ticks: tuple[int, int], view: int) -> Explanation:
    """Explain a dyad's tie at the second tick, and its change since the first; it must have a row."""
    (pair,) = _pairs([(frame.world(tick), {dyad: 1.0}) for tick in ticks], view, told, frame)
    return Explanation(
        name=dyad,
        view=frame.params.views[view].name,
        since=ticks[0],
        tick=ticks[1],
        then=pair.then.tie,
        now=pair.now.tie,
        interval=pair.now.interval,
        members=(),
        joined=(),
        gone=(),
        pairs=(pair,),
    )


def _pairs(
    moments: Sequence[tuple[World, Mapping[str, float]]], view: int, told: Told, frame: Frame
) -> tuple[Pair, ...]:
    dyads = sorted({dyad for _, weights in moments for dyad in weights})
    found = []
    for dyad, row in zip(dyads, frame.rows.index(dyads).tolist(), strict=True):
        then, now = (_side(world, row, view, weights.get(dyad, 0.0)) for world, weights in moments)
        masses = [told(dyad).at(world.tick, frame.params.views[view]) for world, _ in moments]
        found.append(_pair((then, now), (masses[0], masses[1]), told(dyad).contributions, frame.params.kappa))
    return tuple(sorted(found, key=lambda pair: (-abs(pair.now.value), pair.dyad)))


def _side(world: World, row: int, view: int, weight: float) -> Side:
    low, high = tone_interval(float(world.centred[view, row]), float(world.plain.nu[view, row]))
    effects, expected = world.effects, float(world.expected[row])
    return Side(
        dyad=world.rows.dyads[row],
        weight=weight,
        tie=float(world.tie[view, row]),
        interval=(against(low, expected), against(high, expected)),
        coop=float(world.sums.coop[view, row]),
        conflict=float(world.sums.conflict[view, row]),
        n=int(world.sums.n[view, row]),
        expected=expected,
        level=effects.level,
        effects=(
            float(effects.of_actor[world.rows.one[row]]),
            float(effects.of_actor[world.rows.other[row]]),
        ),
    )


def _pair(
    sides: tuple[Side, Side], masses: tuple[Floats, Floats], parts: Sequence[Contribution], kappa: float
) -> Pair:
    then, now = sides
    weight, tie = (then.weight + now.weight) / 2, (then.tie + now.tie) / 2
    made = step_between(now.standing.without_news, now.standing, kappa)
    moved = step_between(then.standing, now.standing, kappa)
    values = now.weight * made.shares(np.zeros_like(masses[1]), masses[1])
    changes = weight * moved.shares(*masses)
    order = np.argsort(-np.abs(values), kind="stable").tolist()
    rows = ((parts[i], *(float(row[i]) for row in (*masses, values, changes))) for i in order)
    return Pair(
        dyad=now.dyad,
        then=then,
        now=now,
        shares=tuple(Share(*row) for row in rows if row[1] or row[2]),
        habits=weight * moved.habits,
        membership=tie * (now.weight - then.weight),
    )

"""A coalition, its rival and a day in; who stands against whom with which weights out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from pipeline.contract.event import dyad_of
from pipeline.metrics.panel import Pairs
from pipeline.ontology.coalition import Coalition, Member

_Weighted = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Lineup:
    """The pairs of a coalition and its rival while membership stays the same; weights add up to 1."""

    coalition: str
    rival: str | None
    members: tuple[str, ...]
    """Sorted codes."""
    within: Pairs
    """Pairs of members, ω = μμ√(pp)."""
    across: Pairs
    """Pairs of a member and a member of the rival that is not in both."""
    strength: Pairs
    """Pairs of members by what a unit of their tone adds to the strength; these do not add up to 1."""
    rival_strength: Pairs
    """The same for the rival."""
    mass: float
    """Σ p·μ, the strength at tone 1 everywhere."""
    rival_mass: float
    """The rival's, 0 where there is none."""

    @property
    def own(self) -> tuple[str, ...]:
        """Dyads of the coalition and against its rival, sorted: where news makes a row appear."""
        return tuple(sorted({*self.within.dyads, *self.across.dyads}))

    @property
    def all(self) -> tuple[str, ...]:
        """Every dyad that a row depends on, sorted."""
        return tuple(sorted({*self.within.dyads, *self.across.dyads, *self.rival_strength.dyads}))


def lineup_of(coalition: Coalition, rival: Coalition | None, day: date) -> Lineup:
    """Line a coalition up with the members of a day.

    A state in both camps counts as the coalition's own. One member alone has no pairs.
    """
    own = coalition.active(day)
    theirs = () if rival is None else rival.active(day)
    codes = {member.code for member in own}
    return Lineup(
        coalition=coalition.name,
        rival=coalition.rival,
        members=tuple(sorted(codes)),
        within=_normal((dyad_of(a.code, b.code), _omega(a, b)) for a, b in combinations(own, 2)),
        across=_normal(
            (dyad_of(a.code, b.code), _omega(a, b)) for a in own for b in theirs if b.code not in codes
        ),
        strength=_strength(own),
        rival_strength=_strength(theirs),
        mass=sum(_mass(member) for member in own),
        rival_mass=sum(_mass(member) for member in theirs),
    )


def _omega(one: Member, other: Member) -> float:
    return one.weight * other.weight * math.sqrt(one.capability * other.capability)


def _mass(member: Member) -> float:
    return member.capability * member.weight


def _normal(pairs: Iterable[_Weighted]) -> Pairs:
    raw = _pairs(pairs)
    total = raw.total
    return Pairs(raw.dyads, tuple(weight / total for weight in raw.weights))


def _strength(members: Sequence[Member]) -> Pairs:
    """Weights v of pairs with Σ v·s = Σ_i m_i coh_i / 2, m = pμ: v_ij = ½ m_i m_j (1/M_i + 1/M_j).

    M_i = Σ_{j≠i} m_j.
    """
    others = {m.code: sum(_mass(other) for other in members if other is not m) for m in members}
    return _pairs(
        (
            dyad_of(a.code, b.code),
            _mass(a) * _mass(b) * (1 / others[a.code] + 1 / others[b.code]) / 2,
        )
        for a, b in combinations(members, 2)
    )


def _pairs(pairs: Iterable[_Weighted]) -> Pairs:
    ordered = sorted(pairs)
    return Pairs(tuple(dyad for dyad, _ in ordered), tuple(weight for _, weight in ordered))

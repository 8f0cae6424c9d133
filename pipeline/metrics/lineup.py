"""A coalition, its rival and a day in; who stands against whom with which weights out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import combinations

from pipeline.contract.event import dyad_of
from pipeline.ontology.coalition import Coalition, Member

_Weighted = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Dyads with a weight each, sorted by name."""

    dyads: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Camp:
    """One side on one day."""

    members: tuple[str, ...]
    """Sorted codes."""
    masses: tuple[float, ...]
    """Capability times degree of membership, pμ, in the order of members."""
    within: Pairs
    """Pairs of members by ω = μμ√(pp); weights add up to 1."""
    strength: tuple[float, ...]
    """By what a unit of a pair's tie adds to the strength, in the order of `within`."""
    weights: Mapping[str, float]
    """√p·μ by member."""

    @property
    def mass(self) -> float:
        """Σ pμ, the strength at tie 1 everywhere."""
        return sum(self.masses)


@dataclass(frozen=True)
class Lineup:
    """A coalition and its rival while membership stays the same."""

    coalition: str
    rival: str | None
    own: Camp
    theirs: Camp
    """Empty where there is no rival, or nobody in it that day."""
    across: Pairs
    """Pairs of a member and a member of the rival that is not in both; weights add up to 1."""
    capability: str
    """Where capabilities come from."""

    @property
    def members(self) -> tuple[str, ...]:
        """Sorted codes of the coalition."""
        return self.own.members

    @cached_property
    def news(self) -> tuple[str, ...]:
        """Dyads of the coalition and against its rival, sorted: where news makes a row appear."""
        return tuple(sorted({*self.own.within.dyads, *self.across.dyads}))

    @cached_property
    def all(self) -> tuple[str, ...]:
        """Every dyad that a row is computed from, sorted."""
        return tuple(sorted({*self.news, *self.theirs.within.dyads}))

    @cached_property
    def sides(self) -> tuple[tuple[str, int], ...]:
        """Every state of both camps with +1 for the coalition's own and −1 for the rival's, sorted."""
        own = set(self.members)
        return tuple(
            (code, 1 if code in own else -1) for code in sorted({*self.members, *self.theirs.members})
        )


@lru_cache(maxsize=1024)
def lineup_of(coalition: Coalition, rival: Coalition | None, day: date) -> Lineup:
    """Line a coalition up with the members of a day.

    A state in both camps counts as the coalition's own. One member alone has no pairs.
    """
    own = coalition.active(day)
    theirs = () if rival is None else rival.active(day)
    codes = {member.code for member in own}
    across = ((dyad_of(a.code, b.code), _omega(a, b)) for a in own for b in theirs if b.code not in codes)
    return Lineup(
        coalition.name, coalition.rival, _camp(own), _camp(theirs), _normal(across), coalition.capability
    )


def _camp(members: Sequence[Member]) -> Camp:
    """Weights v of pairs with Σ v·τ = Σ_i m_i coh_i / 2, m = pμ: v_ij = ½ m_i m_j (1/M_i + 1/M_j).

    M_i = Σ_{j≠i} m_j.
    """
    ordered = sorted(members, key=lambda member: member.code)
    within = _normal((dyad_of(a.code, b.code), _omega(a, b)) for a, b in combinations(ordered, 2))
    mass = {member.code: _mass(member) for member in ordered}
    others = {code: sum(mass[other] for other in mass if other != code) for code in mass}
    ends = (dyad.split("|") for dyad in within.dyads)
    strength = tuple(mass[a] * mass[b] * (1 / others[a] + 1 / others[b]) / 2 for a, b in ends)
    return Camp(
        tuple(mass),
        tuple(mass.values()),
        within,
        strength,
        {member.code: math.sqrt(member.capability) * member.weight for member in ordered},
    )


def _omega(one: Member, other: Member) -> float:
    return one.weight * other.weight * math.sqrt(one.capability * other.capability)


def _mass(member: Member) -> float:
    return member.capability * member.weight


def _normal(pairs: Iterable[_Weighted]) -> Pairs:
    ordered = sorted(pairs)
    total = sum(weight for _, weight in ordered)
    return Pairs(tuple(dyad for dyad, _ in ordered), tuple(weight / total for _, weight in ordered))

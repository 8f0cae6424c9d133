"""Line-ups in; all their pairs end to end, by their rows in a world, out: one pass measures them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.clock import Hours
from pipeline.metrics.lineup import Camp, Lineup
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import Rows


@dataclass(frozen=True)
class Segments:
    """Pairs of several line-ups end to end, a segment each; a segment may be empty."""

    rows: Hours
    """Row of each pair in the world: (pairs,)."""
    starts: Hours
    """Where each segment begins, and the end of the last: (segments + 1,)."""

    @cached_property
    def _told(self) -> Hours:
        return np.flatnonzero(np.diff(self.starts))

    def of(self, number: int) -> slice:
        """Where one segment's pairs stand."""
        return slice(int(self.starts[number]), int(self.starts[number + 1]))

    def sums(self, values: Floats) -> Floats:
        """Add up each segment, in order, 0 for an empty one: (views, pairs) to (views, segments)."""
        return self._reduced(np.add, values, 0.0)

    def least(self, values: Floats) -> Floats:
        """The least of each segment, NaN for an empty one."""
        return self._reduced(np.minimum, values, np.nan)

    def _reduced(self, how: np.ufunc, values: Floats, empty: float) -> Floats:
        found = np.full((len(values), len(self.starts) - 1), empty)
        if len(self._told):
            found[:, self._told] = how.reduceat(values, self.starts[self._told], axis=1)
        return found


@dataclass(frozen=True)
class Side:
    """One camp of every line-up."""

    pairs: Segments
    weights: Floats
    """ω of each pair; a segment's add up to 1."""
    strength: Floats
    """By what a unit of each pair's tie adds to the strength."""
    ends: tuple[Hours, Hours]
    """Numbers of each pair's members, among the members of all segments end to end."""
    members: Hours
    """Where each segment's members begin, and the end of the last: (segments + 1,)."""
    mass: Floats
    """Σ pμ of each segment."""

    def per_member(self, values: Floats) -> Floats:
        """Add each pair's value to both its members: (views, pairs) to (views, members)."""
        count = int(self.members[-1])
        one, other = self.ends
        return np.array([np.bincount(one, v, count) + np.bincount(other, v, count) for v in values])


@dataclass(frozen=True)
class Bundle:
    """Every line-up of one day by the rows of one world."""

    lineups: tuple[Lineup, ...]
    own: Side
    theirs: Side
    across: Segments
    across_weights: Floats
    news: Segments
    """Dyads whose news makes a line-up's row appear."""


def bundle_of(lineups: Sequence[Lineup], rows: Rows) -> Bundle:
    """Place line-ups; every dyad of theirs must have a row."""
    return Bundle(
        tuple(lineups),
        _side([lineup.own for lineup in lineups], rows),
        _side([lineup.theirs for lineup in lineups], rows),
        _segments([lineup.across.dyads for lineup in lineups], rows),
        _joined([lineup.across.weights for lineup in lineups]),
        _segments([lineup.news for lineup in lineups], rows),
    )


def _side(camps: Sequence[Camp], rows: Rows) -> Side:
    members = _starts([len(camp.members) for camp in camps])
    one, other = [], []
    for first, camp in zip(members.tolist(), camps, strict=False):
        number = {code: first + index for index, code in enumerate(camp.members)}
        ends = [dyad.split("|") for dyad in camp.within.dyads]
        one += [number[a] for a, _ in ends]
        other += [number[b] for _, b in ends]
    return Side(
        pairs=_segments([camp.within.dyads for camp in camps], rows),
        weights=_joined([camp.within.weights for camp in camps]),
        strength=_joined([camp.strength for camp in camps]),
        ends=(np.array(one, np.int64), np.array(other, np.int64)),
        members=members,
        mass=np.array([camp.mass for camp in camps]),
    )


def _segments(parts: Sequence[Sequence[str]], rows: Rows) -> Segments:
    dyads = [dyad for part in parts for dyad in part]
    return Segments(rows.index(dyads), _starts([len(part) for part in parts]))


def _starts(sizes: Sequence[int]) -> NDArray[np.int64]:
    return np.array([0, *accumulate(sizes)], np.int64)


def _joined(parts: Sequence[Sequence[float]]) -> Floats:
    return np.array([value for part in parts for value in part])

"""A coalition's midnights in; changes over days, intervals of the index and turning points out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from pipeline.web.readmodel import Day

_APART = timedelta(days=45)
_STRIKING = 6.0
"""Robust z of a day's change of cohesion from which it is a turning point."""
_FLOOR = 0.002


@dataclass(frozen=True, slots=True)
class Move:
    """What changed between two midnights; parts and rest add up to `cohesion`."""

    since: datetime
    index: float | None
    cohesion: float
    parts: tuple[tuple[str, float], ...]
    """Dyad and what it added, largest first."""


def index_interval(day: Day) -> tuple[float, float] | None:
    """The index at both ends of the cohesion's 90 % interval, its members' weights held as they are.

    Exact where all members weigh the same, since strength is then proportional to 1 + cohesion.
    """
    if day.index is None or day.cohesion <= -1:
        return None
    per_unit = day.index / (1 + day.cohesion)
    return per_unit * (1 + day.low), per_unit * (1 + day.high)


def move(days: Sequence[Day], span: int) -> Move | None:
    """What moved from `span` days before the last midnight to it; None where that midnight is not known."""
    if not days:
        return None
    last = days[-1]
    since = last.as_of - timedelta(days=span)
    before = next((day for day in reversed(days) if day.as_of == since), None)
    if before is None:
        return None
    parts: dict[str, float] = {}
    for day in days:
        if since < day.as_of <= last.as_of:
            for dyad, part in day.drivers:
                parts[dyad] = parts.get(dyad, 0.0) + part
    index = None if last.index is None or before.index is None else last.index - before.index
    ranked = sorted(parts.items(), key=lambda item: (-abs(item[1]), item[0]))
    return Move(since, index, last.cohesion - before.cohesion, tuple(ranked))


def turning_points(days: Sequence[Day], most: int = 6) -> list[Day]:
    """Days on which cohesion jumped most for this series, at least 45 days apart, in order of time.

    Striking is a change of 6 robust deviations (1.4826 · median absolute change) or more.
    """
    changes = [abs(day.change) for day in days if day.change is not None]
    if len(changes) < 30:
        return []
    scale = max(1.4826 * median(changes), _FLOOR)
    found: list[Day] = []
    for day in sorted(days, key=lambda d: (-abs(d.change or 0), d.as_of)):
        if abs(day.change or 0) < _STRIKING * scale or len(found) == most:
            break
        if all(abs(day.as_of - other.as_of) >= _APART for other in found):
            found.append(day)
    return sorted(found, key=lambda d: d.as_of)


def ordered(days: Mapping[datetime, Day]) -> list[Day]:
    """Midnights in order of time."""
    return [days[moment] for moment in sorted(days)]

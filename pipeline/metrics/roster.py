"""Coalitions in; their line-ups over time, and which coalitions a dyad touches, out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.metrics.clock import Hours, hour_of, moment
from pipeline.metrics.lineup import Lineup, lineup_of
from pipeline.ontology.coalition import Coalition


class Roster:
    """Every coalition with its line-ups, one for each stretch of unchanged membership.

    The members of a tick are those of its date (UTC).
    """

    def __init__(self, coalitions: Sequence[Coalition]) -> None:
        self._by_name = {coalition.name: coalition for coalition in coalitions}
        self._borders = {name: self._changes(name) for name in self._by_name}
        self._lineups: dict[tuple[str, int], Lineup] = {}
        self._touched: dict[str, tuple[str, ...]] = {}

    @property
    def names(self) -> list[str]:
        """Names of all coalitions, sorted."""
        return sorted(self._by_name)

    def stretches(self, name: str, ticks: Hours) -> list[tuple[Lineup, Hours]]:
        """Split sorted ticks where membership changes; gives each line-up with the indices of its ticks."""
        numbers = np.searchsorted(self._borders[name], ticks, side="right")
        return [
            (self._lineup(name, int(number)), np.flatnonzero(numbers == number).astype(np.int64))
            for number in np.unique(numbers)
        ]

    def touched(self, dyad: str) -> tuple[str, ...]:
        """Names of the coalitions that a dyad may move, at any time."""
        if dyad not in self._touched:
            ends = set(dyad.split("|"))
            names = (name for name in self.names if len(ends & self._codes(name)) == len(ends) == 2)
            self._touched[dyad] = tuple(names)
        return self._touched[dyad]

    def _codes(self, name: str) -> set[str]:
        coalition = self._by_name[name]
        rival = self._rival(coalition)
        return {m.code for side in (coalition, rival) if side is not None for m in side.members}

    def _rival(self, coalition: Coalition) -> Coalition | None:
        return None if coalition.rival is None else self._by_name.get(coalition.rival)

    def _changes(self, name: str) -> Hours:
        coalition = self._by_name[name]
        rival = self._rival(coalition)
        days = {*coalition.changes, *(() if rival is None else rival.changes)}
        return np.array(sorted(hour_of(day) for day in days), np.int64)

    def _lineup(self, name: str, number: int) -> Lineup:
        if (name, number) not in self._lineups:
            borders = self._borders[name]
            coalition = self._by_name[name]
            hour = int(borders[number - 1]) if number else int(borders[0]) - 1 if len(borders) else 0
            self._lineups[name, number] = lineup_of(coalition, self._rival(coalition), moment(hour).date())
        return self._lineups[name, number]

"""Coalitions in; their line-ups over time, placed in the rows of a world, out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pipeline.metrics.bundle import Bundle, bundle_of
from pipeline.metrics.clock import hour_of, moment
from pipeline.metrics.lineup import Lineup, lineup_of
from pipeline.metrics.world import Rows
from pipeline.ontology.coalition import Coalition


class Roster:
    """Every coalition with its line-ups, one for each stretch of unchanged membership.

    The members of a tick are those of its date (UTC).
    """

    def __init__(self, coalitions: Sequence[Coalition]) -> None:
        self._by_name = {coalition.name: coalition for coalition in coalitions}
        self._borders = {name: self._changes(name) for name in self._by_name}
        self._lineups: dict[tuple[str, int], Lineup] = {}
        self._bundles: dict[tuple[int, ...], Bundle] = {}
        self._rows: Rows | None = None

    @property
    def names(self) -> list[str]:
        """Names of all coalitions, sorted."""
        return sorted(self._by_name)

    @property
    def dyads(self) -> list[str]:
        """Every dyad that any line-up, at any time, is computed from, sorted."""
        found: set[str] = set()
        for name, borders in self._borders.items():
            for number in range(len(borders) + 1):
                found.update(self._lineup(name, number).all)
        return sorted(found)

    def coalition(self, name: str) -> Coalition:
        """A coalition by name."""
        return self._by_name[name]

    def at(self, tick: int, rows: Rows) -> Bundle:
        """The line-ups of a tick by the rows of its world, which must hold all of `dyads`."""
        if rows is not self._rows:
            self._rows, self._bundles = rows, {}
        numbers = tuple(bisect_right(self._borders[name], tick) for name in self.names)
        if numbers not in self._bundles:
            lineups = [self._lineup(*key) for key in zip(self.names, numbers, strict=True)]
            self._bundles[numbers] = bundle_of(lineups, rows)
        return self._bundles[numbers]

    def _rival(self, coalition: Coalition) -> Coalition | None:
        return None if coalition.rival is None else self._by_name.get(coalition.rival)

    def _changes(self, name: str) -> list[int]:
        coalition = self._by_name[name]
        rival = self._rival(coalition)
        return sorted({hour_of(d) for d in (*coalition.changes, *(() if rival is None else rival.changes))})

    def _lineup(self, name: str, number: int) -> Lineup:
        if (name, number) not in self._lineups:
            borders = self._borders[name]
            coalition = self._by_name[name]
            hour = borders[number - 1] if number else borders[0] - 1 if borders else 0
            self._lineups[name, number] = lineup_of(coalition, self._rival(coalition), moment(hour).date())
        return self._lineups[name, number]

"""Entries in, in any order; exact integer cells by dyad, direction and hour out.

The ledger is the set of joined entries. Contributions and cells follow from it: when an entry changes,
the old contribution of its happening is taken off and the new one put on, so that cells never hold
anything that a fresh ledger of the same entries would not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.metrics.entry import Entry
from pipeline.metrics.impulse import Contribution, HappeningKey, contribution_of, happening_of, in_time
from pipeline.metrics.params import HOURS_A_DAY, MICRO, MetricParams


class Cell(NamedTuple):
    """What the happenings of one dyad, direction and hour add up to."""

    n: int = 0
    """Happenings."""
    coop: int = 0
    """Cooperation, micro Goldstein units."""
    conflict: int = 0
    """Conflict, micro Goldstein units."""
    coop2: int = 0
    """Sum of squared cooperative masses, 10⁻⁶ squared Goldstein units, each rounded."""
    conflict2: int = 0
    """Sum of squared conflictual masses, likewise."""


_EMPTY = Cell()
CellKey = tuple[int, str]
"""Bucket and direction."""


class Ledger:
    """All entries and what they add up to; changed by `fold` and `merge` only."""

    def __init__(self, params: MetricParams) -> None:
        self._params = params
        self._entries: dict[str, dict[str, Entry]] = {}
        self._days: dict[int, dict[tuple[str, str], bytes | None]] = {}
        self._digests: dict[int, str] = {}
        self._reports: dict[HappeningKey, set[str]] = {}
        self._counted: dict[str, dict[HappeningKey, Contribution]] = {}
        self._cells: dict[str, dict[CellKey, Cell]] = {}
        self._touched: set[HappeningKey] = set()
        self._size = 0

    def __len__(self) -> int:
        """Distinct events, retracted ones included."""
        return self._size

    @property
    def dyads(self) -> list[str]:
        """Every dyad that has an entry, sorted."""
        return sorted(self._entries)

    @property
    def dropped(self) -> int:
        """Events not counted because they were reported later than the retention."""
        return sum(not in_time(entry, self._params) for entry in self.entries())

    def entries(self) -> Iterator[Entry]:
        """Every joined entry, sorted by dyad and event_id."""
        for dyad in self.dyads:
            yield from self.entries_of(dyad)

    def entries_of(self, dyad: str) -> list[Entry]:
        """The joined entries of one dyad, sorted by event_id."""
        found = self._entries.get(dyad, {})
        return [found[event_id] for event_id in sorted(found)]

    def get(self, dyad: str, event_id: str) -> Entry | None:
        """The joined entry of an event, if there is one."""
        return self._entries.get(dyad, {}).get(event_id)

    def reports(self, dyad: str, event_id: str) -> list[Entry]:
        """All joined entries that report the same happening as this one, sorted by event_id.

        Raises KeyError for an event that was never folded.
        """
        known = self._entries[dyad]
        return [known[name] for name in sorted(self._reports[happening_of(known[event_id])])]

    def fold(self, entry: Entry) -> bool:
        """Take an entry in; returns False where it tells nothing new."""
        known = self._entries.get(entry.dyad)
        if known is None:
            known = self._entries[entry.dyad] = {}
        old = known.get(entry.event_id)
        new = entry if old is None else old.join(entry)
        if new == old:
            return False
        known[entry.event_id] = new
        name = (entry.dyad, entry.event_id)
        if old is None:
            self._size += 1
        else:
            key = happening_of(old)
            self._reports[key].discard(old.event_id)
            self._touched.add(key)
            del self._days[old.bucket // HOURS_A_DAY][name]
            self._digests.pop(old.bucket // HOURS_A_DAY, None)
        key = happening_of(new)
        reports = self._reports.get(key)
        if reports is None:
            self._reports[key] = {new.event_id}
        else:
            reports.add(new.event_id)
        self._touched.add(key)
        self._days.setdefault(new.bucket // HOURS_A_DAY, {})[name] = None
        self._digests.pop(new.bucket // HOURS_A_DAY, None)
        return True

    def merge(self, other: Ledger) -> None:
        """Take in every entry of another ledger."""
        for entry in other.entries():
            self.fold(entry)

    def settle(self) -> None:
        """Bring the cells up to date with the entries.

        Once for many folds, so that a happening with many reports is weighed once.
        """
        for key in self._touched:
            dyad = key[0]
            counted = self._counted.setdefault(dyad, {})
            old = counted.pop(key, None)
            known = self._entries[dyad]
            new = contribution_of([known[i] for i in self._reports[key]], self._params)
            if new is not None:
                counted[key] = new
            if new != old:
                self._add(dyad, old, -1)
                self._add(dyad, new, 1)
        self._touched.clear()

    def cells(self, dyad: str) -> dict[CellKey, Cell]:
        """The cells of a dyad by bucket and direction, sorted, empty ones left out; `settle` first."""
        self._require_settled()
        return dict(sorted(self._cells.get(dyad, {}).items()))

    def contributions(self, dyad: str) -> list[Contribution]:
        """What each happening of a dyad adds, sorted by event_id; `settle` first."""
        self._require_settled()
        return sorted(self._counted.get(dyad, {}).values(), key=lambda part: part.event_id)

    def digest(self) -> str:
        """Hash all entries: sha256 of sorted lines 'day d', d the sha256 of its entries' sorted sha256s."""
        return self.chain()[-1][1]

    def chain(self) -> list[tuple[int, str]]:
        """The digest of all entries up to each day (since 1970) with any, ascending; the last is the whole's.

        It starts with the empty ledger's, at the day before the first.
        """
        whole = hashlib.sha256()
        days = sorted(day for day, names in self._days.items() if names)
        found = [(days[0] - 1 if days else 0, whole.hexdigest())]
        for day in days:
            whole.update(f"{day} {self._digest_of(day)}\n".encode())
            found.append((day, whole.hexdigest()))
        return found

    def _digest_of(self, day: int) -> str:
        if day not in self._digests:
            names = self._days[day]
            for (dyad, event_id), known in names.items():
                if known is None:
                    names[dyad, event_id] = _hash(self._entries[dyad][event_id])
            hashes = sorted(found for found in names.values() if found is not None)
            self._digests[day] = hashlib.sha256(b"".join(hashes)).hexdigest()
        return self._digests[day]

    def _require_settled(self) -> None:
        if self._touched:
            raise ValueError("settle() the ledger before reading its cells")

    def _add(self, dyad: str, part: Contribution | None, sign: int) -> None:
        if part is None:
            return
        cells = self._cells.setdefault(dyad, {})
        key = (part.bucket, part.direction)
        n, coop, conflict, coop2, conflict2 = cells.get(key, _EMPTY)
        mass = sign * part.impulse
        squared = sign * square(abs(part.impulse))
        if part.impulse >= 0:
            coop, coop2 = coop + mass, coop2 + squared
        else:
            conflict, conflict2 = conflict - mass, conflict2 + squared
        if n + sign:
            cells[key] = Cell(n + sign, coop, conflict, coop2, conflict2)
        else:
            del cells[key]


def _hash(entry: Entry) -> bytes:
    return hashlib.sha256(entry.dump()).digest()


def square(mass: int) -> int:
    """Square micro Goldstein units into 10⁻⁶ squared Goldstein units; never zero for a mass."""
    return max(1, (mass * mass + MICRO // 2) // MICRO) if mass else 0

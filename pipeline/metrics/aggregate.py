"""Entries in, in any order and any batches; every published record out, the same bytes whatever the order.

What is published is a pure function of the set of entries (`Aggregate.everything`). `outputs` names only
what changed since it was last asked; upserting all it ever gave, by topic and key, is `everything`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.contract.record import Record
from pipeline.contract.topics import DYADS, Topic
from pipeline.metrics.board import Table
from pipeline.metrics.clock import microseconds
from pipeline.metrics.entry import HOUR_US, Entry
from pipeline.metrics.frame import Frame
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.journal import Journal
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.outputs import Outputs
from pipeline.metrics.params import HOURS_A_DAY, MetricParams
from pipeline.metrics.revisions import Revisions
from pipeline.metrics.roster import Roster
from pipeline.metrics.signals import Told
from pipeline.metrics.trail import trail_of
from pipeline.metrics.world import Rows, rows_of
from pipeline.ontology.coalition import Coalition

__all__ = ["Aggregate", "Outputs", "recompute"]

_Latest = dict[tuple[Topic, str], Record]
_DAY_US = HOUR_US * HOURS_A_DAY
_NEVER = -(10**9)


@dataclass(frozen=True, slots=True)
class _Published:
    """What the outputs given so far cover."""

    last: int = _NEVER
    """The last midnight."""
    final_until: int = _NEVER
    latest: _Latest = field(default_factory=dict)
    dyads: set[str] = field(default_factory=set)


class Aggregate:
    """The ledger in memory and everything that is published of it. No input, no output, no clock."""

    def __init__(
        self, coalitions: Sequence[Coalition], params: MetricParams, ontology_version: str = ""
    ) -> None:
        self._params = params
        self._ontology_version = ontology_version
        self._roster = Roster(coalitions)
        self._ledger = Ledger(params)
        self._revisions = Revisions(params)
        self._reported: set[int] = set()
        self._first_us = self._frontier_us = 0
        self._table = Table(params)
        self._table.change(dict.fromkeys(self._roster.dyads))
        self._rows: Rows = rows_of(self._table.dyads)
        self._impulses: dict[str, Impulses] = {}
        self._journal = Journal(self._roster, params)
        self._told = Told()
        self._stale: dict[str, int] = {}
        self._touched: set[str] = set()
        self._changed_from: int | None = None
        self._nudged = False
        self._published = _Published()

    def __len__(self) -> int:
        """Distinct events, retracted ones included."""
        return len(self._ledger)

    @property
    def dropped(self) -> int:
        """Events not counted because they were reported later than the retention."""
        return self._ledger.dropped

    @property
    def unsettled(self) -> bool:
        """Whether dyads that news elsewhere has nudged still wait to be published."""
        return self._nudged or bool(self._stale)

    def fold(self, entry: Entry) -> bool:
        """Take an entry in; returns False where it tells nothing new.

        Where it does, `stored` is what must be kept to restore this aggregate.
        """
        old = self._ledger.get(entry.dyad, entry.event_id)
        if not self._ledger.fold(entry):
            return False
        published = [mark.published_us for mark in entry.marks]
        if not self._reported:
            self._first_us = self._frontier_us = published[0]
        self._first_us = min(self._first_us, *published)
        self._frontier_us = max(self._frontier_us, *published)
        days = {moment_us // _DAY_US for moment_us in published}
        self._reported |= days
        new = self.stored(entry)
        self._revisions.change(old, new)
        start = min(new.hours[0], min(days) * HOURS_A_DAY)
        self._stale[entry.dyad] = min(start, self._stale.get(entry.dyad, start))
        return True

    def stored(self, entry: Entry) -> Entry:
        """All that is known of an entry's event: its newest revision with the marks of every one seen.

        This, not the entry that came in, belongs into a table or snapshot. Raises KeyError for an
        event that was never folded.
        """
        found = self._ledger.get(entry.dyad, entry.event_id)
        if found is None:
            raise KeyError(entry.event_id)
        return found

    def entries(self) -> Iterator[Entry]:
        """All that is needed to restore this aggregate, sorted by dyad and event."""
        return self._ledger.entries()

    def digest(self) -> str:
        """Hash of the ledger, equal for equal sets of entries."""
        return self._ledger.digest()

    def frame(self) -> Frame:
        """Everything that values depend on, as it stands now: worlds of any tick."""
        self._settle()
        return self._frame()

    @property
    def ledger(self) -> Ledger:
        """The entries and what they add up to; to be read only."""
        self._ledger.settle()
        return self._ledger

    def outputs(self, settle: bool = True) -> Outputs:
        """Give what changed since the last call, and take it for published.

        Every tie depends a little on all the world's news. Without `settle` the dyads that news elsewhere
        merely nudged are left for later (`unsettled` tells); what they are then is published then.
        """
        if not self._stale and self._changed_from is None and not (settle and self._nudged):
            return Outputs()
        self._settle()
        frame, since = self._frame(), self._published
        changed_from = since.last if self._changed_from is None else min(self._changed_from, since.last)
        now_final = range(since.final_until + 1, frame.final_until + 1)
        days = {m for m in frame.midnights if m > changed_from or m in now_final}
        rows = tuple(frame.history(days))
        now = frame.latest()
        latest = now.records()
        told = sorted(now.dyads if settle else now.dyads & self._touched)
        found = Outputs(
            rows=rows,
            dyads=tuple(now.dyad_records(told, self._impulses_of)),
            latest=tuple((k[0], new) for k, new in latest.items() if _differs(since.latest.get(k), new)),
            gone=(
                *(key for key in since.latest if key not in latest),
                *self._silent(since.dyads - now.dyads),
            ),
            clock=frame.clock(settle),
        )
        self._take(frame, latest, now.dyads, settle)
        return found

    def everything(self, take: bool = False) -> Outputs:
        """Give all records; with `take` they are taken for published, else that stays as it is."""
        if not self._reported:
            return Outputs()
        self._settle()
        frame = self._frame()
        rows = tuple(frame.history(set(frame.midnights)))
        now = frame.latest()
        latest = now.records()
        found = Outputs(
            rows=rows,
            dyads=tuple(now.dyad_records(sorted(now.dyads), self._impulses_of)),
            latest=tuple((key[0], record) for key, record in latest.items()),
            clock=frame.clock(),
        )
        if take:
            self._take(frame, latest, now.dyads, settled=True)
        return found

    def _take(self, frame: Frame, latest: _Latest, dyads: set[str], settled: bool) -> None:
        last = frame.midnights[-1] if frame.midnights else self._published.last
        self._published = _Published(last, frame.final_until, latest, dyads)
        self._nudged, self._changed_from, self._touched = not settled, None, set()

    def _settle(self) -> None:
        """Bring all that is derived from the ledger up to date with it."""
        if not self._stale:
            return
        self._ledger.settle()
        trails = {}
        for dyad in self._stale:
            cells, entries = self._ledger.cells(dyad), self._ledger.entries_of(dyad)
            trails[dyad] = trail_of(cells, entries, self._params)
            self._impulses.pop(dyad, None)
        if self._table.change(trails):
            self._rows = rows_of(self._table.dyads)
        start = min(self._stale.values())
        self._journal.forget(start)
        self._changed_from = start if self._changed_from is None else min(start, self._changed_from)
        self._touched |= self._stale.keys()
        self._stale = {}

    def _impulses_of(self, dyad: str) -> Impulses:
        if dyad not in self._impulses:
            self._impulses[dyad] = Impulses(self._ledger.contributions(dyad), self._params)
        return self._impulses[dyad]

    def _silent(self, dyads: set[str]) -> Iterator[tuple[Topic, str]]:
        """Keys of dyads that have had no news for the whole retention."""
        for dyad in sorted(dyads):
            yield from ((DYADS, f"{dyad}|{view.name}") for view in self._params.views)

    def _frame(self) -> Frame:
        return Frame(
            params=self._params,
            roster=self._roster,
            table=self._table,
            rows=self._rows,
            journal=self._journal,
            revisions=self._revisions,
            chain=self._ledger.chain(),
            reported=self._reported,
            span_us=(self._first_us, self._frontier_us),
            events=len(self._ledger),
            ontology_version=self._ontology_version,
            told=self._told,
        )


def _differs(old: Record | None, new: Record) -> bool:
    return old is not new and old != new


def recompute(
    entries: Iterable[Entry],
    coalitions: Sequence[Coalition],
    params: MetricParams,
    ontology_version: str = "",
    as_of: datetime | None = None,
) -> Outputs:
    """Compute every record from a set of entries, all revisions of them, in any order.

    With `as_of` (aware) only what was published by then is taken in: what the topics held at that time.
    """
    aggregate = Aggregate(coalitions, params, ontology_version)
    with uncollected():
        for entry in entries:
            if as_of is None or entry.published_us <= microseconds(as_of):
                aggregate.fold(entry)
    return aggregate.everything()


@contextmanager
def uncollected() -> Iterator[None]:
    """Fold many entries without the cycle collector: they all stay, none is in a cycle, and it would
    look at each of them again and again.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

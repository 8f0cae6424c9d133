"""Entries in, in any order and any batches; every published record out, the same bytes whatever the order.

What is published is a pure function of the set of entries (`Aggregate.everything`). `outputs` names only
what changed since it was last asked; upserting all it ever gave, by topic and key, is `everything`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from pipeline.contract.metric import Clock
from pipeline.metrics.clock import Hours, Mask, between, microseconds, moment, moment_us, ticks_of
from pipeline.metrics.dyads import Stamp
from pipeline.metrics.entry import HOUR_US, Entry
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.outputs import Outputs
from pipeline.metrics.params import MetricParams
from pipeline.metrics.roster import Roster
from pipeline.metrics.scene import Scene, last_rows, marked
from pipeline.metrics.series import Impulses, Series
from pipeline.ontology.coalition import Coalition

__all__ = ["Aggregate", "Outputs", "recompute"]

_STAGE = "aggregator"
_Span = tuple[int, int]
_Stale = Mapping[str, list[_Span]]


@dataclass(frozen=True, slots=True)
class _Published:
    """What the outputs given so far cover."""

    ticks: Hours = field(default_factory=lambda: np.empty(0, np.int64))
    final_until: int | None = None
    dyads: Mapping[str, int] = field(default_factory=dict)
    """The tick of each dyad's rows."""
    coalitions: Mapping[str, int] = field(default_factory=dict)
    """The tick of each coalition's rows on the topic of latest values."""

    def turned_final(self, tick: int, final_until: int) -> bool:
        """Tell whether a tick has become final since."""
        return self.final_until is not None and self.final_until < tick <= final_until


class Aggregate:
    """The ledger in memory and everything that is published of it. No input, no output, no clock."""

    def __init__(
        self, coalitions: Sequence[Coalition], params: MetricParams, ontology_version: str = ""
    ) -> None:
        self._params = params
        self._ontology_version = ontology_version
        self._roster = Roster(coalitions)
        self._ledger = Ledger(params)
        self._hours: set[int] = set()
        self._frontier_us = 0
        self._series: dict[str, Series] = {}
        self._impulses: dict[str, Impulses] = {}
        self._stale: dict[str, list[_Span]] = {}
        self._published = _Published()

    def __len__(self) -> int:
        """Distinct events, retracted ones included."""
        return len(self._ledger)

    @property
    def dropped(self) -> int:
        """Events not counted because they were reported later than the retention."""
        return self._ledger.dropped

    def fold(self, entry: Entry) -> bool:
        """Take an entry in; returns False where it tells nothing new.

        Where it does, `stored` is what must be kept to restore this aggregate.
        """
        if not self._ledger.fold(entry):
            return False
        for mark in entry.marks:
            self._frontier_us = max(
                mark.published_us, self._frontier_us if self._hours else mark.published_us
            )
            self._hours.add(mark.published_hour)
        first, last = self.stored(entry).hours
        self._stale.setdefault(entry.dyad, []).append((first, last + self._params.retention_h))
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

    def outputs(self) -> Outputs:
        """Give what changed since the last call, and take it for published."""
        if not self._stale:
            return Outputs()
        found, self._published = self._render(self._published, self._settle())
        self._stale = {}
        return found

    def everything(self) -> Outputs:
        """Give all records from scratch; what is taken for published stays as it is."""
        if not self._hours:
            return Outputs()
        self._settle()
        return self._render(_Published(), {})[0]

    def _settle(self) -> _Stale:
        self._ledger.settle()
        for dyad in self._stale:
            cells, entries = self._ledger.cells(dyad), self._ledger.entries_of(dyad)
            self._series[dyad] = Series(cells, entries, self._params)
            self._impulses[dyad] = Impulses(self._ledger.contributions(dyad), self._params)
        return self._stale

    def _render(self, since: _Published, stale: _Stale) -> tuple[Outputs, _Published]:
        ticks = ticks_of(self._hours)
        final_until = self._frontier_us // HOUR_US - self._params.lateness_h
        stamp = Stamp(final_until, self._ontology_version)
        scene = Scene(self._params, self._roster, self._series, self._impulses, ticks, stamp)
        blocks = tuple(scene.blocks(self._wanted(ticks, since, final_until, stale)))
        latest = {
            name: rows
            for name, rows in last_rows(blocks).items()
            if rows[0] >= since.coalitions.get(name, rows[0])
        }
        at = scene.dyad_ticks()
        changed = {
            dyad: tick
            for dyad, tick in at.items()
            if since.dyads.get(dyad) != tick
            or since.turned_final(tick, final_until)
            or any(after < tick <= until for after, until in stale.get(dyad, ()))
        }
        outputs = Outputs(
            dyads=tuple(scene.dyads(changed)),
            metrics=tuple(record for _, rows in latest.values() for record in rows),
            blocks=blocks,
            clock=self._clock(int(ticks[-1])),
        )
        coalitions = {**since.coalitions, **{name: tick for name, (tick, _) in latest.items()}}
        return outputs, _Published(ticks, final_until, at, coalitions)

    def _wanted(self, ticks: Hours, since: _Published, final_until: int, stale: _Stale) -> dict[str, Mask]:
        """The ticks of each coalition whose rows may differ from what was published."""
        base = ~np.isin(ticks, since.ticks)
        if since.final_until is not None:
            base |= between(ticks, since.final_until, final_until)
        spans: dict[str, list[_Span]] = {name: [] for name in self._roster.names}
        for dyad, changes in stale.items():
            for name in self._roster.touched(dyad):
                spans[name] += changes
        return {name: marked(ticks, base, spans[name]) for name in spans}

    def _clock(self, tick: int) -> Clock:
        frontier = moment_us(self._frontier_us)
        return Clock(
            stage=_STAGE,
            frontier=frontier,
            watermark=frontier - timedelta(hours=self._params.lateness_h),
            tick=moment(tick),
            events=len(self._ledger),
            ledger_digest=self._ledger.digest(),
        )


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
    for entry in entries:
        if as_of is None or entry.published_us <= microseconds(as_of):
            aggregate.fold(entry)
    return aggregate.everything()

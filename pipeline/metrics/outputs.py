"""The records that one publication upserts, and the keys that it takes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.record import Record
from pipeline.contract.topics import CLOCK, DYADS, HISTORY, Topic
from pipeline.metrics.records import Row


@dataclass(frozen=True, slots=True)
class Outputs:
    """Records to upsert, each topic's by key. History rows are built while they are read."""

    rows: tuple[Row, ...] = ()
    """Coalitions at midnights, for the history."""
    dyads: tuple[DyadMetric, ...] = ()
    latest: tuple[tuple[Topic, Record], ...] = ()
    """Metrics, drift, blocs and alerts."""
    gone: tuple[tuple[Topic, str], ...] = ()
    """What no longer holds: tombstones."""
    clock: Clock | None = None

    @property
    def history(self) -> Iterator[CoalitionMetric]:
        """A row for each midnight, coalition and view."""
        for row in self.rows:
            yield from row.records()

    def of(self, topic: Topic) -> list[Record]:
        """The latest records of one topic."""
        return [record for named, record in self.latest if named is topic]

    def records(self) -> Iterator[tuple[Topic, str, Record | None]]:
        """Every record with its topic and key, None to delete: history first, the clock last of all."""
        for record in self.history:
            yield HISTORY, record.history_key, record
        for dyad in self.dyads:
            yield DYADS, dyad.key, dyad
        for topic, latest in self.latest:
            yield topic, topic.key(latest), latest
        for topic, key in self.gone:
            yield topic, key, None
        if self.clock is not None:
            yield CLOCK, self.clock.key, self.clock

"""The records that one publication upserts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.record import Record
from pipeline.contract.topics import CLOCK, DYADS, HISTORY, METRICS, Topic
from pipeline.metrics.coalitions import Block


@dataclass(frozen=True, slots=True)
class Outputs:
    """Records to upsert, each topic's by key. History rows are built while they are read."""

    dyads: tuple[DyadMetric, ...] = ()
    metrics: tuple[CoalitionMetric, ...] = ()
    blocks: tuple[Block, ...] = ()
    clock: Clock | None = None

    @property
    def history(self) -> Iterator[CoalitionMetric]:
        """A row for each tick, coalition and view."""
        for block in self.blocks:
            yield from block.records()

    def records(self) -> Iterator[tuple[Topic, str, Record]]:
        """Every record with its topic and key: history, dyads, metrics, and the clock last of all."""
        for record in self.history:
            yield HISTORY, record.history_key, record
        for dyad in self.dyads:
            yield DYADS, dyad.key, dyad
        for metric in self.metrics:
            yield METRICS, metric.key, metric
        if self.clock is not None:
            yield CLOCK, self.clock.key, self.clock

    def __len__(self) -> int:
        """Number of records."""
        return sum(map(len, self.blocks)) + len(self.dyads) + len(self.metrics) + (self.clock is not None)

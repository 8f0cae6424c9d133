"""What a run left behind, as values: topics, offsets, what was acknowledged, what processes held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.transport.base import Message

Tables = dict[str, dict[str, bytes]]
"""Newest value by key, by topic."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one process holds."""

    memory_kb: int
    """Resident, with its children."""
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Logs:
    """Everything that the oracle judges by."""

    topics: Mapping[str, tuple[Message, ...]]
    """Each topic from its beginning, partition after partition."""
    served: frozenset[str] = frozenset()
    """Guids that the feeds have shown."""
    acknowledged: tuple[tuple[str, bytes], ...] = ()
    """Topic and value of what was sent beside the poller, and acknowledged."""
    committed: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    """Next offset by group, topic and partition."""
    before: Mapping[str, Footprint] = field(default_factory=dict)
    """Of each process that lived through all faults, before the first."""
    after: Mapping[str, Footprint] = field(default_factory=dict)
    calm: bool = False
    """Nothing was done to the run, so nothing may be there twice."""

    def of(self, topic: str) -> tuple[Message, ...]:
        """One topic's records."""
        return self.topics.get(topic, ())

    def table(self, topic: str) -> dict[str, bytes]:
        """What compaction leaves of a topic of one partition."""
        table: dict[str, bytes] = {}
        for message in self.of(topic):
            key = (message.key or b"").decode("utf-8", "surrogateescape")
            if message.value:
                table[key] = message.value
            else:
                table.pop(key, None)
        return table

"""All stages in one process without Kafka: poll, extract, aggregate over one SQLite file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.contract.topics import ARTICLES, EVENTS, TOPICS
from pipeline.events.extract import Coder
from pipeline.settings import Settings
from pipeline.transport.base import Now
from pipeline.transport.files import FILE_OF, write_lines, write_table
from pipeline.transport.store import EmbeddedStore
from pipeline.workers.aggregation import (
    COMPACTED,
    MARK,
    Place,
    fold_batch,
    new_aggregate,
    outgoing_of,
    published_mark,
    recover,
)
from pipeline.workers.extraction import Outgoing, extract_batch
from pipeline.workers.freshness import count_batch

Progress = Callable[[str, int, int], None]
"""Told the stage, how many records it has read, and how many it produced."""


@dataclass(slots=True)
class Counts:
    """What one drain did."""

    articles: int = 0
    events: int = 0
    published: int = 0
    dead_letters: int = 0


class Embedded:
    """Takes what the poller published through extraction and aggregation, each step durable as a whole."""

    def __init__(self, settings: Settings, store: EmbeddedStore, coder: Coder, now: Now) -> None:
        self._store = store
        self._coder = coder
        self._now = now
        self._batch = settings.pipeline.extractor.batch
        self._settings = settings
        self._aggregate = new_aggregate(settings, coder.ontology_version)
        recover(self._aggregate, (entry for key, entry in store.entries() if key != MARK))
        self._stale = self._mark() != dict(store.entries()).get(MARK, self._mark())
        if not self._stale:
            self._aggregate.outputs()  # a former run has published them

    def drain(self, progress: Progress | None = None, stop: Callable[[], bool] | None = None) -> Counts:
        """Process everything that waits, or until `stop` says so; returns counts of what was done."""
        counts = Counts()
        while not (stop and stop()) and self._extract(counts):
            if progress:
                progress("extract", counts.articles, counts.events)
        self._fold(counts)
        if progress:
            progress("aggregate", counts.events, counts.published)
        return counts

    def _extract(self, counts: Counts) -> bool:
        start = self._store.offset("extractor")
        messages = self._store.read(ARTICLES.name, start, self._batch)
        if not messages:
            return False
        outgoing = extract_batch(self._coder, messages, self._now())
        self._send(outgoing)
        self._store.set_offset("extractor", messages[-1].offset + 1)
        self._store.flush()
        dead = sum(record.reason is not None for record in outgoing)
        counts.articles += len(messages)
        counts.events += sum(record.topic == EVENTS.name for record in outgoing)
        counts.dead_letters += dead
        count_batch("extractor", messages, (record.reason for record in outgoing), self._now())
        return True

    def _fold(self, counts: Counts) -> None:
        messages = self._store.read(EVENTS.name, self._store.offset("aggregator"))
        if not messages and not self._stale:
            return
        changed, dead = fold_batch(self._aggregate, messages, self._now())
        for entry in changed:
            self._store.put_entry(entry.key, entry.dump())
        known: list[Place] = []
        if self._stale:
            outputs = self._aggregate.everything(take=True)
            known = [(topic, key) for topic in COMPACTED for key in self._store.latest(topic)]
        else:
            outputs = self._aggregate.outputs()
        for record in outgoing_of(outputs, self._now(), known):
            self._store.send(record.topic, record.key, record.value, record.headers)
            counts.published += 1
        self._send(dead)
        if messages:
            self._store.set_offset("aggregator", messages[-1].offset + 1)
        self._store.put_entry(MARK, self._mark())
        self._store.flush()
        self._stale = False
        counts.dead_letters += len(dead)
        count_batch("aggregator", messages, (record.reason for record in dead), self._now())

    def _mark(self) -> bytes:
        return published_mark(self._aggregate, self._settings, self._coder.ontology_version)

    def _send(self, outgoing: list[Outgoing]) -> None:
        for record in outgoing:
            self._store.send(record.topic, record.key, record.value, record.headers)


def export(store: EmbeddedStore, folder: Path) -> dict[str, int]:
    """Write every topic of a store as JSONL; returns the number of records by file name."""
    written = {}
    for topic in TOPICS:
        path = folder / FILE_OF[topic.name]
        if topic.compacted:
            written[path.name] = write_table(path, store.latest(topic.name))
        else:
            written[path.name] = write_lines(path, (m.value or b"" for m in store.read(topic.name)))
    return written

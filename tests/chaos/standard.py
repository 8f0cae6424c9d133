"""What the logs are held against: `extract` of each article, the aggregate of each prefix of the events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.contract.topics import TOPICS
from pipeline.events.extract import Coder
from pipeline.metrics.aggregate import Aggregate, recompute
from pipeline.metrics.entry import Entry, entry_of
from pipeline.settings import Settings
from tests.chaos.logs import Tables

Said = set[tuple[str, str, bytes]]
"""Topic, key and value."""


@dataclass(frozen=True, slots=True)
class Coded:
    """What one article must become."""

    identity: tuple[str, int]
    """article_id and version."""
    guid: str
    events: tuple[bytes, ...]
    retracted: int


@dataclass(frozen=True)
class Standard:
    """The product's pure functions, applied apart from every process and topic."""

    coder: Coder
    settings: Settings
    _known: dict[bytes, Coded | None] = field(default_factory=dict)
    _tables: dict[tuple[Entry, ...], Tables] = field(default_factory=dict)
    _true: dict[tuple[tuple[Entry, ...], frozenset[str] | None], Said] = field(default_factory=dict)

    def coded(self, value: bytes) -> Coded | None:
        """What an article's bytes must become; None for a dead letter."""
        if value not in self._known:
            self._known[value] = self._code(value)
        return self._known[value]

    def entry(self, value: bytes) -> Entry | None:
        """What the ledger keeps of an event's bytes; None for a dead letter."""
        try:
            return entry_of(decode(Event, value))
        except BadRecordError:
            return None

    def recompute(self, entries: Iterable[Entry]) -> Tables:
        """Every compacted topic's table for a set of events, as `blocwatch recompute` computes it."""
        events = tuple(entries)
        if events not in self._tables:
            self._tables[events] = self._recomputed(events)
        return self._tables[events]

    def ever_true(self, entries: Iterable[Entry], digests: frozenset[str] | None = None) -> Said:
        """Topic, key and value of all that is right after any prefix of the events; empty where deleted.

        With `digests` only prefixes whose ledger has one of these count: much faster.
        """
        asked = (tuple(entries), digests)
        if asked not in self._true:
            self._true[asked] = self._ever_true(*asked)
        return self._true[asked]

    def _recomputed(self, entries: Iterable[Entry]) -> Tables:
        version, settings = self.coder.ontology_version, self.settings
        outputs = recompute(entries, settings.coalitions, settings.pipeline.metrics, version)
        tables: Tables = {topic.name: {} for topic in TOPICS if topic.compacted}
        for topic, key, record in outputs.records():
            if record is not None:
                tables[topic.name][key] = encode(record)
        return tables

    def _ever_true(self, entries: Iterable[Entry], digests: frozenset[str] | None) -> Said:
        settings = self.settings
        aggregate = Aggregate(settings.coalitions, settings.pipeline.metrics, self.coder.ontology_version)
        found = set()
        for entry in entries:
            if aggregate.fold(entry) and (digests is None or aggregate.digest() in digests):
                for topic, key, record in aggregate.outputs().records():
                    found.add((topic.name, key, b"" if record is None else encode(record)))
        return found

    def _code(self, value: bytes) -> Coded | None:
        try:
            article = decode(Article, value)
            events = self.coder.extract(article).events
            return Coded(
                (article.article_id, article.version),
                article.guid,
                tuple(encode(event) for event in events),
                sum(event.retracted for event in events),
            )
        except BadRecordError:
            return None

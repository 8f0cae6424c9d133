"""Dead letters where they lie, on a broker or in the embedded log, in; letters with their reasons, out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.contract.deadletter import READ_TOPICS, Refusal, refusal_of
from pipeline.contract.topics import Topic
from pipeline.transport.base import Message
from pipeline.transport.connection import Broker
from pipeline.transport.store import EmbeddedStore

Place = tuple[str, int, int]
"""Dead-letter topic, partition, offset."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: the message as it lies, and what its headers tell."""

    message: Message
    refusal: Refusal

    @property
    def place(self) -> Place:
        """Where it lies."""
        return self.message.topic, self.message.partition, self.message.offset

    @property
    def source(self) -> str:
        """The topic that its record lay on, by where the letter lies: headers can be anybody's."""
        return self.message.topic.removesuffix(".dlq")

    @property
    def record(self) -> bytes:
        """A hash of source, key and value: a record that died again has the same."""
        parts = (self.source.encode(), self.message.key or b"", self.message.value or b"")
        return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are meant; what is empty or None leaves all in. Moments are aware."""

    stage: str = ""
    reason: str = ""
    """Part of the reason, in any case, or its kind."""
    kind_of: Callable[[str], str] = str
    """Gives the kind of a reason."""
    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, letter: Letter) -> bool:
        told = letter.refusal
        if self.stage and told.stage != self.stage:
            return False
        reason = self.reason.casefold()
        if reason not in told.reason.casefold() and reason != self.kind_of(told.reason):
            return False
        if self.since is None and self.until is None:
            return True
        at = told.refused_at  # letters of older versions do not tell: they lie in no span
        return at is not None and (self.since or at) <= at and (self.until is None or at < self.until)


Read = Callable[[], Iterator[Letter]]
"""Reads all letters anew, oldest first within a partition."""


def on_broker(broker: Broker, topics: tuple[Topic, ...] = READ_TOPICS) -> Read:
    """Letters of a broker; raises DependencyError where it or a topic is missing."""
    from pipeline.transport.kafka import require_topics, tail  # the embedded log needs no client

    names = [topic.dlq for topic in topics]
    require_topics(broker, names, timeout_s=5)
    return lambda: (_letter(message) for message in tail(broker, names))


def in_store(store: EmbeddedStore, topics: tuple[Topic, ...] = READ_TOPICS) -> Read:
    """Letters of an embedded log."""
    return lambda: (_letter(message) for topic in topics for message in store.read(topic.dlq))


def _letter(message: Message) -> Letter:
    return Letter(message, refusal_of(message.headers))

"""The two ways to run, behind one face: what holds embedded must hold on Kafka."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pipeline.contract.article import Article
from pipeline.contract.codec import encode
from pipeline.contract.topics import ARTICLES, EVENTS, TOPICS
from pipeline.embedded import Embedded
from pipeline.events.extract import Coder
from pipeline.settings import Settings
from pipeline.transport.base import Message
from pipeline.transport.store import EmbeddedStore
from tests.kafka_pipeline import KafkaPipeline

COMPACTED = tuple(topic for topic in TOPICS if topic.compacted)
Tables = dict[str, dict[str, bytes]]


class Harness(Protocol):
    """A running pipeline: put records on topics, let it work, read topics."""

    def send(self, topic: str, key: str, value: bytes) -> None:
        """Put raw bytes on a topic."""

    def drain(self) -> None:
        """Let the workers finish what lies there."""

    def work_a_little(self) -> None:
        """Let the workers begin, and return while they are at it."""

    def restart(self) -> None:
        """End the workers the hard way and start them again."""

    def messages(self, topic: str) -> list[Message]:
        """Records of an appending topic, in order."""

    def tables(self) -> Tables:
        """Newest value by key of each compacted topic."""

    def close(self) -> None:
        """End everything."""


class OnMemory:
    """The embedded pipeline over one SQLite file."""

    def __init__(self, settings: Settings, coder: Coder, folder: Path) -> None:
        self._settings, self._coder, self._path = settings, coder, folder / "embedded.sqlite"
        self._open()

    def _open(self) -> None:
        self._store = EmbeddedStore(self._path)
        self._stages = Embedded(self._settings, self._store, self._coder, lambda: datetime.now(UTC))

    def send(self, topic: str, key: str, value: bytes) -> None:
        self._store.send(topic, key, value)
        self._store.flush()

    def drain(self) -> None:
        self._stages.drain()

    def work_a_little(self) -> None:
        self._stages.drain(stop=lambda: len(self._store.read(EVENTS.name)) > 0)

    def restart(self) -> None:
        self._store._db.close()  # as a kill would: what was not flushed is gone
        self._open()

    def messages(self, topic: str) -> list[Message]:
        return self._store.read(topic)

    def tables(self) -> Tables:
        return {topic.name: self._store.latest(topic.name) for topic in COMPACTED}

    def close(self) -> None:
        self._store.close()


class OnKafka:
    """Extractor and aggregator processes on a broker."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._pipeline = KafkaPipeline(bootstrap, folder)
        self._publisher = self._pipeline.publisher()
        self._start()

    def _start(self) -> None:
        self._pipeline.start("extractor")
        self._pipeline.start("aggregator")

    def send(self, topic: str, key: str, value: bytes) -> None:
        self._publisher.send(topic, key, value)
        self._publisher.flush()

    def drain(self) -> None:
        self._pipeline.drain()

    def work_a_little(self) -> None:
        deadline = time.monotonic() + 60
        while not self._pipeline.read(EVENTS.name) and time.monotonic() < deadline:
            time.sleep(0.1)

    def restart(self) -> None:
        for worker in ("extractor", "aggregator"):
            self._pipeline.workers[worker].kill()
            self._pipeline.workers[worker].wait()
        self._start()

    def messages(self, topic: str) -> list[Message]:
        return self._pipeline.read(topic)

    def tables(self) -> Tables:
        return self._pipeline.tables()

    def close(self) -> None:
        self._publisher.close()
        self._pipeline.__exit__()


def send_article(harness: Harness, article: Article) -> None:
    """Publish an article as the poller does."""
    harness.send(ARTICLES.name, article.article_id, encode(article))


def values(harness: Harness, topic: str) -> list[bytes]:
    """Values of an appending topic."""
    return [message.value or b"" for message in harness.messages(topic)]


def events(harness: Harness) -> set[bytes]:
    """The distinct events on the topic."""
    return set(values(harness, EVENTS.name))

"""Where messages come from: a folder of JSONL files, the embedded log, or Kafka; followed as they change."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

import structlog

from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError, DependencyError, RefusedError
from pipeline.contract.topics import BY_NAME
from pipeline.transport.base import Message
from pipeline.transport.connection import Broker
from pipeline.transport.files import FILE_OF, read_lines
from pipeline.web.readmodel import FOLDED

log = structlog.get_logger()
Taken = Callable[[str, str, bytes | None], None]
"""Takes topic, key and value of one message; no value is a tombstone."""
_POLL_S = 0.4
_RETRY_S = 2.0


class Source(Protocol):
    """Hands messages on until told to stop."""

    def follow(self, take: Taken, caught_up: Callable[[], None], stop: threading.Event) -> None:
        """Hand on what is there, say `caught_up`, then whatever changes; returns after `stop` is set."""


class FolderSource:
    """The JSONL files that `demo`, `recompute` and `export` write; a file that changes is read anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, set[str]] = {}
        self._marks: dict[str, tuple[int, int]] = {}

    def follow(self, take: Taken, caught_up: Callable[[], None], stop: threading.Event) -> None:
        """See `Source`."""
        self._look(take)
        caught_up()
        while not stop.wait(_POLL_S):
            self._look(take)

    def _look(self, take: Taken) -> None:
        for topic in FOLDED:
            path = self._folder / FILE_OF[topic.name]
            try:
                stat = path.stat()
                mark = (stat.st_mtime_ns, stat.st_size)
                if self._marks.get(topic.name) != mark:
                    self._read(topic.name, path, take)
                    self._marks[topic.name] = mark
            except OSError:
                continue  # not written yet, or being replaced

    def _read(self, topic: str, path: Path, take: Taken) -> None:
        known, found = BY_NAME[topic], set()
        for number, line in read_lines(path):
            try:
                key = known.key(decode(known.model, line))
            except BadRecordError as error:
                log.warning("line_passed_over", file=path.name, line=number, reason=str(error))
                continue
            found.add(key)
            take(topic, key, line)
        if known.compacted:
            for key in sorted(self._keys.get(topic, set()) - found):
                take(topic, key, None)
            self._keys[topic] = found


class EmbeddedSource:
    """The SQLite log of `blocwatch run --embedded`, read without ever writing to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tables: dict[str, Mapping[str, bytes]] = {}
        self._next = 0

    def follow(self, take: Taken, caught_up: Callable[[], None], stop: threading.Event) -> None:
        """See `Source`. Raises DependencyError where the file is no log."""
        version = -1
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                while not stop.is_set():
                    (now,) = db.execute("PRAGMA data_version").fetchone()
                    if now != version:
                        self._look(db, take)
                    if version == -1:
                        caught_up()
                    version = now
                    stop.wait(_POLL_S)
        except sqlite3.Error as error:
            raise DependencyError(f"cannot read {self._path}: {error}") from error

    def _look(self, db: sqlite3.Connection, take: Taken) -> None:
        rows = db.execute(
            "SELECT offset, key, value FROM log WHERE topic = ? AND offset >= ? ORDER BY offset",
            ("coalition.events.v1", self._next),
        )
        for offset, key, value in rows:
            take("coalition.events.v1", key.decode("utf-8", "replace"), value)
            self._next = offset + 1
        for topic in FOLDED:
            if topic.compacted:
                self._table(db, topic.name, take)

    def _table(self, db: sqlite3.Connection, topic: str, take: Taken) -> None:
        fresh: dict[str, bytes] = {}
        before = self._tables.get(topic, {})
        for key, value in db.execute("SELECT key, value FROM latest WHERE topic = ? ORDER BY key", (topic,)):
            take(topic, key, value)
            fresh[key] = b""
        for key in before.keys() - fresh.keys():
            take(topic, key, None)
        self._tables[topic] = fresh


class KafkaSource:
    """The output topics on a broker, from their beginning; a broker that goes away is waited for."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._reached: dict[tuple[str, int], int] = {}

    def follow(self, take: Taken, caught_up: Callable[[], None], stop: threading.Event) -> None:
        """See `Source`."""
        from pipeline.transport.kafka import tail

        topics = [topic.name for topic in FOLDED]
        first = True
        while not stop.is_set():
            try:
                if first:
                    self._pass_on(tail(self._broker, topics), take, stop)
                    caught_up()
                    first = False
                self._pass_on(tail(self._broker, topics, follow=True), take, stop)
            except RefusedError:
                raise
            except DependencyError as error:
                log.warning("waiting_for_broker", reason=str(error))
                stop.wait(_RETRY_S)

    def _pass_on(self, messages: Iterator[Message], take: Taken, stop: threading.Event) -> None:
        """Hand on what lies behind the offsets reached so far, so that a new start repeats nothing."""
        for message in messages:
            if stop.is_set():
                return
            place = (message.topic, message.partition)
            if message.offset > self._reached.get(place, -1):
                self._reached[place] = message.offset
                take(message.topic, (message.key or b"").decode("utf-8", "replace"), message.value)

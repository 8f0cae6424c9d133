"""The embedded log: topics, offsets and the ledger's snapshot in one SQLite file.

What a stage sends, remembers and has read becomes durable together at `flush`, so that a kill at any
moment leaves nothing half done and nothing is ever counted twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from pipeline.contract.codec import Headers
from pipeline.contract.errors import DependencyError
from pipeline.contract.topics import BY_NAME
from pipeline.transport.base import Message

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    topic TEXT NOT NULL, offset INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
    headers TEXT NOT NULL,
    PRIMARY KEY (topic, offset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latest (
    topic TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (topic, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (stage TEXT PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (key TEXT PRIMARY KEY, entry BLOB NOT NULL) WITHOUT ROWID;
"""


class EmbeddedStore:
    """A Publisher that can be read back. Compacted topics keep the newest value of a key only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_SCHEMA}")
        except sqlite3.Error as error:
            raise DependencyError(f"cannot open {path}: {error}; is another blocwatch using it?") from error
        self._next: dict[str, int] = {}  # of this transaction: another process may write between two

    def send(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        """Write one record, durable after `flush`; compacted topics keep no headers."""
        known = BY_NAME.get(topic)
        if known is not None and known.compacted:
            if value:
                self._execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", (topic, key, value))
            else:
                self._execute("DELETE FROM latest WHERE topic = ? AND key = ?", (topic, key))
            return
        marks = json.dumps([(name, text.decode("utf-8", "backslashreplace")) for name, text in headers])
        name = key.encode("utf-8", "surrogateescape")
        self._begin()
        offset = self._next[topic] if topic in self._next else self._end(topic)
        self._execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", (topic, offset, name, value, marks))
        self._next[topic] = offset + 1

    def flush(self) -> None:
        """Make everything written so far durable."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        self._db.close()

    def read(self, topic: str, offset: int = 0, limit: int = -1) -> list[Message]:
        """Return records of a topic from `offset` on, oldest first."""
        rows = self._db.execute(
            "SELECT offset, key, value, headers FROM log"
            " WHERE topic = ? AND offset >= ? ORDER BY offset LIMIT ?",
            (topic, offset, limit),
        )
        return [Message(topic, 0, number, key, value, _headers(marks)) for number, key, value, marks in rows]

    def latest(self, topic: str) -> dict[str, bytes]:
        """Return the newest value of each key of a compacted topic."""
        return dict(self._db.execute("SELECT key, value FROM latest WHERE topic = ?", (topic,)))

    def offset(self, stage: str) -> int:
        """Return the offset that a stage reads next."""
        row = self._db.execute("SELECT next FROM offsets WHERE stage = ?", (stage,)).fetchone()
        return int(row[0]) if row else 0

    def set_offset(self, stage: str, offset: int) -> None:
        """Remember how far a stage has read; durable after `flush`, with what it sent."""
        self._execute("INSERT OR REPLACE INTO offsets VALUES (?, ?)", (stage, offset))

    def put_entry(self, key: str, entry: bytes) -> None:
        """Remember one ledger entry; durable after `flush`."""
        self._execute("INSERT OR REPLACE INTO ledger VALUES (?, ?)", (key, entry))

    def entries(self) -> Iterable[tuple[str, bytes]]:
        """Return the ledger's snapshot, in order of its keys."""
        return iter(self._db.execute("SELECT key, entry FROM ledger ORDER BY key"))

    def _execute(self, statement: str, values: tuple[object, ...]) -> None:
        self._begin()
        self._db.execute(statement, values)

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
            self._next.clear()

    def _end(self, topic: str) -> int:
        row = self._db.execute("SELECT MAX(offset) + 1 FROM log WHERE topic = ?", (topic,)).fetchone()
        return int(row[0] or 0)


def _headers(marks: str) -> Headers:
    return tuple((name, text.encode()) for name, text in json.loads(marks))

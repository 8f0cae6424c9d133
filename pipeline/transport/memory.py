"""A log in memory: topics of records in order, for tests and for what needs no memory of its own."""

from __future__ import annotations

from collections import defaultdict

from pipeline.contract.codec import Headers
from pipeline.transport.base import Message


class MemoryLog:
    """A Publisher whose topics can be read back; one partition each."""

    def __init__(self) -> None:
        self._topics: dict[str, list[Message]] = defaultdict(list)

    def send(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        """Append one record."""
        log = self._topics[topic]
        log.append(Message(topic, 0, len(log), key.encode("utf-8", "surrogateescape"), value, headers))

    def flush(self) -> None:
        """Nothing is ever in flight."""

    def close(self) -> None:
        """Nothing to let go of."""

    def read(self, topic: str, offset: int = 0, limit: int | None = None) -> list[Message]:
        """Return records from `offset` on, oldest first, `limit` at most."""
        end = None if limit is None else offset + limit
        return self._topics[topic][offset:end]

    def latest(self, topic: str) -> dict[str, bytes]:
        """Return the newest value of each key, as compaction leaves it; a key with an empty value is gone."""
        table: dict[str, bytes] = {}
        for message in self._topics[topic]:
            key = (message.key or b"").decode("utf-8", "surrogateescape")
            if message.value:
                table[key] = message.value
            else:
                table.pop(key, None)
        return table

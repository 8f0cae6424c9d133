"""A broker's address in, everything that stands in its topics out: the test's own view from outside."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition

PREFIXES = ("coalition.", "blocwatch")


@dataclass(frozen=True, slots=True)
class Entry:
    """One record where it stands."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes

    @property
    def place(self) -> tuple[str, int, int, str, str]:
        """Where it stands and a digest of what it says: equal exactly when nothing of it changed."""
        return self.topic, self.partition, self.offset, self.key, hashlib.sha256(self.value).hexdigest()

    @property
    def body(self) -> dict[str, Any]:
        """The value, read as JSON."""
        body: dict[str, Any] = json.loads(self.value)
        return body


Topics = dict[str, list[Entry]]


def read_all(bootstrap: list[str]) -> Topics:
    """Every record of the pipeline's topics up to now, by topic, in the order of partition and offset."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    try:
        names = sorted(name for name in consumer.topics() if name.startswith(PREFIXES))
        found: Topics = {name: [] for name in names}
        parts = [TopicPartition(name, part) for name in names for part in consumer.partitions_for_topic(name)]
        ends = consumer.end_offsets(parts)
        consumer.assign(parts)
        while any(consumer.position(part) < ends[part] for part in parts):
            for records in consumer.poll(timeout_ms=500).values():
                for r in records:
                    key = (r.key or b"").decode()
                    found[r.topic].append(Entry(r.topic, r.partition, r.offset, key, r.value or b""))
    finally:
        consumer.close()
    return {name: sorted(entries, key=lambda e: (e.partition, e.offset)) for name, entries in found.items()}


def await_calm(
    bootstrap: list[str], more_than: Mapping[str, int], *, quiet_s: float, timeout_s: float
) -> None:
    """Wait until topics hold `more_than` so many records and none has grown for `quiet_s` seconds.

    Raises TimeoutError, which tells the records of each topic.
    """
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        names = sorted(name for name in consumer.topics() if name.startswith("coalition."))
        parts = [TopicPartition(name, part) for name in names for part in consumer.partitions_for_topic(name)]
        since = time.monotonic()
        deadline = since + timeout_s
        before: dict[str, int] = {}
        while True:
            now = dict.fromkeys(names, 0)
            for part, end in consumer.end_offsets(parts).items():
                now[part.topic] += end
            if now != before:
                before, since = now, time.monotonic()
            grown = all(now[name] > count for name, count in more_than.items())
            if grown and time.monotonic() - since > quiet_s:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"topics did not come to rest where expected in {timeout_s:.0f} s: {now}")
            time.sleep(0.5)
    finally:
        consumer.close()

"""A broker's address in, everything that stands in its topics out: the test's own view from outside."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

PREFIXES = ("coalition.", "blocwatch")
READERS = {"coalition.articles.v1": "blocwatch-extractor", "coalition.events.v1": "blocwatch-aggregator"}
"""Topics and the consumer groups that work through them."""


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
    """Wait until topics hold `more_than` so many records, all of READERS have acknowledged the last record
    of their topic, and none has grown for `quiet_s` seconds.

    Raises TimeoutError, which tells the records of each topic.
    """
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        names = sorted(name for name in consumer.topics() if name.startswith("coalition."))
        parts = [TopicPartition(name, part) for name in names for part in consumer.partitions_for_topic(name)]
        since = time.monotonic()
        deadline = since + timeout_s
        before: dict[TopicPartition, int] = {}
        while True:
            ends = consumer.end_offsets(parts)
            if ends != before:
                before, since = ends, time.monotonic()
            now = {name: sum(end for part, end in ends.items() if part.topic == name) for name in names}
            grown = all(now[name] > count for name, count in more_than.items())
            if grown and time.monotonic() - since > quiet_s and _all_read(admin, ends):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"topics did not come to rest where expected in {timeout_s:.0f} s: {now}")
            time.sleep(0.5)
    finally:
        consumer.close()
        admin.close()


def _all_read(admin: KafkaAdminClient, ends: Mapping[TopicPartition, int]) -> bool:
    """Whether every group of READERS has committed the end of each partition of its topic."""
    try:
        committed = admin.list_group_offsets(list(READERS.values()))
    except KafkaError:  # just after a broker's death; asked again
        return False
    return all(
        part in committed[READERS[part.topic]] and committed[READERS[part.topic]][part].offset >= end
        for part, end in ends.items()
        if part.topic in READERS and end
    )

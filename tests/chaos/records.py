"""A broker's address in; its topics from the beginning, their ends and what the groups have committed out."""

from __future__ import annotations

from collections.abc import Callable

from kafka import KafkaConsumer, TopicPartition

from pipeline.contract.topics import ARTICLES, EVENTS, TOPICS
from pipeline.transport.base import Message
from pipeline.transport.kafka import tail
from tests.chaos.integrity import GROUPS

TOPIC_NAMES = (*(topic.name for topic in TOPICS), ARTICLES.dlq, EVENTS.dlq)
Offsets = dict[tuple[str, str, int], int]
"""By group, topic and partition; those at 0 are left out."""
_Ask = Callable[[KafkaConsumer, list[TopicPartition]], dict[TopicPartition, int]]


class Records:
    """Reads past the proxy, without joining any group."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def read(self, topic: str) -> list[Message]:
        """One topic, partition after partition."""
        return sorted(tail(self._bootstrap, [topic]), key=lambda m: (m.partition, m.offset))

    def topics(self) -> dict[str, tuple[Message, ...]]:
        """All of them."""
        return {topic: tuple(self.read(topic)) for topic in TOPIC_NAMES}

    def ends(self) -> Offsets:
        """Where the topics that groups read end."""
        return self._offsets(lambda consumer, places: consumer.end_offsets(places))

    def committed(self) -> Offsets:
        """Where the groups stand."""
        return self._offsets(lambda consumer, places: {p: consumer.committed(p) or 0 for p in places})

    def lengths(self) -> dict[TopicPartition, int]:
        """Where every topic ends."""
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap)
        try:
            places = [
                TopicPartition(t, n) for t in TOPIC_NAMES for n in consumer.partitions_for_topic(t) or ()
            ]
            found: dict[TopicPartition, int] = consumer.end_offsets(places)
            return found
        finally:
            consumer.close()

    def _offsets(self, ask: _Ask) -> Offsets:
        found = {}
        for group, topic in GROUPS.items():
            consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap, group_id=group, enable_auto_commit=False
            )
            try:
                numbers = consumer.partitions_for_topic(topic) or ()
                for place, offset in ask(consumer, [TopicPartition(topic, n) for n in numbers]).items():
                    if offset:
                        found[group, topic, place.partition] = offset
            finally:
                consumer.close()
        return found


def difference(ends: Offsets, committed: Offsets) -> str:
    """Name the partitions that have not been read to their end."""
    places = sorted(ends.keys() | committed.keys())
    return ", ".join(
        f"{topic}[{n}] {committed.get((group, topic, n), 0)} of {ends.get((group, topic, n), 0)}"
        for group, topic, n in places
        if ends.get((group, topic, n)) != committed.get((group, topic, n))
    )

"""A consumer group and its topic in; per partition how far it has read, how far it is behind, out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pipeline.contract.errors import DependencyError, LostRecordsError
from pipeline.transport.connection import Broker, client_arguments
from pipeline.transport.refusal import failure, refuse_hidden

_LOOK_S = 5.0
"""Longest wait for the record whose age is asked."""


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """How far a group has come in one partition; offsets of the log, seconds of the wall clock."""

    topic: str
    partition: int
    position: int | None
    """Offset that it will read next; None when it never acknowledged anything here."""
    end: int
    behind: int
    """Records that wait."""
    behind_s: float | None
    """Age of the oldest record that waits, 0 when none does; None when it could not be read in time."""
    start: int = 0
    """Offset of the oldest record that the broker still has."""

    @property
    def lost(self) -> int:
        """Records that the broker dropped before the group read them."""
        return 0 if self.position is None else max(0, self.start - self.position)


def require_kept(broker: Broker, group: str, topic: str) -> None:
    """Raise LostRecordsError when what a group has not read yet is no longer on the broker."""
    for lag in group_lag(broker, group, topic, ages=False):
        where = f"{topic}[{lag.partition}]"
        if lag.lost:
            raise LostRecordsError(
                f"{lag.lost} records of {where} (offsets {lag.position} to {lag.start - 1}) were dropped by "
                f"the broker's retention before {group} read them. Publish them again if there is a copy, "
                "then start once with --accept-loss to go on behind them; a longer retention in "
                "config/topics.yaml keeps it from happening again"
            )
        if lag.position is not None and lag.position > lag.end:
            raise LostRecordsError(
                f"{where} ends at offset {lag.end}, but {group} had read up to {lag.position}: the topic was "
                "made anew, or the broker lost data. Start once with --accept-loss to read from its start"
            )


def group_lag(broker: Broker, group: str, topic: str, ages: bool = True) -> list[PartitionLag]:
    """Look at a group without joining it; raises DependencyError when broker or topic is missing.

    Reading how old waiting records are takes up to 5 s a partition; without `ages` they are None.
    """
    try:
        # Only assigned, never subscribed: reads the group's offsets and disturbs nobody.
        consumer = KafkaConsumer(
            **client_arguments(broker),
            group_id=group,
            enable_auto_commit=False,
            max_poll_records=1,
            bootstrap_timeout_ms=5000,
        )
    except KafkaError as error:
        raise failure(broker, error) from error
    try:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            refuse_hidden(broker, [topic])
            raise DependencyError(f"topic {topic} does not exist; run `blocwatch topics apply`")
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        return [_lag(consumer, tp, starts[tp], ends[tp], ages) for tp in partitions]
    except KafkaError as error:
        raise failure(broker, error, f"asking for the lag of {group}") from error
    finally:
        consumer.close()


def _lag(consumer: Any, tp: Any, start: int, end: int, ages: bool) -> PartitionLag:
    position = consumer.committed(tp)
    following = max(start, position or 0)  # what retention has removed waits no longer
    behind = max(0, end - following)
    behind_s = 0.0 if not behind else _age(consumer, tp, following) if ages else None
    return PartitionLag(tp.topic, tp.partition, position, end, behind, behind_s, start)


def _age(consumer: Any, tp: Any, offset: int) -> float | None:
    consumer.assign([tp])
    consumer.seek(tp, offset)
    deadline = time.monotonic() + _LOOK_S
    while time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=500).values():
            return max(0.0, time.time() - float(records[0].timestamp) / 1000)
    return None

"""A topic on a broker in; its messages up to the present end, a mark there, and those that follow, out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaConfigurationError, KafkaError

from pipeline.client.access import OWN_ACCESS
from pipeline.contract.errors import DependencyError, RefusedError
from pipeline.transport.base import Message
from pipeline.transport.connection import Broker, address, client_arguments
from pipeline.transport.refusal import failure

_FIXED = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "group_id": None,
    "key_deserializer": None,
    "value_deserializer": None,
}
"""What a subscriber cannot choose: it keeps no place on the broker, and reads bytes."""


def read(
    broker: Broker, topic: str, follow: bool, timeout_s: float, kafka: Mapping[str, Any]
) -> Iterator[Message | None]:
    """Yield messages from the topic's beginning, None where its end stood at the start, then what comes.

    Without `follow` it ends at that end. `kafka` are settings of kafka-python's KafkaConsumer. A broker that
    goes away later is waited for while following; on the way to the present end for `timeout_s` seconds.
    Raises DependencyError with what to do when no broker answers, it refuses us, or there is no such topic.
    """
    bootstrap = address(broker)
    consumer = _connect(broker, timeout_s, kafka)
    try:
        partitions = _partitions(consumer, bootstrap, topic)
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends: dict[Any, int] = consumer.end_offsets(partitions)
        yield from _to_end(consumer, ends, bootstrap, timeout_s)
        yield None
        while follow:
            yield from _poll(consumer)
    except KafkaError as error:
        _refuse(broker, kafka, error, f"reading {topic}")
        raise DependencyError(f"reading {topic} from {bootstrap} failed: {_words(error)}") from error
    finally:
        consumer.close()


def _to_end(consumer: Any, ends: Mapping[Any, int], bootstrap: str, timeout_s: float) -> Iterator[Message]:
    pending = {tp for tp, end in ends.items() if consumer.position(tp) < end}
    places: dict[Any, int] = {}
    heard_at = time.monotonic()
    while pending:
        # What lies beyond the end is not read yet: partitions that are done pause.
        consumer.pause(*(tp for tp in ends if tp not in pending))
        for message in _poll(consumer):
            if message.offset < ends[TopicPartition(message.topic, message.partition)]:
                yield message
            else:
                late = TopicPartition(message.topic, message.partition)
                consumer.seek(late, ends[late])
        now = {tp: consumer.position(tp) for tp in pending}
        pending = {tp for tp in pending if now[tp] < ends[tp]}
        if now != places:
            heard_at, places = time.monotonic(), now
        if pending and time.monotonic() - heard_at > timeout_s:
            raise DependencyError(
                f"{bootstrap} has given nothing for {timeout_s:g} s, though more is there: is the broker "
                "still up, and may this client read the topic?"
            )
    consumer.resume(*ends)


def _poll(consumer: Any) -> Iterator[Message]:
    for records in consumer.poll(timeout_ms=500).values():
        for record in records:
            yield Message(record.topic, record.partition, record.offset, record.key, record.value,
                          tuple(record.headers))  # fmt: skip


def _connect(broker: Broker, timeout_s: float, kafka: Mapping[str, Any]) -> Any:
    chosen = sorted(set(kafka) & (set(_FIXED) | {"bootstrap_servers"}))
    if chosen:
        raise DependencyError(f"not a subscriber's to set: {', '.join(chosen)} (bootstrap= names the broker)")
    own = {"fetch_max_wait_ms": 200, "bootstrap_timeout_ms": int(timeout_s * 1000)}
    settings = {**client_arguments(broker), **own, **kafka, **_FIXED}
    try:
        return KafkaConsumer(**settings)
    except (KafkaConfigurationError, AssertionError, TypeError, ValueError, OSError) as error:
        raise DependencyError(f"kafka-python refuses the settings: {_words(error)}") from error
    except KafkaError as error:
        _refuse(broker, kafka, error)
        raise DependencyError(
            f"no Kafka broker answers at {address(broker)}: {_words(error)}. Start one "
            "(docker compose up -d), name yours with bootstrap= or BLOCWATCH_KAFKA, or give "
            "security_protocol= and the like"
        ) from error


def _refuse(broker: Broker, kafka: Mapping[str, Any], error: KafkaError, doing: str = "") -> None:
    """Raise where no retry can help; who gave settings of kafka-python's own is on their own."""
    if not set(kafka) & OWN_ACCESS and isinstance(told := failure(broker, error, doing), RefusedError):
        raise told from error


def _partitions(consumer: Any, bootstrap: str, topic: str) -> list[Any]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise DependencyError(
            f"{bootstrap} has no topic {topic}, or does not let this client see it: run "
            "`blocwatch topics apply`, ask for the right to read it, or check prefix="
        )
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__

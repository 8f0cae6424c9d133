"""Kafka by kafka-python: publishing within a byte budget, laying out topics, reading topics to their end."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from pipeline.contract.codec import Headers
from pipeline.contract.errors import DependencyError, RefusedError
from pipeline.transport.base import Message
from pipeline.transport.connection import Broker, client_arguments
from pipeline.transport.refusal import failure, refuse_hidden

log = structlog.get_logger()
_RECONNECT_MS = 1000
"""Longest wait between two tries to reach a broker that is away."""
_START_S = 180.0
_FORCED_S = 3.0
"""Longest wait for a producer's thread that was told to drop everything."""


class KafkaPublisher:
    """A Publisher on Kafka: idempotent, acknowledged by all in-sync replicas.

    kafka-python 3 queues without limit while a broker is away, so the bytes in flight are counted here
    and `send` waits while they exceed `in_flight_bytes`. Its producer may also never send again once a
    record of it has expired, so after a failure the next record goes out by a new one.
    """

    def __init__(self, broker: Broker, in_flight_bytes: int, delivery_timeout_s: float) -> None:
        self._broker = broker
        self._budget = in_flight_bytes
        self._timeout_s = delivery_timeout_s
        self._flight = _Flight(_patiently(lambda: _producer(broker, delivery_timeout_s), _START_S))
        self._is_broken = False

    def send(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        """Queue one record; waits for room in the byte budget. Raises DependencyError after a failure."""
        if self._is_broken:
            self._renew()
        flight, size = self._flight, len(key) + len(value) + 256
        with flight.changed:
            if not flight.changed.wait_for(
                lambda: flight.fault or flight.size + size <= self._budget or not flight.size,
                timeout=self._timeout_s,
            ):
                raise self._broken(f"the broker took nothing for {self._timeout_s:g} s")
            self._raise_fault()
            flight.size += size
        try:
            future = flight.producer.send(
                topic,
                key=key.encode("utf-8", "surrogateescape"),
                value=value or None,
                headers=list(headers),
            )
        except KafkaError as error:
            flight.land(size, None)
            raise failure(self._broker, error, f"sending to {topic}") from error
        future.add_callback(lambda _: flight.land(size, None))
        future.add_errback(lambda error: flight.land(size, error))

    def flush(self) -> None:
        """Return once all is acknowledged; raises DependencyError when something was not."""
        flight = self._flight
        try:
            # Longer than a delivery may take, so that no fault is told after this call has ended.
            flight.producer.flush(timeout=self._timeout_s + 5)
        except KafkaError as error:
            raise self._broken(f"the broker did not acknowledge: {error}", error) from error
        with flight.changed:
            if not flight.changed.wait_for(lambda: flight.fault or not flight.size, timeout=self._timeout_s):
                raise self._broken("the broker did not acknowledge in time")
            self._raise_fault()

    def close(self) -> None:
        """Disconnect, waiting 3 s at most for what is in flight; who needs more has called `flush`."""
        _end(self._flight.producer, 3)

    def _raise_fault(self) -> None:
        fault, self._flight.fault = self._flight.fault, None  # told once: the caller sends again, or gives up
        if fault is not None:
            raise self._broken(f"a record was not delivered: {fault}", fault) from fault

    def _broken(self, reason: str, cause: BaseException | None = None) -> DependencyError:
        self._is_broken = True
        if isinstance(cause, KafkaError):
            told = failure(self._broker, cause, "sending a record")
            if isinstance(told, RefusedError):
                return told
        return DependencyError(reason)

    def _renew(self) -> None:
        """Let go of a producer that failed, with all that it still holds: who was told sends it again."""
        fresh = _producer(self._broker, self._timeout_s)
        old, self._flight, self._is_broken = self._flight, _Flight(fresh), False
        _end(old.producer, 0)
        log.warning("producer_renewed")


class _Flight:
    """What is under way by one producer: how many bytes, and the first that failed."""

    def __init__(self, producer: Any) -> None:
        self.producer = producer
        self.size = 0
        self.fault: BaseException | None = None
        self.changed = threading.Condition()

    def land(self, size: int, error: BaseException | None) -> None:
        """Count a record as arrived, or as failed."""
        with self.changed:
            self.size -= size
            self.fault = self.fault or error
            self.changed.notify_all()


def _end(producer: Any, timeout_s: float) -> None:
    """Close a producer; where what it holds cannot be sent in time, drop that and close all the same."""
    try:
        producer.close(timeout=timeout_s)
    except KafkaError:
        producer._sender.force_close()  # close() gave up before it came to that, and its thread would go on
        producer._sender.join(_FORCED_S)
        with contextlib.suppress(KafkaError):
            producer.close(timeout=0)


def tail(
    broker: Broker,
    topics: Sequence[str],
    *,
    follow: bool = False,
    from_start: bool = True,
    committed: bool = False,
) -> Iterator[Message]:
    """Yield what lies on `topics`, oldest first within a partition; without a consumer group.

    Ends at the offsets that were last when it began, or goes on for ever with `follow`; with `committed`
    leaves out what transactions have not finished. Raises DependencyError when no broker answers or a
    topic does not exist.
    """
    consumer = _consumer(broker, committed)
    try:
        ends = _assign(broker, consumer, topics, from_start)
        pending = {tp for tp, end in ends.items() if consumer.position(tp) < end}
        while follow or pending:
            for tp, records in consumer.poll(timeout_ms=500).items():
                for record in records:
                    if follow or record.offset < ends[tp]:
                        yield _message(record)
            pending = {tp for tp in pending if consumer.position(tp) < ends[tp]}
    except KafkaError as error:
        raise failure(broker, error, f"reading {', '.join(topics)}") from error
    finally:
        consumer.close()


def latest(broker: Broker, topic: str, *, committed: bool = False) -> dict[str, bytes]:
    """Return the newest value of each key of a compacted topic; `committed` as for `tail`."""
    table: dict[str, bytes] = {}
    for message in tail(broker, [topic], committed=committed):
        key = (message.key or b"").decode("utf-8", "surrogateescape")
        if message.value:
            table[key] = message.value
        else:
            table.pop(key, None)
    return table


def require_topics(broker: Broker, topics: Sequence[str], timeout_s: float = _START_S) -> dict[str, int]:
    """Wait for the broker and the topics, and return how many partitions each has.

    Raises DependencyError, with what to do, when one is still missing after `timeout_s` seconds.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        consumer = _patiently(lambda: _consumer(broker), timeout_s)
        try:
            found = {topic: len(consumer.partitions_for_topic(topic) or ()) for topic in topics}
        finally:
            consumer.close()
        missing = [topic for topic, count in found.items() if not count]
        if not missing:
            return found
        refuse_hidden(broker, missing)
        if time.monotonic() > deadline:
            raise DependencyError(f"missing topics: {', '.join(missing)}; run `blocwatch topics apply`")
        time.sleep(1)


def advertised(broker: Broker) -> list[tuple[str, int]]:
    """Return host and port of every broker, as it tells clients to reach it; raises DependencyError.

    A client needs the address given for its first question only: all else goes to these addresses.
    """
    consumer = _consumer(broker)
    try:
        # kafka-python offers no public way to ask where brokers are without connecting to them
        return sorted((broker.host, broker.port) for broker in consumer._client.cluster.brokers())
    finally:
        consumer.close()


def wait_for_broker(broker: Broker, timeout_s: float) -> None:
    """Return once a broker answers; raises DependencyError after `timeout_s` seconds."""
    _patiently(lambda: _consumer(broker), timeout_s).close()


def _patiently(connect: Callable[[], Any], timeout_s: float) -> Any:
    """Connect; try again for `timeout_s` seconds while no broker answers or its name is not found."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return connect()
        except RefusedError:
            raise
        except DependencyError as error:
            if time.monotonic() > deadline:
                raise
            log.warning("waiting_for_broker", reason=str(error))
            time.sleep(0.5)


def _producer(broker: Broker, delivery_timeout_s: float) -> Any:
    try:
        return KafkaProducer(
            **client_arguments(broker),
            linger_ms=5,
            batch_size=131_072,
            compression_type="gzip",
            max_request_size=8_388_608,
            delivery_timeout_ms=int(delivery_timeout_s * 1000),
            max_block_ms=int(delivery_timeout_s * 1000),
            request_timeout_ms=int(min(30.0, delivery_timeout_s / 2) * 1000),
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=5000,
            reconnect_backoff_max_ms=_RECONNECT_MS,
        )
    except KafkaError as error:
        raise failure(broker, error) from error


def _consumer(broker: Broker, committed: bool = False) -> Any:
    try:
        return KafkaConsumer(
            **client_arguments(broker),
            isolation_level="read_committed" if committed else "read_uncommitted",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=200,
            max_poll_records=5000,
            bootstrap_timeout_ms=5000,
        )
    except KafkaError as error:
        raise failure(broker, error) from error


def _assign(broker: Broker, consumer: Any, topics: Sequence[str], from_start: bool) -> dict[Any, int]:
    partitions: list[Any] = []
    for topic in topics:
        found = consumer.partitions_for_topic(topic)
        if not found:
            refuse_hidden(broker, [topic])
            raise DependencyError(f"topic {topic} does not exist; run `blocwatch topics apply`")
        partitions += [TopicPartition(topic, number) for number in sorted(found)]
    consumer.assign(partitions)
    if from_start:
        consumer.seek_to_beginning(*partitions)
    else:
        consumer.seek_to_end(*partitions)
    ends: dict[Any, int] = consumer.end_offsets(partitions)
    return ends


def _message(record: Any) -> Message:
    return Message(
        record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers)
    )

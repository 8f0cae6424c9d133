"""The broker that the tests stand on: real, quiet, and its data outlives a kill."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from tests import kafka_broker
from tests.kafka_broker import Broker, BrokerError

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(kafka_broker.available() is not None, reason=str(kafka_broker.available())),
]

TOPIC = "broker.test"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def test_data_outlives_kill_and_restart(broker: Broker) -> None:
    address = broker.bootstrap
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics([NewTopic(name=TOPIC, num_partitions=2, replication_factor=1)])
    admin.close()
    _produce(address, range(0, 100))
    assert _consume(address) == list(range(100))

    broker.kill()
    broker.restart()
    assert broker.bootstrap == address
    assert _consume(address) == list(range(100))

    _produce(address, range(100, 150))
    broker.restart()
    assert _consume(address) == list(range(150))


def test_topics_are_not_created_by_themselves(broker: Broker) -> None:
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
    try:
        assert not consumer.partitions_for_topic("never.declared")
        assert "never.declared" not in consumer.topics()
    finally:
        consumer.close()


def test_a_failed_start_shows_the_log() -> None:
    broker = Broker()
    host, port = broker.bootstrap.split(":")
    with socket.create_server((host, int(port))), pytest.raises(BrokerError) as failure, broker:
        pass
    assert "ended with status 1 while starting" in str(failure.value)
    assert "Address already in use" in str(failure.value)
    assert not broker.home.exists()


def test_a_refused_setting_shows_the_log() -> None:
    with pytest.raises(BrokerError) as failure, Broker({"process.roles": "no-such-role"}):
        pass
    assert "formatting the storage failed" in str(failure.value)
    assert "no-such-role" in str(failure.value)


def test_close_leaves_nothing_behind() -> None:
    broker = Broker()
    assert broker.home.is_dir()
    broker.close()
    assert not broker.home.exists()


def _produce(address: str, numbers: range) -> None:
    producer = KafkaProducer(bootstrap_servers=address)
    for number in numbers:
        producer.send(TOPIC, key=str(number).encode(), value=str(number).encode())
    producer.flush()
    producer.close()


def _consume(address: str) -> list[int]:
    """Every number in the topic, sorted, read from the beginning up to the end offsets."""
    consumer = KafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    partitions = [TopicPartition(TOPIC, number) for number in (0, 1)]
    consumer.assign(partitions)
    ends = consumer.end_offsets(partitions)
    found: list[int] = []
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=500).values():
            found.extend(int(record.value) for record in records)
    consumer.close()
    return sorted(found)

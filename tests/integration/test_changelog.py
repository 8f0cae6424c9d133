"""The aggregator's memory on a real broker: one writer at a time, and whole writes only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from pipeline.contract.errors import DependencyError
from pipeline.transport.changelog import Changelog, ReplacedError
from pipeline.transport.kafka import KafkaPublisher, latest
from pipeline.transport.layout import Layout, apply
from tests.kafka_broker import Broker, available

pytestmark = pytest.mark.kafka
TOPIC = "memory"


@pytest.fixture
def bootstrap(broker: str) -> str:
    """A broker with an empty changelog."""
    apply(broker, {TOPIC: Layout(1, 1, {"cleanup.policy": "compact", "max.message.bytes": "1000000"})})
    return broker


@pytest.fixture
def writers(bootstrap: str) -> Iterator[tuple[Changelog, Changelog]]:
    """Two that would both write."""
    pair = (Changelog(bootstrap, TOPIC, 20), Changelog(bootstrap, TOPIC, 20))
    yield pair
    for each in pair:
        each.close()


def test_what_is_written_is_there_for_the_next(writers: tuple[Changelog, Changelog]) -> None:
    first, second = writers
    assert first.take_over() == {}
    first.write({"a": b"1", "b": b"1"})
    first.write({})
    first.write({"a": b"2", "caf\xe9": b"3"})
    assert second.take_over() == {"a": b"2", "b": b"1", "caf\xe9": b"3"}
    assert second.take_over() == {"a": b"2", "b": b"1", "caf\xe9": b"3"}, "taken over from itself"
    second.write({"a": b"4"})
    assert first.take_over()["a"] == b"4", "and back"


def test_who_was_replaced_writes_nothing_that_counts(
    writers: tuple[Changelog, Changelog], bootstrap: str
) -> None:
    first, second = writers
    first.take_over()
    first.write({"a": b"1"})
    assert second.take_over() == {"a": b"1"}
    second.write({"a": b"2"})
    for fault in (ReplacedError, DependencyError):
        with pytest.raises(fault):
            first.write({"a": b"of the past", "b": b"of the past"})
    second.write({"c": b"1"})
    assert latest(bootstrap, TOPIC, committed=True) == {"a": b"2", "c": b"1"}


def test_what_was_frozen_half_way_is_undone_by_the_successor(
    writers: tuple[Changelog, Changelog], bootstrap: str
) -> None:
    first, second = writers
    first.take_over()
    first.write({"a": b"1"})
    first._producer.begin_transaction()
    first._producer.send(TOPIC, key=b"a", value=b"half").get(timeout=10)
    assert second.take_over() == {"a": b"1"}
    second.write({"a": b"2"})
    assert latest(bootstrap, TOPIC, committed=True) == {"a": b"2"}


def test_a_write_is_whole_or_not_at_all(writers: tuple[Changelog, Changelog]) -> None:
    first, second = writers
    first.take_over()
    noise = b"".join((n * 2_654_435_761 % 2**32).to_bytes(4, "big") for n in range(400_000))
    with pytest.raises(DependencyError):
        first.write({"a": b"1", "b": noise, "c": b"1"})
    assert second.take_over() == {}


def test_who_has_not_taken_over_is_told_so(bootstrap: str) -> None:
    with pytest.raises(DependencyError, match="not taken over"):
        Changelog(bootstrap, TOPIC, 20).write({"a": b"1"})


def test_what_an_older_release_wrote_without_transactions_is_read(
    writers: tuple[Changelog, Changelog], bootstrap: str
) -> None:
    publisher = KafkaPublisher(bootstrap, 1_000_000, 20)
    publisher.send(TOPIC, "a", b"of old")
    publisher.flush()
    publisher.close()
    assert writers[0].take_over() == {"a": b"of old"}


def test_a_broker_that_dies_meanwhile_leaves_whole_writes_only() -> None:
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with Broker() as running:
        apply(running.bootstrap, {TOPIC: Layout(1, 1, {"cleanup.policy": "compact"})})
        changelog = Changelog(running.bootstrap, TOPIC, 30)
        changelog.take_over()
        changelog.write({"a": b"1", "b": b"1"})
        running.kill()
        running.start()
        with contextlib.suppress(DependencyError):
            changelog.write({"a": b"2", "b": b"2"})
        kept = changelog.take_over()
        assert kept["a"] == kept["b"]
        changelog.write({"c": b"1"})
        assert changelog.take_over() == {**kept, "c": b"1"}
        changelog.close()

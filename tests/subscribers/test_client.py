"""The Python subscriber on a real broker: state, then changes; filters; errors that say what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.client import ForeignRecordError, SubscriptionError, changes, subscribe
from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import DependencyError
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.topics import ALERTS, ARTICLES, CLOCK, DYADS, EVENTS, METRICS, TOPICS, Topic
from pipeline.transport.kafka import KafkaPublisher
from pipeline.transport.layout import Layout, apply
from tests.subscribers.conftest import Outputs, world

pytestmark = pytest.mark.kafka


def present(outputs: Outputs, topic: str, **options: Any) -> list[Any]:
    """What is there now."""
    return list(subscribe(topic, bootstrap=outputs.bootstrap, follow=False, **options))


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.compacted], ids=lambda t: t.name)
def test_the_state_of_a_compacted_topic_is_its_newest_records(outputs: Outputs, topic: Topic) -> None:
    table = outputs.of(topic)
    assert [encode(one) for one in present(outputs, topic.name)] == [table[key] for key in sorted(table)]


def test_events_come_in_order_with_every_revision(outputs: Outputs) -> None:
    found = present(outputs, "events")
    assert found == world()
    assert [one for one in found if one.retracted] == [found[-1]]


def test_filters_choose(outputs: Outputs) -> None:
    axis = present(outputs, "metrics", coalition="axis", view=["ewm30d", "w7d"])
    assert [(one.coalition, one.view) for one in axis] == [("axis", "ewm30d"), ("axis", "w7d")]
    assert {one.dyad for one in present(outputs, "dyads", dyad="rus|chn")} == {"CHN|RUS"}
    consulted = present(outputs, "events", actor="GBR", type="consult")
    assert len(consulted) == 8
    assert {one.dyad for one in consulted} == {"GBR|USA"}
    assert present(outputs, "events", actor="GBR", type="ASSAULT") == []
    assert all("CHN" in one.members for one in present(outputs, "metrics", actor="CHN"))
    assert {one.kind for one in present(outputs, "alerts", coalition="axis")} <= {"drift"}


def test_a_deleted_key_is_not_in_the_state(outputs: Outputs) -> None:
    deleted = {key for topic, key, value in outputs.sent if topic is ALERTS and not value}
    assert deleted
    keys = {change.key for change in changes("alerts", bootstrap=outputs.bootstrap, follow=False)}
    assert not deleted & keys


def take(found: Iterator[Any], count: int) -> list[Any]:
    """The next so many."""
    return [next(found) for _ in range(count)]


def test_what_comes_later_follows_the_state(outputs: Outputs) -> None:
    apply(outputs.bootstrap, {f"later.{METRICS.name}": Layout(1, 1, {"cleanup.policy": "compact"})})
    value = outputs.of(METRICS)["axis|ewm30d"]
    old = decode(CoalitionMetric, value)
    new = old.model_copy(update={"revision": old.revision + 1})
    west = outputs.of(METRICS)["west|ewm30d"]
    outputs.send([(METRICS, new.key, encode(new)), (METRICS, new.key, value)], prefix="later.")
    found = changes("metrics", coalition="axis", bootstrap=outputs.bootstrap, prefix="later.")
    assert [one.record for one in take(found, 1)] == [old]
    outputs.send(
        [(METRICS, "west|ewm30d", west), (METRICS, new.key, encode(new)), (METRICS, new.key, b"")],
        prefix="later.",
    )
    later = take(found, 2)
    assert [(one.key, one.record) for one in later] == [(new.key, new), (new.key, None)]
    marks = dict(later[0].headers)
    assert marks["ce_type"] == METRICS.name.encode()
    found.close()  # type: ignore[attr-defined]  # a generator


def test_reading_ends_at_the_present_end_while_others_write(outputs: Outputs) -> None:
    topic = f"busy.{EVENTS.name}"
    apply(outputs.bootstrap, {topic: Layout(3, 1, {})})
    events = [(EVENTS, f"k{n}", encode(one)) for n, one in enumerate(world())]
    outputs.send(events, prefix="busy.")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            outputs.send(events[:5], prefix="busy.")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert len(present(outputs, "events", prefix="busy.")) >= len(events)
    finally:
        stop.set()
        writer.join()


def test_following_outlives_a_broker_that_goes_away(outputs: Outputs) -> None:
    if outputs.broker is None:
        pytest.skip("LEFT OUT: the broker of BLOCWATCH_TEST_KAFKA is not ours to restart")
    apply(outputs.bootstrap, {f"away.{EVENTS.name}": Layout(1, 1, {})})
    first, second, *_ = world()
    outputs.send([(EVENTS, first.dyad, encode(first))], prefix="away.")
    found = subscribe("events", bootstrap=outputs.bootstrap, prefix="away.")
    assert next(found) == first
    outputs.broker.restart()
    outputs.send([(EVENTS, second.dyad, encode(second))], prefix="away.")
    assert next(found) == second


def test_an_empty_topic_ends(outputs: Outputs) -> None:
    apply(outputs.bootstrap, {f"empty.{CLOCK.name}": Layout(1, 1, {})})
    assert present(outputs, "clock", prefix="empty.") == []


def test_a_foreign_record_is_named_with_its_place(outputs: Outputs) -> None:
    topic = f"mixed.{DYADS.name}"
    apply(outputs.bootstrap, {topic: Layout(1, 1, {"cleanup.policy": "compact"})})
    (key, value), *_ = outputs.of(DYADS).items()
    publisher = KafkaPublisher(outputs.bootstrap, 1_000_000, 30)
    for one, bytes_ in (("x", b"not ours"), ("y", b'{"dyad":"A"}'), (key, value)):
        publisher.send(topic, one, bytes_)
    publisher.close()
    with pytest.raises(ForeignRecordError, match=r"mixed.*\[0\]@0: no DyadMetric.*foreign='skip'"):
        present(outputs, "dyads", prefix="mixed.")
    assert [encode(one) for one in present(outputs, "dyads", prefix="mixed.", foreign="skip")] == [value]


def test_faults_say_what_to_do(outputs: Outputs) -> None:
    with pytest.raises(SubscriptionError, match="no topic 'metric'; there are articles, events"):
        subscribe("metric")
    with pytest.raises(SubscriptionError, match=r"articles\.v1 have no coalition; those of metrics"):
        subscribe("articles", coalition="axis")
    with pytest.raises(SubscriptionError, match=r"like 'CHN\|RUS'"):
        subscribe("dyads", dyad="CHN-RUS")
    with pytest.raises(DependencyError, match=r"no topic none\.coalition.*topics apply"):
        present(outputs, "metrics", prefix="none.")
    with pytest.raises(
        DependencyError, match=r"no Kafka broker answers at 127\.0\.0\.1:1.*docker compose up"
    ):
        list(subscribe("metrics", bootstrap="127.0.0.1:1", timeout_s=1))
    with pytest.raises(DependencyError, match=r"refuses the settings.*no_such_setting"):
        present(outputs, "metrics", no_such_setting=1)
    with pytest.raises(DependencyError, match="not a subscriber's to set: group_id"):
        present(outputs, "metrics", group_id="mine")


def test_settings_of_kafka_python_reach_it(outputs: Outputs) -> None:
    assert present(outputs, "clock", security_protocol="PLAINTEXT", client_id="me", max_poll_records=1)
    with pytest.raises(DependencyError, match="no Kafka broker answers"):  # the broker speaks no TLS
        present(outputs, "clock", security_protocol="SSL", timeout_s=2)


def test_every_message_has_its_cloudevents_attributes(outputs: Outputs) -> None:
    for topic in (ARTICLES, EVENTS, METRICS):
        for change in changes(topic.name, bootstrap=outputs.bootstrap, follow=False):
            names = [name for name, _ in change.headers]
            assert names == ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"]

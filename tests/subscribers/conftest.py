"""One broker with a small world's outputs on it, for all tests of what subscribers get."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.topics import wanted
from pipeline.contract.codec import encode, headers
from pipeline.contract.event import Event, EventType
from pipeline.contract.examples import examples_of
from pipeline.contract.topics import ALERTS, ARTICLES, EVENTS, Topic
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import entry_of
from pipeline.settings import Settings
from pipeline.transport.kafka import KafkaPublisher
from pipeline.transport.layout import apply
from tests.conftest import clear
from tests.kafka_broker import Broker, available
from tests.strategies import NOON, make_event

EMITTED_AT = datetime(2024, 5, 1, tzinfo=UTC)
Sent = list[tuple[Topic, str, bytes]]


def world() -> list[Event]:
    """Events of forty days: axis gets on, west and axis do not, and one report is withdrawn."""
    events = []
    for day in range(40):
        at = NOON + timedelta(days=day)
        events.append(make_event("CHN", "RUS", EventType.COOPERATE, 6.0, at))
        events.append(make_event("USA", "RUS", EventType.SANCTION, -8.0, at))
        if day % 5 == 0:
            events.append(make_event("USA", "GBR", EventType.CONSULT, 4.0, at))
    return [*events, events[0].model_copy(update={"revision": 2, "retracted": True})]


@dataclass(frozen=True, slots=True)
class Outputs:
    """A broker's address, and what was sent there: every record, oldest first."""

    bootstrap: str
    sent: Sent
    broker: Broker | None = None
    """The broker's process; None for one that is not ours."""

    def of(self, topic: Topic) -> dict[str, bytes]:
        """The newest value by key of what was sent to a topic; deleted keys are left out."""
        table = {key: value for one, key, value in self.sent if one is topic}
        return {key: value for key, value in table.items() if value}

    def send(self, records: Sent, prefix: str = "") -> None:
        """Publish more, as the pipeline does."""
        publisher = KafkaPublisher(self.bootstrap, 32_000_000, 60)
        for topic, key, value in records:
            publisher.send(prefix + topic.name, key, value, headers(topic, key, value, EMITTED_AT))
        publisher.flush()
        publisher.close()


def records(settings: Settings) -> Sent:
    """What the pipeline would have published: older values of some keys, then all, then a deletion."""
    events = world()
    sent: Sent = [(ARTICLES, *example.message(ARTICLES)[:2]) for example in examples_of(ARTICLES.model)]
    sent += [(EVENTS, event.dyad, encode(event)) for event in events]
    for count in (20, len(events)):
        outputs = recompute(
            [entry_of(event) for event in events[:count]], settings.coalitions, settings.pipeline.metrics, "o"
        )
        sent += [(topic, key, encode(record)) for topic, key, record in outputs.records() if record]
    told = [(ALERTS, *example.message(ALERTS)[:2]) for example in examples_of(ALERTS.model)]
    return [*sent, *told, (told[0][0], told[0][1], b"")]


@pytest.fixture(scope="package")
def outputs(settings: Settings) -> Iterator[Outputs]:
    """A broker with the outputs of `world` on the pipeline's topics."""
    own = os.environ.get("BLOCWATCH_TEST_KAFKA")
    if own:
        clear(own)
        yield _filled(own, settings)
        return
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with Broker() as running:
        yield replace(_filled(running.bootstrap, settings), broker=running)


def _filled(bootstrap: str, settings: Settings) -> Outputs:
    apply(bootstrap, wanted(settings))
    found = Outputs(bootstrap, records(settings))
    found.send(found.sent)
    return found

"""The dashboard over a real broker: what lies on the topics, what comes, and what is taken back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from pipeline.contract.topics import EVENTS, METRICS
from pipeline.transport.kafka import KafkaPublisher
from pipeline.transport.layout import Layout, apply
from pipeline.web.readmodel import FOLDED, HEADLINE, ReadModel
from pipeline.web.sources import KafkaSource
from tests.browser.sample import DAYS, START, event, metric

pytestmark = pytest.mark.kafka


def test_topics_are_read_and_followed_each_message_once(broker: str) -> None:
    apply(broker, {topic.name: Layout(2, 1, {}) for topic in FOLDED})
    end = START + timedelta(days=DAYS)
    publisher = KafkaPublisher(broker, 1_000_000, 30)
    publisher.send(METRICS.name, "axis|ewm30d", json.dumps(metric("axis", end, 0.3, 0.0)).encode())
    publisher.flush()
    model, ready, stop = ReadModel(), threading.Event(), threading.Event()
    taken: list[tuple[str, str]] = []

    def take(topic: str, key: str, value: bytes | None) -> None:
        taken.append((topic, key))
        model.fold(topic, key, value)

    thread = threading.Thread(target=KafkaSource(broker).follow, args=(take, ready.set, stop), daemon=True)
    thread.start()
    try:
        assert ready.wait(120)
        assert set(model.sight(HEADLINE).metrics) == {"axis"}
        publisher.send(EVENTS.name, "CHN|RUS", json.dumps(event(1, "Russia met China.", "met")).encode())
        publisher.send(METRICS.name, "axis|ewm30d", b"")
        publisher.flush()
        _until(lambda: bool(model.events) and not model.sight(HEADLINE).metrics)
        assert sorted(taken) == sorted(
            [(METRICS.name, "axis|ewm30d"), (EVENTS.name, "CHN|RUS"), (METRICS.name, "axis|ewm30d")]
        )
    finally:
        stop.set()
        publisher.send(EVENTS.name, "wake", json.dumps(event(2, "Russia met China.", "met")).encode())
        publisher.close()
        thread.join(timeout=60)
    assert not thread.is_alive()


def _until(holds: Callable[[], bool], within_s: float = 60) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)

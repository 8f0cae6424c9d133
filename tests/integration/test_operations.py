"""doctor, lag and metrics against a real broker and a real worker."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.contract.topics import ARTICLES, EVENTS
from tests.command import blocwatch
from tests.kafka_broker import Broker, _free_ports, available
from tests.kafka_pipeline import KafkaPipeline, lag

pytestmark = pytest.mark.kafka


def test_doctor_lag_and_metrics_follow_a_real_extractor(broker: str, tmp_path: Path) -> None:
    before = blocwatch("doctor", BLOCWATCH_KAFKA=broker, BLOCWATCH_STATE=str(tmp_path))
    assert "topic: coalition.articles.v1: missing" in before.stdout
    assert "mend it: blocwatch topics apply" in before.stdout
    port, _ = _free_ports()
    with KafkaPipeline(broker, tmp_path, {"BLOCWATCH_METRICS_PORT": str(port)}) as pipeline:
        after = blocwatch("doctor", BLOCWATCH_KAFKA=broker, BLOCWATCH_STATE=str(tmp_path))
        assert "ok       topics" in after.stdout
        assert "ok       advertised listener" in after.stdout
        pipeline.send([(ARTICLES.name, f"k{n}", b"no article") for n in range(7)])
        waiting = blocwatch("lag", "--json", BLOCWATCH_KAFKA=broker)
        rows = json.loads(waiting.stdout)["partitions"]
        assert sum(row["behind"] for row in rows if row["stage"] == "extractor") == 7
        assert all(row["behind_s"] > 0 for row in rows if row["behind"])
        assert blocwatch("lag", "--max", "0", BLOCWATCH_KAFKA=broker).returncode == 3
        pipeline.start("extractor")
        _drained(broker)
        assert blocwatch("lag", "--max", "0", BLOCWATCH_KAFKA=broker).returncode == 0
        told = _scrape(port, 'blocwatch_dead_letters_total{reason="invalid",stage="extractor"} 7.0')
        assert 'blocwatch_records_read_total{stage="extractor"} 7.0' in told
        _scrape(port, 'blocwatch_records_behind{stage="extractor"} 0.0')


def test_an_aggregator_shows_watermark_and_latency(broker: str, tmp_path: Path) -> None:
    text = "Talks\nIran condemned Israel over the strikes."
    event = blocwatch("extract", "-", "--json", "--published", "2024-04-02T10:00:00Z", text=text).stdout
    port, _ = _free_ports()
    with KafkaPipeline(broker, tmp_path, {"BLOCWATCH_METRICS_PORT": str(port)}) as pipeline:
        pipeline.send([(EVENTS.name, "IRN|ISR", event.strip().encode())])
        pipeline.start("aggregator")
        pipeline.drain()
        # the frontier, 10 o'clock, less 48 hours of lateness
        watermark = datetime(2024, 3, 31, 10, tzinfo=UTC).timestamp()
        told = _scrape(port, 'blocwatch_latency_seconds_count{origin="published",stage="aggregator"} 1.0')
        shown = re.search(r'blocwatch_watermark_timestamp_seconds{stage="aggregator"} (\S+)', told)
        assert shown is not None
        assert float(shown[1]) == watermark
        assert 'blocwatch_records_sent_total{topic="coalition.clock.v1"}' in told
    assert "2024-03-31T10:00:00Z" in blocwatch("lag", BLOCWATCH_KAFKA=broker).stdout


def test_doctor_names_an_advertised_listener_that_cannot_be_reached() -> None:
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with Broker({"advertised.listeners": "PLAINTEXT://kafka.invalid:19092"}) as broker:
        done = blocwatch("doctor", BLOCWATCH_KAFKA=broker.bootstrap)
    assert "advertised listener" in done.stdout
    assert "sends clients on to kafka.invalid:19092, which cannot be reached here" in done.stdout
    assert "mend it: set KAFKA_ADVERTISED_LISTENERS" in done.stdout


def _drained(bootstrap: str, within_s: float = 120) -> None:
    deadline = time.monotonic() + within_s
    while lag(bootstrap, "extractor"):
        assert time.monotonic() < deadline, "the extractor does not come to an end"
        time.sleep(0.3)


def _scrape(port: int, line: str, within_s: float = 120) -> str:
    """The metrics page, once it has `line`."""
    deadline = time.monotonic() + within_s
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            page: str = answer.read().decode()
        if line in page.splitlines():
            return page
        assert time.monotonic() < deadline, f"no {line} in\n{page}"
        time.sleep(0.5)

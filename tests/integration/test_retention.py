"""Records that the broker drops before they were read stop a worker, until an operator accepts the loss."""

from __future__ import annotations

from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from pipeline.contract.topics import EVENTS
from tests.command import blocwatch
from tests.kafka_pipeline import KafkaPipeline

pytestmark = pytest.mark.kafka


def test_a_stopped_reader_whose_records_were_dropped_says_so(broker: str, tmp_path: Path) -> None:
    with KafkaPipeline(broker, tmp_path) as pipeline:
        pipeline.send([(EVENTS.name, "k", b"no event")] * 3)
        pipeline.start("aggregator")
        pipeline.drain()
        pipeline.stop("aggregator")
        pipeline.send([(EVENTS.name, "k", b"no event")] * 5)
        _drop(broker, EVENTS.name, 7)

        refused = blocwatch("run", "aggregator", BLOCWATCH_KAFKA=broker, BLOCWATCH_STATE=str(tmp_path))
        assert refused.returncode == 1
        assert "4 records of coalition.events.v1[0] (offsets 3 to 6) were dropped" in refused.stderr
        assert "--accept-loss" in refused.stderr
        assert "4 LOST" in blocwatch("lag", BLOCWATCH_KAFKA=broker).stdout

        pipeline.start("aggregator", "accepting", "--accept-loss")
        pipeline.drain()
        pipeline.stop("accepting")
        assert len(pipeline.read(EVENTS.dlq)) == 4, "three before, and the one that was left"
        assert "LOST" not in blocwatch("lag", BLOCWATCH_KAFKA=broker).stdout


def _drop(bootstrap: str, topic: str, before: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.delete_records({TopicPartition(topic, 0): before}, timeout_ms=10_000)
    finally:
        admin.close()

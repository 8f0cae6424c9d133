"""Dead letters on a real broker: listed, shown, sent again; a flood of them stops the worker."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pipeline.contract.topics import ARTICLES
from tests.command import blocwatch
from tests.kafka_pipeline import KafkaPipeline, lag

pytestmark = pytest.mark.kafka
GARBAGE = [b"\xff\xfe", b"{}", b'{"article_id": "\x1b[2J"}']


def test_dead_letters_are_listed_shown_and_sent_again_until_it_is_enough(broker: str, tmp_path: Path) -> None:
    def dlq(*arguments: str) -> list[str]:
        done = blocwatch("dlq", *arguments, BLOCWATCH_KAFKA=broker)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    with KafkaPipeline(broker, tmp_path) as pipeline:
        pipeline.send([(ARTICLES.name, f"k{n}", value) for n, value in enumerate(GARBAGE)])
        pipeline.start("extractor")
        drained(pipeline)
        facts = [json.loads(line) for line in dlq("list", "--json")]
        assert {one["source"].rpartition(":")[0].partition(":")[0] for one in facts} == {ARTICLES.name}
        assert [one["bytes"] for one in facts if one["replayed"] == 0].count(2) == 2
        assert all(one["version"] and one["refused_at"] for one in facts)
        escapes = next(one for one in facts if one["bytes"] == len(GARBAGE[2]))
        assert '  | {"article_id": "\\x1b[2J"}' in dlq("show", escapes["position"])
        assert dlq("replay", "--dry-run") == ["3 records are to be sent again"]
        for replays in (1, 2, 3):
            dlq("replay", "--yes")
            drained(pipeline)
            again = [json.loads(line)["replayed"] for line in dlq("list", "--json")]
            assert again.count(replays) == 3
        held = blocwatch("dlq", "replay", "--yes", BLOCWATCH_KAFKA=broker)
        assert held.returncode == 1
        assert held.stderr.count("held back") == 3
        lying = sorted((message.key, message.value) for message in pipeline.read(ARTICLES.name))
        assert lying == sorted([(b"k%d" % n, value) for n, value in enumerate(GARBAGE)] * 4)


def test_a_flood_of_bad_records_stops_the_extractor_behind_what_it_has_handled(
    broker: str, tmp_path: Path
) -> None:
    with KafkaPipeline(broker, tmp_path) as pipeline:
        before = len(pipeline.read(ARTICLES.dlq))
        pipeline.send([(ARTICLES.name, f"k{n}", b"no article %d" % n) for n in range(600)])
        waiting = lag(broker, "extractor")
        worker = pipeline.start("extractor")
        assert worker.wait(120) == 1
        assert "which is no matter of single records" in pipeline.logs()
        handled = waiting - lag(broker, "extractor")
        letters = len(pipeline.read(ARTICLES.dlq)) - before
        assert 0 < handled <= letters < 600
        assert handled >= 50


def drained(pipeline: KafkaPipeline, within_s: float = 120) -> None:
    """Wait until the extractor has acknowledged all articles."""
    deadline = time.monotonic() + within_s
    while lag(pipeline.bootstrap, "extractor"):
        assert time.monotonic() < deadline, pipeline.logs()
        time.sleep(0.3)

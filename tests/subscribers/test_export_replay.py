"""Export from a broker, and replay into new topics: what comes out is what lay there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.client import changes
from pipeline.contract.codec import encode
from pipeline.contract.topics import ARTICLES, METRICS
from pipeline.transport.kafka import tail
from tests.command import blocwatch
from tests.strategies import NOON
from tests.subscribers.conftest import Outputs, world

pytestmark = pytest.mark.kafka


def run(outputs: Outputs, *arguments: str) -> str:
    """The command on the broker; returns what it printed."""
    done = blocwatch(*arguments, BLOCWATCH_KAFKA=outputs.bootstrap)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_export_gives_the_newest_of_a_compacted_topic(outputs: Outputs, tmp_path: Path) -> None:
    run(outputs, "export", "--topic", "metrics", "--to", "jsonl", "--out", str(tmp_path / "m.jsonl"))
    table = outputs.of(METRICS)
    assert (tmp_path / "m.jsonl").read_bytes().splitlines() == [table[key] for key in sorted(table)]


def test_export_keeps_to_its_span(outputs: Outputs, tmp_path: Path) -> None:
    span = ("--since", "2024-03-25", "--until", "2024-04-01")
    run(outputs, "export", "--topic", "events", *span, "--to", "jsonl", "--out", str(tmp_path / "e.jsonl"))
    found = (tmp_path / "e.jsonl").read_bytes().splitlines()
    assert found == [
        encode(one) for one in world() if "2024-03-25" <= f"{one.published_at:%F}" < "2024-04-01"
    ]
    assert len(found) == 7 * 2 + 2


def test_replay_copies_bytes_keys_and_headers(outputs: Outputs) -> None:
    told = run(outputs, "replay", "--topic", "articles", "--prefix", "copy.")
    assert f"copy.{ARTICLES.name}" in told
    old = sorted((m.key, m.value, m.headers) for m in tail(outputs.bootstrap, [ARTICLES.name]))
    new = sorted((m.key, m.value, m.headers) for m in tail(outputs.bootstrap, [f"copy.{ARTICLES.name}"]))
    assert new == old
    assert new


def test_replayed_events_compute_the_same_metrics(outputs: Outputs, tmp_path: Path) -> None:
    run(outputs, "replay", "--topic", "events", "--prefix", "again.")
    for prefix, name in (("", "live"), ("again.", "again")):
        path = tmp_path / f"{name}.jsonl"
        run(outputs, "export", "--topic", "events", "--prefix", prefix, "--to", "jsonl", "--out", str(path))
        run(outputs, "recompute", "--events", str(path), "--out", str(tmp_path / name))
    one, other = ((tmp_path / name / "metrics.jsonl").read_bytes() for name in ("live", "again"))
    assert one == other
    assert json.loads(one.splitlines()[0])["coalition"]


def test_replay_of_a_span(outputs: Outputs) -> None:
    day = f"{NOON:%Y-%m-%d}"
    run(outputs, "replay", "--topic", "events", "--until", day + "T12:00:01Z", "--prefix", "first-day.")
    found = changes("events", bootstrap=outputs.bootstrap, prefix="first-day.", follow=False)
    assert [change.record for change in found] == [one for one in world() if one.published_at == NOON]


def test_replay_refuses_what_would_do_harm(outputs: Outputs) -> None:
    def refused(*arguments: str) -> str:
        done = blocwatch("replay", *arguments, BLOCWATCH_KAFKA=outputs.bootstrap)
        assert done.returncode == 1
        return done.stderr

    assert "would be the old one" in refused("--topic", "events")
    assert "would be the old one" in refused("--topic", "events", "--to-kafka", outputs.bootstrap)
    assert "only articles and events" in refused("--topic", "metrics", "--prefix", "x.")
    run(outputs, "replay", "--topic", "events", "--prefix", "twice.")
    assert "is not empty" in refused("--topic", "events", "--prefix", "twice.")
    assert "no topic 'event'" in refused("--topic", "event", "--prefix", "x.")

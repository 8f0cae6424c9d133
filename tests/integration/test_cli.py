"""The command line as a user meets it: files in and out, exit codes, errors that say what to do."""

from __future__ import annotations

import json
import resource
import shutil
from pathlib import Path

import pytest

from tests.command import ROOT, blocwatch
from tests.kafka_pipeline import KafkaPipeline


def test_the_demo_leaves_records_a_picture_and_no_dead_letters(demo: Path) -> None:
    counts = {path.name: len(path.read_bytes().splitlines()) for path in demo.glob("*.jsonl")}
    assert counts["articles.jsonl"] >= 240
    assert counts["events.jsonl"] > 300
    assert counts["metrics.jsonl"] >= 49
    assert (demo / "coalitions.png").read_bytes().startswith(b"\x89PNG")
    metrics = [json.loads(line) for line in (demo / "metrics.jsonl").read_text().splitlines()]
    axis = next(m for m in metrics if m["coalition"] == "axis" and m["view"] == "ewm90d")
    assert axis["cohesion"] > 0
    assert axis["opposition"] > 0


def test_recompute_gives_the_demo_s_metrics_byte_for_byte(demo: Path, tmp_path: Path) -> None:
    done = blocwatch("recompute", "--events", str(demo / "events.jsonl"), "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for name in ("dyads", "metrics", "metrics-history", "clock"):
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (demo / f"{name}.jsonl").read_bytes()


def test_recompute_names_a_bad_line_and_goes_on(demo: Path, tmp_path: Path) -> None:
    lines = (demo / "events.jsonl").read_bytes().splitlines()[:20]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join([*lines, b"{broken"]))
    done = blocwatch("recompute", "--events", str(tmp_path / "events.jsonl"), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "events.jsonl:21: no Event" in done.stderr
    assert (tmp_path / "out" / "metrics.jsonl").stat().st_size


def test_extract_shows_events_with_their_sentence_and_refusals() -> None:
    text = "Talks\nIran condemned Israel over the strikes. Georgia beat Spain in Tbilisi."
    done = blocwatch("extract", "-", "--published", "2024-04-02T10:00:00Z", text=text)
    assert done.returncode == 0, done.stderr
    assert "IRN" in done.stdout
    assert "ACCUSE" in done.stdout
    assert "refused" in done.stdout
    as_json = blocwatch("extract", "-", "--json", "--published", "2024-04-02", text=text)
    (event,) = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert (event["source"]["code"], event["type"], event["target"]["code"]) == ("IRN", "ACCUSE", "ISR")


def test_extract_jsonl_gives_one_line_a_document_in_order(tmp_path: Path) -> None:
    documents = [
        {"doc_id": "a", "title": "Japan sanctions Russia", "text": "Japan imposed sanctions on Russia.",
         "published": "2024-03-01", "url": "", "source": "x"},
        {"doc_id": "b", "title": "Rain", "text": "It rained.", "published": "2024-03-01"},
    ]  # fmt: skip
    path = tmp_path / "documents.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in documents) + "not json\n")
    done = blocwatch("extract", "--jsonl", str(path))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["doc_id"] for row in rows] == ["a", "b"]
    assert {"source", "type", "target", "status", "date", "place", "evidence", "confidence"} <= set(
        rows[0]["events"][0]
    )
    assert rows[1]["events"] == []
    assert "documents.jsonl:3:" in done.stderr
    assert done.returncode == 1


def test_help_is_quick() -> None:
    """Under half a second of processor time: what it takes on an idle machine."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert blocwatch("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.5


def test_config_check_names_faults_and_show_prints_what_is_in_force(tmp_path: Path) -> None:
    good = blocwatch("config", "check")
    assert good.returncode == 0, good.stdout
    assert "no faults" in good.stdout
    assert "localhost:9092" in blocwatch("config", "show").stdout
    folder = shutil.copytree(ROOT / "config", tmp_path / "config")
    (folder / "pipeline.yaml").write_text("state: var\nextractor:\n  batch: none\n  speed: 9\n")
    bad = blocwatch("config", "check", "--config", str(folder))
    assert bad.returncode == 1
    assert "pipeline.yaml:3: extractor.batch" in bad.stdout
    assert "pipeline.yaml:4: extractor.speed: remove this unknown key" in bad.stdout
    started = blocwatch("run", "--embedded", "--once", "--config", str(folder))
    assert started.returncode == 1
    assert "pipeline.yaml:3" in started.stderr


def test_doctor_tells_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    done = blocwatch("doctor", BLOCWATCH_KAFKA="127.0.0.1:1", BLOCWATCH_STATE=str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "ok       parser" in done.stdout
    assert "absent   Kafka: no Kafka broker answers at 127.0.0.1:1" in done.stdout


def test_a_worker_without_a_broker_says_so(tmp_path: Path) -> None:
    done = blocwatch("watch", "metrics", "--once", BLOCWATCH_KAFKA="127.0.0.1:1")
    assert done.returncode == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_schema_and_topics_list_print() -> None:
    assert "asyncapi" in json.loads(blocwatch("schema").stdout)
    assert "coalition.metrics-history.v1" in blocwatch("topics", "list").stdout
    assert blocwatch("version").stdout.strip()


def test_health_without_a_worker_is_bad(tmp_path: Path) -> None:
    done = blocwatch("health", TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert "no worker" in done.stderr


@pytest.mark.kafka
def test_topics_apply_watch_and_diff_on_a_broker(broker: str, demo: Path) -> None:
    assert blocwatch("topics", "diff", BLOCWATCH_KAFKA=broker).returncode == 1
    assert blocwatch("topics", "apply", BLOCWATCH_KAFKA=broker).returncode == 0
    assert blocwatch("topics", "diff", BLOCWATCH_KAFKA=broker).returncode == 0
    with KafkaPipeline(broker, demo / "kafka") as pipeline:
        lines = (demo / "metrics.jsonl").read_bytes().splitlines()
        pipeline.send(
            [("coalition.metrics.v1", "k", line) for line in lines[:7]]
            + [("coalition.metrics.v1", "k", b"\xff")]
        )
    shown = blocwatch("watch", "metrics", "--once", BLOCWATCH_KAFKA=broker)
    assert shown.stdout.count("cohesion") == 7
    assert "passed over" in shown.stderr

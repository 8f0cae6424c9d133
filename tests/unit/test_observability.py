"""Metrics, alert rules and dashboard: every name that one uses is one that we declare; promtool agrees."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

from pipeline.contract.codec import FETCHED_AT
from pipeline.telemetry import declared
from pipeline.transport.base import Message
from pipeline.workers.freshness import ages, count_batch, kind_of
from tests.conftest import ROOT

PROMETHEUS = ROOT / "config" / "prometheus"
NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)


def _panels() -> list[str]:
    board = json.loads((ROOT / "config/grafana/dashboards/blocwatch.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def _rules() -> list[str]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def test_rules_and_panels_name_only_metrics_that_are_declared() -> None:
    series = {name for metric in declared() for name in metric.series}
    named = {name for expr in _panels() + _rules() for name in re.findall(r"\bblocwatch_\w+", expr)}
    assert named
    assert named - series == set()


def test_every_metric_is_seen_in_a_panel_and_has_help() -> None:
    shown = " ".join(_panels())
    assert [metric.name for metric in declared() if metric.name not in shown] == []
    assert all(metric.words.strip().endswith(".") for metric in declared())


def test_labels_in_rules_and_panels_are_those_of_their_metric() -> None:
    labels = {name: set(metric.labels) for metric in declared() for name in metric.series}
    for expr in _panels() + _rules():
        for name, matchers in re.findall(r"\b(blocwatch_\w+)\{([^}]*)\}", expr):
            assert set(re.findall(r"(\w+)\s*=", matchers)) <= labels[name] | {"le", "instance", "service"}


def test_every_alert_tells_what_to_do() -> None:
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert {"summary", "action"} <= set(rule["annotations"]), rule["alert"]


def test_the_compose_file_mounts_files_that_are_there() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    port = services["poller"]["environment"]["BLOCWATCH_METRICS_PORT"]
    (job,) = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert str(found["port"]) == port
    assert set(found["names"]) <= set(services)
    for name in ("prometheus", "grafana"):
        assert services[name]["profiles"] == ["observe"]
        for volume in services[name]["volumes"]:
            if volume.startswith("./"):
                assert (ROOT / volume.partition(":")[0]).is_dir(), volume


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "config", str(PROMETHEUS / "prometheus.yml")],
        ["test", "rules", str(ROOT / "tests/prometheus/alerts_test.yml")],
    ],
)
def test_promtool_accepts_and_tests_the_rules(arguments: list[str]) -> None:
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("LEFT OUT: no promtool on PATH (apt-get install prometheus)")
    done = subprocess.run([promtool, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    tests = yaml.safe_load((ROOT / "tests/prometheus/alerts_test.yml").read_text())["tests"]
    fired = {c["alertname"] for t in tests for c in t["alert_rule_test"] if c["exp_alerts"]}
    rules = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    assert {rule["alert"] for group in rules for rule in group["rules"]} == fired


def test_a_record_tells_its_ages() -> None:
    value = b'{"published_at": "2024-03-21T11:00:00Z", "fetched_at": "2024-03-21T11:59:00Z"}'
    message = Message("t", 0, 0, b"k", value, (("ce_time", b"2024-03-21T11:59:58Z"),))
    assert dict(ages(message, NOW)) == {"published": 3600.0, "fetched": 60.0, "written": 2.0}


def test_an_event_tells_by_a_header_when_its_article_was_fetched() -> None:
    value = b'{"published_at":"2024-03-21T11:00:00Z","note":"\\"fetched_at\\":\\"2024-03-21T01:00:00Z\\""}'
    message = Message("t", 0, 0, b"k", value, ((FETCHED_AT, b"2024-03-21T11:30:00Z"),))
    assert dict(ages(message, NOW)) == {"published": 3600.0, "fetched": 1800.0}


@pytest.mark.parametrize(
    "value", [None, b"", b"\xff", b"[1]", b'{"published_at": "soon"}', b'{"published_at": 7}']
)
def test_what_cannot_be_read_has_no_age(value: bytes | None) -> None:
    assert dict(ages(Message("t", 0, 0, b"k", value), NOW)) == {}


def test_the_future_is_no_negative_age() -> None:
    assert dict(ages(Message("t", 0, 0, b"k", b'{"published_at": "2024-03-22T00:00:00Z"}'), NOW)) == {
        "published": 0.0
    }


def test_reasons_of_dead_letters_are_few_kinds() -> None:
    told = {
        "empty value": "empty",
        "no Event: source: field required": "invalid",
        "the extractor failed: ValueError: x": "failed",
        "the article took too long": "timeout",
        "the article killed its process": "killed",
        "implausible time: published_at 9998-01-01 is": "implausible",
        "something new": "other",
    }
    assert {reason: kind_of(reason) for reason in told} == told


def test_a_batch_is_counted_by_stage_and_kind() -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    dead = {"stage": "counted", "reason": "invalid"}
    message = Message("t", 0, 0, b"k", b'{"fetched_at": "2024-03-21T11:59:30Z"}')
    count_batch("counted", [message, message], ["no Article: x", None], NOW)
    assert counted("blocwatch_records_read_total", stage="counted") == 2
    assert counted("blocwatch_dead_letters_total", **dead) == 1
    assert counted("blocwatch_latency_seconds_sum", stage="counted", origin="fetched") == 60.0


def test_metrics_are_declared_in_one_place() -> None:
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in sorted(Path(ROOT / "pipeline").rglob("*.py"))
        if path.name != "telemetry.py"
        and re.search(r"prometheus_client import .*(Counter|Gauge|Histogram|Summary)", path.read_text())
    ]
    assert elsewhere == []

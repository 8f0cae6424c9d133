"""The examples as a subscriber would run them, on the real broker; the others name what exists."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from pipeline.contract.codec import decode
from pipeline.contract.event import Event
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.topics import BY_NAME, EVENTS, HISTORY, METRICS
from pipeline.transport.kafka import tail
from pipeline.transport.layout import Layout, apply
from tests.command import ROOT, blocwatch
from tests.subscribers.conftest import Outputs, world

EXAMPLES = ROOT / "examples"
on_kafka = pytest.mark.kafka


def run(outputs: Outputs, *command: str, cwd: Path = EXAMPLES) -> str:
    """Run an example to its end; returns what it printed."""
    environment = {**os.environ, "BLOCWATCH_KAFKA": outputs.bootstrap, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def axis(outputs: Outputs) -> list[CoalitionMetric]:
    """The axis's metrics that stand, in order of keys."""
    table = outputs.of(METRICS)
    return [decode(CoalitionMetric, table[key]) for key in sorted(table) if key.startswith("axis|")]


@on_kafka
def test_kcat(outputs: Outputs) -> None:
    if not shutil.which("kcat"):
        pytest.skip("LEFT OUT: kcat is not installed (apt-get install kcat)")
    told = dict(line.split("\t", 1) for line in run(outputs, "sh", "kcat.sh", "state").splitlines())
    assert {key: value.encode() for key, value in told.items()} == outputs.of(METRICS)
    heads = run(outputs, "sh", "kcat.sh", "heads").splitlines()
    assert len(heads) == len(world())
    assert "ce_type=coalition.events.v1" in heads[0]


@on_kafka
def test_python(outputs: Outputs) -> None:
    (line,) = run(outputs, sys.executable, "subscribe.py", "axis", "--once").splitlines()
    (metric,) = [one for one in axis(outputs) if one.view == "ewm30d"]
    assert line.startswith(f"{metric.as_of:%Y-%m-%d %H:%M}  {metric.cohesion:+.3f}")


@on_kafka
def test_python_table_of_events(outputs: Outputs) -> None:
    counts = dict(
        reversed(line.split()) for line in run(outputs, sys.executable, "events_table.py").splitlines()
    )
    assert counts == {"SANCTION": "40", "COOPERATE": "39", "CONSULT": "8"}  # one of 40 was withdrawn


def test_the_table_of_events_is_the_same_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    from events_table import keep  # type: ignore[import-not-found]  # an example, no package

    tables = []
    for events in (world(), world()[::-1], [*world(), *world()]):
        table: dict[str, Event] = {}
        for event in events:
            keep(table, event)
        tables.append(table)
    assert tables[0] == tables[1] == tables[2]


@on_kafka
def test_node(outputs: Outputs, tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("LEFT OUT: Node and npm are not installed (apt-get install nodejs npm)")
    if node_version() < (20, 19, 4):
        pytest.skip("LEFT OUT: Node is older than 20.19.4")
    for name in ("package.json", "package-lock.json", "subscribe.mjs"):
        shutil.copy(EXAMPLES / "node" / name, tmp_path)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=tmp_path, check=True, timeout=250)
    lines = run(outputs, "node", "subscribe.mjs", "axis", "--once", cwd=tmp_path).splitlines()
    told = [json.loads(line) for line in lines]
    assert [one["view"] for one in told] == [one.view for one in axis(outputs)]
    assert [one["cohesion"] for one in told] == [one.cohesion for one in axis(outputs)]


def node_version() -> tuple[int, ...]:
    """Node's version, as numbers."""
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in told.strip().lstrip("v").split("."))


def test_node_packages_are_locked_by_hash() -> None:
    lock = json.loads((EXAMPLES / "node" / "package-lock.json").read_text())
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert packages
    assert all(facts["integrity"].startswith("sha512-") for facts in packages.values())
    wanted = json.loads((EXAMPLES / "node" / "package.json").read_text())["dependencies"]
    assert lock["packages"][""]["dependencies"] == wanted


@on_kafka
def test_duckdb_over_exported_parquet(
    outputs: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for topic in ("metrics-history", "events"):
        out = tmp_path / f"out/export/{topic}.parquet"
        done = blocwatch("export", "--topic", topic, "--out", str(out), BLOCWATCH_KAFKA=outputs.bootstrap)
        assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path)
    database = duckdb.connect()
    months, _, acts = [
        database.sql(text.query).fetchall() if text.type == duckdb.StatementType.SELECT else
        database.execute(text.query)
        for text in database.extract_statements((EXAMPLES / "duckdb.sql").read_text())
    ]  # fmt: skip
    final = [
        one for one in (decode(CoalitionMetric, value) for value in outputs.of(HISTORY).values())
        if one.coalition == "axis" and one.view == "ewm30d" and one.final
    ]  # fmt: skip
    assert len(months) == len({(one.as_of.year, one.as_of.month) for one in final}) > 0
    assert [(row[0], row[1], row[2], row[3]) for row in acts] == [
        ("USA", "RUS", "SANCTION", 40), ("CHN", "RUS", "COOPERATE", 39), ("USA", "GBR", "CONSULT", 8),
    ]  # fmt: skip


class Registry(BaseHTTPRequestHandler):
    """Answers like a Schema Registry that gives every schema the id 7."""

    registered: list[tuple[str, dict[str, str]]]

    def do_POST(self) -> None:
        """Register."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.registered.append((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": 7}')

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    """Address of a stand-in for a Schema Registry."""
    Registry.registered = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@on_kafka
def test_schema_registry(outputs: Outputs, registry: str) -> None:
    target = f"registry.{METRICS.name}"
    apply(outputs.bootstrap, {target: Layout(1, 1, {"cleanup.policy": "compact"})})
    run(outputs, sys.executable, "registry.py", "metrics", "--registry", registry, "--once")
    ((path, body),) = Registry.registered
    assert path == f"/subjects/{target}-value/versions"
    assert body["schemaType"] == "JSON"
    assert json.loads(body["schema"])["title"] == "CoalitionMetric"
    found = {(m.key or b"").decode(): m.value for m in tail(outputs.bootstrap, [target])}
    assert found == {key: b"\0\0\0\0\7" + value for key, value in outputs.of(METRICS).items()}


def columns(text: str, table: str) -> dict[str, str]:
    """Columns of a CREATE TABLE statement and their types."""
    body = re.search(rf"CREATE TABLE {table}\s*\((.*?)\n\)", text, re.DOTALL)
    assert body
    lines = (line.strip().replace("`", "") for line in body[1].splitlines())
    return {line.split()[0]: line for line in lines if line and line.split()[0].islower()}


@pytest.mark.parametrize("name", ["clickhouse.sql", "flink.sql"])
def test_sql_names_topics_and_fields_that_exist(name: str) -> None:
    text = (EXAMPLES / name).read_text()
    topics = set(re.findall(r"'(coalition\.[a-z0-9.-]+)'", text))
    assert topics
    assert topics <= set(BY_NAME)
    events = columns(text, "events")
    metrics = columns(text, "metrics_history" if name == "clickhouse.sql" else "metrics")
    assert set(events) - {"sentence", "arrived_at"} <= set(Event.model_fields)
    assert set(metrics) - {"offset", "record_key"} <= set(CoalitionMetric.model_fields)
    for path in re.findall(r"JSONExtract\w*\(line, ('\w+'(?:, '\w+')*)[,)]", text):
        first, *rest = [part.strip(" '") for part in path.split(",")]
        assert first in {**Event.model_fields, **CoalitionMetric.model_fields}
        assert not rest or rest == ["sentence"] or rest[0].startswith("Nullable")


@pytest.mark.parametrize("path", sorted((EXAMPLES / "connect").glob("*.json")), ids=lambda path: path.name)
def test_connectors_name_topics_and_fields_that_exist(path: Path) -> None:
    config = json.loads(path.read_text())["config"]
    assert all(isinstance(value, str) for value in config.values())  # Connect takes text only
    (topic,) = config["topics"].split(",")
    fields = BY_NAME[topic].model.model_json_schema(mode="serialization")["properties"]
    if "value.converter.schema.content" in config:
        kinds = {"string": "string", "boolean": "boolean", "int64": "integer", "double": "number"}
        for column in json.loads(config["value.converter.schema.content"])["fields"]:
            facts = fields[column["field"]]
            types = {one.get("type") for one in facts.get("anyOf", [facts])}
            assert types == {kinds[column["type"]]} | ({"null"} if column["optional"] else set()), column
    assert set(config.get("transforms.pick.include", "revision").split(",")) <= set(fields)
    assert topic in (EVENTS.name, HISTORY.name)

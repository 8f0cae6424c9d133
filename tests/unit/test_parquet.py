"""Records as Parquet: typed by their models, the same schema for any rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from pipeline.contract.codec import encode
from pipeline.contract.topics import METRICS, TOPICS, Topic
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import entry_of
from pipeline.metrics.params import MetricParams
from pipeline.transport.parquet import schema_of, write_parquet
from tests.strategies import COALITIONS, make_event


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.compacted], ids=lambda t: t.name)
def test_every_compacted_record_has_columns(topic: Topic, tmp_path: Path) -> None:
    schema = schema_of(topic.model)
    assert set(schema.names) == set(topic.model.model_fields)
    write_parquet(tmp_path / "none.parquet", topic.model, ())
    assert pa.parquet.read_table(tmp_path / "none.parquet").schema == schema


def test_values_come_back(tmp_path: Path) -> None:
    outputs = recompute([entry_of(make_event("RUS", "CHN"))], COALITIONS, MetricParams(), "test")
    rows = outputs.of(METRICS)
    write_parquet(tmp_path / "m.parquet", METRICS.model, map(encode, rows))
    table = pa.parquet.read_table(tmp_path / "m.parquet")
    assert table.schema.field("as_of").type == pa.timestamp("us", tz="UTC")
    for told, row in zip(table.to_pylist(), rows, strict=True):
        assert told["as_of"] == row.as_of  # type: ignore[attr-defined]  # a coalition metric
        assert told["cohesion"] == row.cohesion  # type: ignore[attr-defined]  # a coalition metric
        assert tuple(told["members"]) == row.members  # type: ignore[attr-defined]  # a coalition metric


def test_more_rows_than_are_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.transport.parquet._ROWS", 3)
    outputs = recompute([entry_of(make_event("RUS", "CHN"))], COALITIONS, MetricParams(), "test")
    values = [encode(row) for row in outputs.of(METRICS)][:7]
    write_parquet(tmp_path / "m.parquet", METRICS.model, iter(values))
    table = pa.parquet.read_table(tmp_path / "m.parquet")
    assert len(table) == len(values) == 7
    assert table.schema == schema_of(METRICS.model)

"""Topics as files: each format holds the same records; spans, faults, and text of strangers."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from pipeline.cli.export import run_export, span_of
from pipeline.contract.article import Article
from pipeline.contract.codec import encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.examples import examples_of
from pipeline.contract.topics import ARTICLES, EVENTS, METRICS, TOPICS, Topic
from pipeline.transport.csvfile import columns_of, write_csv
from pipeline.transport.files import FILE_OF, write_lines
from pipeline.transport.span import Span, moment_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of outputs: every example message."""
    for topic in TOPICS:
        lines = [example.message(topic)[1] for example in examples_of(topic.model)]
        write_lines(tmp_path / FILE_OF[topic.name], lines)
    return tmp_path


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_record_goes_into_every_format(topic: Topic, folder: Path) -> None:
    payloads = [example.payload for example in examples_of(topic.model)]
    for form in ("jsonl", "csv", "parquet"):
        run_export(topic.name, (None, None), form, folder, folder / f"x.{form}", None)
    assert [json.loads(line) for line in (folder / "x.jsonl").open()] == payloads
    with (folder / "x.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [list(row) for row in rows] == [columns_of(topic.model)] * len(payloads)
    found = duckdb.sql(f"SELECT * FROM '{folder / 'x.parquet'}'")
    assert found.columns == list(topic.model.model_fields)
    assert len(found.fetchall()) == len(payloads)


def test_cells(folder: Path) -> None:
    run_export("events", (None, None), "csv", folder, folder / "x.csv", None)
    with (folder / "x.csv").open(encoding="utf-8", newline="") as lines:
        first = next(csv.DictReader(lines))
    told = examples_of(EVENTS.model)[0].payload
    assert first["source.code"] == told["source"]["code"]
    assert first["goldstein"] == "-2.0"
    assert first["retracted"] == "false"
    assert json.loads(first["evidence.source_span"]) == told["evidence"]["source_span"]
    assert first["target.role"] == ""


def test_a_title_is_no_formula(tmp_path: Path) -> None:
    article = Article.model_validate({**examples_of(Article)[0].payload, "title": '=HYPERLINK("evil")'})
    write_csv(tmp_path / "x.csv", Article, [article])
    with (tmp_path / "x.csv").open(newline="") as lines:
        assert next(csv.DictReader(lines))["title"] == '\'=HYPERLINK("evil")'


def test_a_span_has_its_first_moment_and_not_its_last(folder: Path) -> None:
    values = [METRICS.model.model_validate(example.payload) for example in examples_of(METRICS.model)]
    early, late = sorted({moment_of(value) for value in values})[0], max(map(moment_of, values))
    run_export("metrics", (early.isoformat(), late.isoformat()), "jsonl", folder, folder / "x.jsonl", None)
    kept = (folder / "x.jsonl").read_bytes().splitlines()
    assert kept == [encode(value) for value in values if early <= moment_of(value) < late]
    assert kept
    assert values[0] in Span()
    with pytest.raises(BadRecordError, match="nothing lies between"):
        span_of("2024-03-22", "2024-03-22")
    with pytest.raises(BadRecordError, match="write it like"):
        span_of("soon", None)


def test_bad_lines_are_named_and_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / FILE_OF[ARTICLES.name]
    count = len(path.read_bytes().splitlines())
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(BaseException, match="1"):  # typer's Exit with code 1
        run_export("articles", (None, None), "parquet", path, folder / "x.parquet", None)
    told = capsys.readouterr()
    assert f"{path}:1: no Article: article_id" in told.err
    assert told.out.split()[0] == str(count)


def test_a_folder_without_the_topic_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadRecordError, match=r"cannot read .*clock\.jsonl: No such file"):
        run_export("clock", (None, None), "csv", tmp_path, tmp_path / "x.csv", None)

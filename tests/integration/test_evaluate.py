"""The measures against the scorer that stands beside the measuring data; the command as a user meets it."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.evaluate import read_documents
from pipeline.cli.main import app
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import EventType, Status
from pipeline.evaluation.documents import CodedEvent
from pipeline.evaluation.evidence import Proven
from pipeline.evaluation.measures import Measures, measure

CODES = ("RUS", "CHN", "USA", "IRN", "UKR", "IGO:EUR")


def evaluate(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def scorer(shared: Path) -> Any:
    """The scorer, as a module."""
    path = shared.parent / "tools" / "score_events.py"
    spec = importlib.util.spec_from_file_location("score_events", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def disturbed(events: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Events with some left out, changed, turned round, made lists, told twice or made up."""
    found = []
    for event in events:
        kind, changed = chance.randrange(9), dict(event)
        if kind == 0:
            continue
        if kind == 1:
            changed["type"] = chance.choice(list(EventType)).value
        elif kind == 2:
            changed["source"], changed["target"] = event["target"], event["source"]
        elif kind == 3:
            changed["status"] = chance.choice(list(Status)).value
        elif kind == 4:
            changed["source"] = [event["source"], chance.choice(CODES)]
        elif kind == 5:
            changed["date"] = chance.choice([None, "2024-03-19", event["date"]])
        elif kind == 6:
            changed["place"] = chance.choice([None, *CODES[:5]])
        found += [changed, {**event, "place": None}] if kind == 7 else [changed]
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        source, target = chance.choices(CODES, k=2)
        found.append({"source": source, "type": chance.choice(list(EventType)).value, "target": [target]})
    return found


def printed(measures: Measures) -> dict[str, object]:
    """What the scorer prints, of ours, rounded as it does; the intervals are drawn otherwise."""
    agreed = measures.agreement
    levels = {
        str(level): {
            "precision": round(one.precision.value or 0, 4), "recall": round(one.recall.value or 0, 4),
            "f1": round(one.f1.value or 0, 4), "hit": one.hit, "false": one.false, "missed": one.missed,
        }
        for level, one in measures.levels.items()
    }  # fmt: skip
    estimates = {
        "false_per_100_empty_documents": (measures.false_per_100_empty_documents, 2),
        "status_macro_f1": (agreed.status_macro_f1, 4),
        "status_accuracy": (agreed.status_accuracy, 4),
        "date_within_a_day": (agreed.date_within_a_day, 4),
        "place_accuracy": (agreed.place_accuracy, 4),
    }
    return {
        **levels,
        **{k: None if e.value is None else round(e.value, digits) for k, (e, digits) in estimates.items()},
        "matched_triples": agreed.matched_triples,
        "documents": measures.documents,
        "missing_documents": measures.missing_documents,
    }


@pytest.mark.shared
def test_every_measure_is_the_scorer_s(shared: Path) -> None:
    path = shared / "events" / "news_gold_dev.jsonl"
    theirs, documents = scorer(shared), read_documents(path)
    gold = theirs.read(path)
    for seed in range(12):
        chance = random.Random(seed)
        told = {
            doc_id: disturbed(events, chance) if seed else events
            for doc_id, events in gold.items()
            if not seed or chance.random() < 0.95
        }
        ours = {doc_id: tuple(map(CodedEvent.model_validate, events)) for doc_id, events in told.items()}
        measures, expected = measure(documents, ours, Proven(0, 0)), theirs.score(gold, told)
        for level, one in measures.levels.items():
            low, high = expected[level].pop("f1_90")
            assert (one.f1.low, one.f1.high) == (
                pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02)
            )  # fmt: skip
        assert printed(measures) == expected, f"seed {seed}"


GOLD = {
    "doc_id": "a", "title": "Putin meets Xi in Moscow",
    "text": "Russian President Vladimir Putin met Chinese leader Xi Jinping in Moscow on Tuesday.",
    "published": "2023-03-21T18:00:00Z", "source": "Meridian Wire",
    "events": [{"source": "RUS", "type": "CONSULT", "target": "CHN", "status": "occurred",
                "date": "2023-03-21", "place": "RUS"}],
}  # fmt: skip


def written(path: Path, *rows: object) -> Path:
    """A JSONL file of these rows."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_it_codes_prints_and_writes(tmp_path: Path) -> None:
    gold = written(tmp_path / "gold.jsonl", GOLD)
    done = evaluate(gold, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "| triple | 1.000 [1.000, 1.000]" in done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "predictions.jsonl", "report.md", "worst50.md"
    }  # fmt: skip
    again = evaluate(gold, "--predictions", tmp_path / "out/predictions.jsonl", "--out", tmp_path / "two",
                     "--json")  # fmt: skip
    measures = json.loads(again.output)
    assert measures["levels"]["triple"]["f1"]["value"] == 1
    assert measures["evidence"]["held"] == measures["evidence"]["checked"] == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([GOLD, {"doc_id": "b", "events": [{"source": "RUS"}]}], "gold.jsonl:2: .*events.0.type"),
        ([GOLD, GOLD], "gold.jsonl:2: doc_id 'a' stands here a second time"),
        ([GOLD, [1]], "gold.jsonl:2: "),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, rows: list[object], words: str) -> None:
    with pytest.raises(BadRecordError, match=words):
        read_documents(written(tmp_path / "gold.jsonl", *rows))


def test_refusals_say_what_to_do(tmp_path: Path) -> None:
    gold = written(tmp_path / "gold.jsonl", GOLD)
    other = written(tmp_path / "other.jsonl", {"doc_id": "z", "events": []})
    undated = written(tmp_path / "undated.jsonl", {**GOLD, "published": None})
    for arguments, words in (
        ((tmp_path / "none.jsonl",), "name a file with one JSON object a line"),
        ((gold, "--predictions", other), "give the predictions of its documents"),
        ((undated,), "document a: published: cannot read the time"),
    ):
        done = evaluate(*arguments)
        assert done.exit_code == 1
        assert words in str(done.exception)

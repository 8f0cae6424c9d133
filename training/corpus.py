"""Coded texts to learn from: one shape for the measuring data's, our own, and our labels of texts outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.contract.article import document
from pipeline.events.sentences import split

HERE = Path(__file__).parent
OUTLETS = {
    "state_gov": "US State Department",
    "wh": "White House",
    "putin": "Kremlin",
    "zelenskyy": "Volodymyr Zelenskyy",
}


def news(data: Path) -> Iterator[dict[str, Any]]:
    """The measuring data's training texts."""
    for row in rows(data / "events/news_train.jsonl"):
        yield {**row, "kind": "news"}


def own() -> Iterator[dict[str, Any]]:
    """Texts of our own writing."""
    for path in sorted((HERE / "texts").glob("*.jsonl")):
        for row in rows(path):
            yield {**row, "kind": "own"}


def pairs() -> Iterator[dict[str, str]]:
    """Sentences of our own writing with source, target and the type of what the one does to the other."""
    for path in sorted((HERE / "pairs").glob("*.jsonl")):
        yield from rows(path)


def labelled(texts: dict[str, dict[str, str]], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Our labels of texts outside the repository, by file; `texts` maps ref to text."""
    for name in names:
        for row in rows(HERE / "labels" / f"{name}.jsonl"):
            text = texts[row["ref"]]
            sentences = split(document(text["title"], text["text"]))
            yield {
                **text,
                "doc_id": row["ref"],
                "kind": "labelled",
                "events": [_event(values, sentences) for values in row["events"]],
            }


def _event(values: list[Any], sentences: list[Any]) -> dict[str, Any]:
    source, kind, target, status, day, place, told_in, sure = values
    return {
        "source": source,
        "type": kind,
        "target": target,
        "status": status,
        "date": day,
        "place": place,
        "evidence": sentences[told_in[0]].text if told_in else "",
        "sentences": told_in,
        "sure": bool(sure),
    }


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Lines of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)

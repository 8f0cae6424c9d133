"""Event extraction against coded texts: the scorer's table, speed, and the worst documents.

Default gold: news_gold_dev.jsonl of the measuring data beside the checkout, and the sample feeds' own gold.
Predictions and the worst fifty documents are written to out/accuracy/.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.cli.extract import document_article, event_row
from pipeline.cli.recompute import parse_moment
from pipeline.contract.article import document
from pipeline.events.actors import Gazetteer
from pipeline.events.extract import Coder
from pipeline.events.reader import load_reader
from pipeline.events.sentences import split
from pipeline.ontology.load import load_ontology
from pipeline.workers.coder import load_coder

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
DEV = SHARED / "data/events/news_gold_dev.jsonl"
SCORER = SHARED / "tools/score_events.py"
OUTLETS = {
    "state_gov": "US State Department",
    "wh": "White House",
    "putin": "Kremlin",
    "zelenskyy": "Volodymyr Zelenskyy",
}
"""Outlets that speak for a state: how the coded texts shorten them, and how a feed list would name them."""


def main() -> int:
    """Score each gold file; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path, nargs="*", help="gold files of the shape of news_gold_dev.jsonl")
    parser.add_argument("--limit", type=int, default=None, help="only the first so many documents")
    parser.add_argument("--out", type=Path, default=Path("out/accuracy"))
    options = parser.parse_args()
    if not SCORER.exists():
        print(f"LEFT OUT: the scorer and the coded texts are not at {SHARED}", file=sys.stderr)
        return 0
    coder = load_coder()
    tested = golds(options.gold)
    for name, rows in tested.items():
        report(name, rows[: options.limit], coder, options.out)
    print_speeds([row for rows in tested.values() for row in rows[: options.limit]], coder)
    return 0


def golds(paths: list[Path]) -> dict[str, list[dict[str, Any]]]:
    """Gold documents by name of their file."""
    if paths:
        return {path.stem: read(path) for path in paths}
    return {"news_gold_dev": read(DEV), "samples": sample_gold()}


def sample_gold() -> list[dict[str, Any]]:
    """The sample feeds with their gold, as documents."""
    import feedparser

    gold = {row["doc_id"]: row for row in read(ROOT / "tests/golden/samples.jsonl")}
    rows = []
    for path in sorted((ROOT / "pipeline/samples").glob("*.xml")):
        parsed = feedparser.parse(path.read_bytes())
        for entry in parsed.entries:
            text = entry.content[0].value if "content" in entry else entry.summary
            document = {"title": entry.title, "text": text, "published": entry.published, "source": path.stem}
            rows.append({**gold[entry.id], **document})
    return [row for row in rows if row["kind"] != "copy"]


def report(name: str, rows: list[dict[str, Any]], coder: Coder, out: Path) -> None:
    """Code the documents, print the table, write predictions and the worst documents."""
    began = time.perf_counter()
    predicted = {row["doc_id"]: predict(coder, row) for row in rows}
    seconds = time.perf_counter() - began
    scorer = load_scorer()
    result = scorer.score({r["doc_id"]: r["events"] for r in rows}, predicted)
    print(f"\n{name}: {len(rows)} documents, {sum(map(len, predicted.values()))} events, "
          f"{len(rows) / seconds:.1f} documents/s")  # fmt: skip
    for level in ("triple", "quad", "signed", "dyad"):
        s = result[level]
        print(
            f"  {level:7s} P {s['precision']:.3f}  R {s['recall']:.3f}  F1 {s['f1']:.3f}  90 % {s['f1_90']}"
        )
    for key in ("false_per_100_empty_documents", "status_accuracy", "status_macro_f1", "date_within_a_day",
                "place_accuracy", "matched_triples"):  # fmt: skip
        print(f"  {key:30s} {result[key]}")
    out.mkdir(parents=True, exist_ok=True)
    worst = sorted(
        rows, key=lambda r: -sum(scorer.counts(r["events"], predicted[r["doc_id"]], "triple")[1:])
    )[:50]
    with (out / f"{name}.worst.jsonl").open("w", encoding="utf-8") as lines:
        for row in worst:
            lines.write(json.dumps({**row, "predicted": predicted[row["doc_id"]]}, ensure_ascii=False) + "\n")
    with (out / f"{name}.predicted.jsonl").open("w", encoding="utf-8") as lines:
        for doc_id, events in predicted.items():
            lines.write(json.dumps({"doc_id": doc_id, "events": events}, ensure_ascii=False) + "\n")


def print_speeds(rows: list[dict[str, Any]], coder: Coder) -> None:
    """Time each stage alone, on one core: sentences a second, of all sentences of the documents."""
    gazetteer, reader = Gazetteer(load_ontology()), load_reader()
    texts = [document(row.get("title") or "", row.get("text") or "") for row in rows]
    days = [parse_moment(str(row["published"])).date() for row in rows]
    began = time.perf_counter()
    sentences = [split(text) for text in texts]
    total, last = sum(map(len, sentences)), _lap("split", began, sum(map(len, sentences)))
    mentions = [gazetteer.find(text, day) for text, day in zip(texts, days, strict=True)]
    last = _lap("find actors", last, total)
    worth = [
        sentence.text
        for found, named in zip(sentences, mentions, strict=True)
        for sentence in found
        if len({m.code for m in named if sentence.start <= m.start < sentence.end}) > 1
    ]
    last = time.perf_counter()
    for _ in reader.pipe(worth, batch_size=64):
        pass
    last = _lap("parse (those with two actors)", last, len(worth))
    for row in rows:
        predict(coder, row)
    _lap("everything", last, total)


def _lap(stage: str, began: float, sentences: int) -> float:
    now = time.perf_counter()
    print(f"  {stage:30s} {sentences / (now - began):10.0f} sentences/s of {sentences}")
    return now


def predict(coder: Coder, row: dict[str, Any]) -> list[dict[str, object]]:
    """Events of one document, in the gold's shape."""
    source = str(row.get("source") or "")
    moment = parse_moment(str(row["published"]))
    article = document_article(str(row["doc_id"]), row.get("title") or "", row.get("text") or "", moment,
                               row.get("url") or "", OUTLETS.get(source, source), None)  # fmt: skip
    return [event_row(event) for event in coder.extract(article).events]


def read(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def load_scorer() -> Any:
    """The event scorer, which stands beside the measuring data."""
    spec = importlib.util.spec_from_file_location("score_events", SCORER)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {SCORER}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())

"""Event extraction against coded texts: `blocwatch evaluate` for each gold file, then speed by stage.

Default gold: news_gold_dev.jsonl of the measuring data beside the checkout, and the sample feeds' own gold.
Predictions, report and the worst fifty documents are written to out/accuracy/<gold's name>/.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import feedparser

from pipeline.cli.evaluate import code, evaluate, read_documents
from pipeline.cli.recompute import parse_moment
from pipeline.evaluation.documents import CodedDocument
from pipeline.evaluation.report import report
from pipeline.events.actors import Gazetteer
from pipeline.events.extract import Coder
from pipeline.events.reader import load_reader
from pipeline.events.sentences import split
from pipeline.ontology.load import load_ontology
from pipeline.workers.coder import load_coder

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
DEV = SHARED / "data/events/news_gold_dev.jsonl"


def main() -> int:
    """Score each gold file; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path, nargs="*", help="gold files of the shape of news_gold_dev.jsonl")
    parser.add_argument("--limit", type=int, default=None, help="only the first so many documents")
    parser.add_argument("--out", type=Path, default=Path("out/accuracy"))
    options = parser.parse_args()
    if not options.gold and not DEV.exists():
        print(f"LEFT OUT: the coded texts are not at {DEV}; the bundled samples alone", file=sys.stderr)
    coder = load_coder()
    tested = {name: rows[: options.limit] for name, rows in golds(options.gold).items()}
    for name, documents in tested.items():
        print(report(name, evaluate(name, documents, code(documents, coder), options.out / name)))
    print_speeds([document for documents in tested.values() for document in documents], coder)
    return 0


def golds(paths: list[Path]) -> dict[str, list[CodedDocument]]:
    """Gold documents by name of their file."""
    if paths:
        return {path.stem: read_documents(path) for path in paths}
    dev = {DEV.stem: read_documents(DEV)} if DEV.exists() else {}
    return {**dev, "samples": sample_gold()}


def sample_gold() -> list[CodedDocument]:
    """The sample feeds with their gold, without the copies of other outlets' texts."""
    lines = (ROOT / "tests/golden/samples.jsonl").read_text(encoding="utf-8").splitlines()
    gold = {row["doc_id"]: row for row in map(json.loads, lines) if row["kind"] != "copy"}
    documents = []
    for path in sorted((ROOT / "pipeline/samples").glob("*.xml")):
        for entry in feedparser.parse(path.read_bytes()).entries:
            if entry.id in gold:
                text = entry.content[0].value if "content" in entry else entry.summary
                told = {"title": entry.title, "text": text, "published": entry.published, "source": path.stem}
                documents.append(CodedDocument.model_validate({**gold[entry.id], **told}))
    return documents


def print_speeds(documents: Sequence[CodedDocument], coder: Coder) -> None:
    """Time each stage alone, on one core: sentences a second, of all sentences of the documents."""
    gazetteer, reader = Gazetteer(load_ontology()), load_reader()
    texts = [document.whole for document in documents]
    days = [parse_moment(document.published).date() for document in documents]
    began = time.perf_counter()
    sentences = [split(text) for text in texts]
    total, last = sum(map(len, sentences)), _lap("split", began, sum(map(len, sentences)))
    mentions = [gazetteer.find(text, day) for text, day in zip(texts, days, strict=True)]
    _lap("find actors", last, total)
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
    code(documents, coder)
    _lap("everything", last, total)


def _lap(stage: str, began: float, sentences: int) -> float:
    now = time.perf_counter()
    print(f"  {stage:30s} {sentences / (now - began):10.0f} sentences/s of {sentences}")
    return now


if __name__ == "__main__":
    sys.exit(main())

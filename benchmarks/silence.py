"""Texts that report nothing to code: how many events the coder sees in a hundred of them.

Our own traps, and the sentences of the measuring data that their coders gave no event (label 0).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.cli.extract import document_article
from pipeline.cli.recompute import parse_moment
from pipeline.contract.article import Article
from pipeline.contract.event import Status
from pipeline.settings import load_settings
from pipeline.workers.coder import load_coder

ROOT = Path(__file__).parent.parent
LABELLED = ROOT.parent / "shared/data/events/clean_dev/cameo_class_minus_PLV_test.tsv"
_COUNTING = (Status.OCCURRED, Status.INTENDED)


def main() -> int:
    """Print events per hundred texts; returns the exit code."""
    coder = load_coder(load_settings(ROOT / "config").ontology_overlay)
    for name, articles in (
        ("own traps", traps("traps.jsonl")),
        ("own traps, fresh", traps("traps_fresh.jsonl")),
        ("sentences without an event", sentences()),
    ):
        texts = list(articles)
        if not texts:
            print(f"LEFT OUT: {LABELLED} is not there", file=sys.stderr)
            continue
        found = [event for text in texts for event in coder.code(text).events]
        count = sum(event.status in _COUNTING for event in found)
        share = 100 * count / len(texts)
        print(f"{name:28}{len(texts):5} texts {count:4} events {share:6.1f} per 100")
    return 0


def traps(name: str) -> Iterator[Article]:
    """Our own texts that only look like news of events."""
    for line in (ROOT / "tests/golden" / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        moment = parse_moment(row["published"])
        yield document_article(row["id"], row["title"], row["text"], moment, "", row["source"], None)


def sentences() -> Iterator[Article]:
    """The sentences of label 0, each as a text without a title."""
    if not LABELLED.exists():
        return
    moment = datetime(2015, 1, 1, tzinfo=UTC)
    with LABELLED.open(encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)):
            if row["label"] == "0":
                yield document_article(str(number), "", row["sentence"], moment, "", "agency", None)


if __name__ == "__main__":
    sys.exit(main())

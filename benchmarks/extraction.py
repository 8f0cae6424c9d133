"""Articles and sentences a second on one core, and where the time goes, on a mix like the world's news.

python -m benchmarks.extraction [--articles 600] [--runs 5]

Processor time is counted, not wall time. Beside it: the same candidate sentences through the parser alone,
the floor of anything that parses.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import mix
from benchmarks.results import keep, show, spread
from pipeline.contract.article import Article
from pipeline.events import extract
from pipeline.events.actors import Gazetteer
from pipeline.events.copies import Copies
from pipeline.events.extract import Coder
from pipeline.events.reading import Reading
from pipeline.events.relations import Relations
from pipeline.events.sentences import split
from pipeline.workers.coder import load_coder

_STAGES: tuple[tuple[Any, str, str], ...] = (
    (Gazetteer, "find", "gate: actors named"),
    (extract, "carried", "gate: sentences"),
    (extract, "foreign_text", "gate: genre"),
    (Reading, "read", "rules, status, dates, places"),
    (Relations, "score", "pairs and typing by the model"),
)


def main() -> int:
    """Measure and print; written to out/bench/extraction.json too. Returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if (reason := mix.available()) is not None:
        print(f"LEFT OUT: extraction on a mix of news: {reason}", file=sys.stderr)
        return 0
    coder = load_coder()
    runs = []
    for run in range(options.runs):
        coder._copies = Copies(20_000)
        runs.append(measured(coder, list(mix.articles(options.articles, seed=run))))
    found = spread(runs)
    show(f"{options.articles} articles", found)
    keep("extraction", found)
    return 0


def measured(coder: Coder, articles: list[Article]) -> dict[str, float]:
    """One run: rates, and milliseconds an article by stage."""
    sentences = sum(len(split(article.document)) for article in articles)
    parsed: list[str] = []
    with clocked(coder, parsed) as spent:
        began = time.process_time()
        events = sum(len(coder.code(article).events) for article in articles)
        whole = time.process_time() - began
    began = time.process_time()
    for _ in coder._reader.pipe(parsed, batch_size=64):
        pass
    floor = time.process_time() - began
    stages = {f"ms an article, {name}": 1000 * seconds / len(articles) for name, seconds in spent.items()}
    return {
        "articles/s": len(articles) / whole,
        "sentences/s, gated ones included": sentences / whole,
        "articles/s of the parser alone": len(articles) / floor,
        "events": float(events),
        "sentences parsed, per cent": 100 * len(parsed) / sentences,
        **dict(sorted(stages.items(), key=lambda stage: -stage[1])),
        "ms an article, all": 1000 * whole / len(articles),
    }


@contextmanager
def clocked(coder: Coder, parsed: list[str]) -> Iterator[Counter[str]]:
    """Count processor time by stage meanwhile, and keep what is parsed."""
    spent: Counter[str] = Counter()
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _STAGES]
    reader = coder._reader
    for owner, name, stage in _STAGES:
        setattr(owner, name, _timed(getattr(owner, name), stage, spent))
    coder._reader = _Reader(reader, parsed, spent)
    try:
        yield spent
    finally:
        coder._reader = reader
        for owner, name, function in before:
            setattr(owner, name, function)


class _Reader:
    def __init__(self, reader: Any, parsed: list[str], spent: Counter[str]) -> None:
        self._reader, self._parsed, self._spent = reader, parsed, spent

    def pipe(self, texts: Iterator[str], batch_size: int) -> Iterator[Any]:
        """Parse all at once, to be timed."""
        given = list(texts)
        self._parsed += given
        began = time.process_time()
        docs = list(self._reader.pipe(given, batch_size=batch_size))
        self._spent["parse"] += time.process_time() - began
        return iter(docs)


def _timed(function: Callable[..., Any], stage: str, spent: Counter[str]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **options)
        finally:
            spent[stage] += time.process_time() - began

    return call


if __name__ == "__main__":
    raise SystemExit(main())

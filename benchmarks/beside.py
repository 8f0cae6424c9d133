"""The extractor beside other stream libraries: one broker, the same articles, the same function.

python -m benchmarks.beside [--articles 150] [--runs 5]

Each reads articles, codes them and sends the events; timed once warm, from the first article sent to the last
event on its topic. Then each is killed (SIGKILL) amid as many articles again and started anew: what is
missing at the end was lost, what is there twice was doubled. Every peer is written as its own documentation
has it (benchmarks/peers).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import mix
from benchmarks.endtoend import records_of
from benchmarks.peers.work import SINK, SOURCE
from benchmarks.results import Result, keep, show, spread
from pipeline.cli.topics import wanted
from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.event import Event
from pipeline.contract.topics import ARTICLES, EVENTS
from pipeline.settings import load_settings
from pipeline.transport.kafka import KafkaPublisher
from pipeline.transport.layout import Layout, apply
from pipeline.workers.coder import load_coder
from tests.kafka_broker import Broker, available

ROOT = Path(__file__).parent.parent
PEERS = str(ROOT / os.environ.get("PEERS", sys.executable))
"""The Python that has the other libraries."""
_WARM = 40
_STILL_S = 25.0
"""Longer than any of them needs to start anew and load the model."""
COMMANDS = {
    "blocwatch extractor": ["-m", "pipeline.cli", "run", "extractor"],
    "faust alone": ["-m", "benchmarks.peers.faust_alone", "worker", "-l", "error"],
    "aiokafka loop": ["-m", "benchmarks.peers.aiokafka_loop"],
    "quixstreams": ["-m", "benchmarks.peers.quix_streams"],
    "bytewax": ["-m", "bytewax.run", "benchmarks.peers.bytewax_flow"],
}


def main() -> int:
    """Measure and print; written to out/bench/beside.json too. Returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=150)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(COMMANDS), choices=list(COMMANDS))
    options = parser.parse_args()
    if reason := mix.available() or available():
        print(f"LEFT OUT: beside other libraries: {reason}", file=sys.stderr)
        return 0
    found: dict[str, Any] = {name: [] for name in options.only}
    for run in range(options.runs):
        articles = list(mix.articles(_WARM + 2 * options.articles, seed=run))
        expected = [{event.event_id for event in load_coder().code(article).events} for article in articles]
        for name in options.only:
            found[name].append(measured(name, articles, expected, options.articles))
            print(f"{name:22s} run {run + 1}: {found[name][-1]}", flush=True)
    found = {name: spread(runs) for name, runs in found.items()}
    for name, numbers in found.items():
        show(name, numbers)
    keep("beside", found)
    return 0


def measured(name: str, articles: Sequence[Article], expected: Sequence[set[str]], timed: int) -> Result:
    """One library on a broker of its own."""
    ours = name == "blocwatch extractor"
    source, sink = (ARTICLES.name, EVENTS.name) if ours else (SOURCE, SINK)
    with tempfile.TemporaryDirectory() as scratch, Broker(heap_mb=512) as broker:
        where = {"BLOCWATCH_KAFKA": broker.bootstrap, "BLOCWATCH_BENCH_KAFKA": broker.bootstrap,
                 "BLOCWATCH_STATE": scratch, "OMP_NUM_THREADS": "1"}  # fmt: skip
        apply(broker.bootstrap, wanted(load_settings(environ=where)))
        apply(broker.bootstrap, {topic: Layout(1, 1, {}) for topic in (SOURCE, SINK)})
        publisher = KafkaPublisher(broker.bootstrap, 64_000_000, 60)

        def send(some: Sequence[Article]) -> None:
            for article in some:
                publisher.send(source, article.article_id, encode(article))
            publisher.flush()

        def there() -> Counter[str]:
            return Counter(decode(Event, r.value).event_id for r in records_of(broker.bootstrap, sink))

        def start() -> subprocess.Popen[bytes]:
            log = (Path(scratch) / "log").open("ab")
            return subprocess.Popen(
                [sys.executable if ours else PEERS, *COMMANDS[name]],
                env={**os.environ, **where, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
                cwd=scratch,
            )

        process = start()
        try:
            send(articles[:_WARM])
            _until(there, set().union(*expected[:_WARM]))
            began = time.monotonic()
            send(articles[_WARM : _WARM + timed])
            at = _until(there, set().union(*expected[: _WARM + timed]))
            seconds = at - began
            send(articles[_WARM + timed :])
            time.sleep(seconds / 2)
            process.kill()
            process.wait()
            process = start()
            _until(there, set().union(*expected))
            time.sleep(3)
            seen = there()
        finally:
            process.kill()
            process.wait()
            publisher.close()
    wanted_ids = set().union(*expected)
    return {
        "articles/s": timed / seconds,
        "events lost after kill -9": float(len(wanted_ids - seen.keys())),
        "events doubled after kill -9": float(sum(count - 1 for count in seen.values())),
        "events": float(len(wanted_ids)),
    }


def _until(there: Callable[[], Counter[str]], ids: set[str]) -> float:
    """When all were there, or nothing had come for long."""
    count, since = -1, time.monotonic()
    while time.monotonic() - since < _STILL_S:
        seen = there()
        if ids <= seen.keys():
            return time.monotonic()
        if seen.total() != count:
            count, since = seen.total(), time.monotonic()
        time.sleep(0.2)
    return since


if __name__ == "__main__":
    raise SystemExit(main())

"""Events a second: into the aggregator on a real broker, into a newcomer's faust table, and by recompute.

python -m benchmarks.folding [--events 50000] [--runs 5]

Each process is warm (it has folded some already) before the clock starts; it ends when all that was sent is
acknowledged, and for the aggregator also published and settled.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from random import Random

from kafka import KafkaConsumer, TopicPartition

from benchmarks.peers.work import SINK, SOURCE
from benchmarks.results import Result, keep, show, spread
from pipeline.contract.codec import decode, encode
from pipeline.contract.event import Event, EventType
from pipeline.contract.topics import EVENTS
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import entry_of
from pipeline.settings import load_settings
from pipeline.transport.kafka import KafkaPublisher
from pipeline.transport.layout import Layout, apply
from tests.kafka_broker import Broker, available
from tests.kafka_pipeline import ROOT, KafkaPipeline
from tests.strategies import NOON, make_event

_WARM = 500
_STATES = ("USA", "GBR", "FRA", "DEU", "POL", "UKR", "RUS", "CHN", "IRN", "PRK", "BLR", "IND", "TUR", "JPN")
_KINDS = tuple(EventType)


def main() -> int:
    """Measure and print; written to out/bench/folding.json too. Returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if reason := available():
        print(f"LEFT OUT: events a second on Kafka: {reason}", file=sys.stderr)
        return 0
    found = spread([measured(events(_WARM + options.events, seed)) for seed in range(options.runs)])
    show(f"{options.events} events", found)
    keep("folding", found)
    return 0


def events(number: int, seed: int) -> list[tuple[str, bytes]]:
    """Keys and bytes of so many events among fourteen states over thirty days, in order of time."""
    dice, pairs = Random(seed), list(permutations(_STATES, 2))
    found = []
    for index in range(number):
        source, target = dice.choice(pairs)
        at = NOON + timedelta(seconds=index * 30 * 86_400 / number)
        event = make_event(
            source, target, dice.choice(_KINDS), dice.uniform(-10, 10), at, event_id=f"{index:032x}"
        )
        found.append((event.dyad, encode(event)))
    return found


def measured(records: list[tuple[str, bytes]]) -> Result:
    """One run of all three."""
    ours, theirs = through_aggregator(records), through_faust(records)
    return {
        "events/s, aggregator on Kafka": ours,
        "events/s, a newcomer's faust table": theirs,
        "times the newcomer": ours / theirs,
        **again(records),
    }


def through_aggregator(records: list[tuple[str, bytes]]) -> float:
    """Events a second through the aggregator's process, published and settled."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(Broker(heap_mb=512))
        pipeline = stack.enter_context(KafkaPipeline(broker.bootstrap, scratch))
        pipeline.start("aggregator")
        pipeline.send((EVENTS.name, key, value) for key, value in records[:_WARM])
        pipeline.drain(within_s=300)
        began = time.monotonic()
        pipeline.send((EVENTS.name, key, value) for key, value in records[_WARM:])
        pipeline.drain(within_s=1800)
        return (len(records) - _WARM) / (time.monotonic() - began)


def through_faust(records: list[tuple[str, bytes]]) -> float:
    """Events a second through the newcomer's table: all its answers lie on the topic."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(Broker(heap_mb=512))
        apply(broker.bootstrap, {topic: Layout(1, 1, {}) for topic in (SOURCE, SINK)})
        publisher = KafkaPublisher(broker.bootstrap, 64_000_000, 60)
        log = stack.enter_context((scratch / "log").open("wb"))
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.faust_table", "worker", "-l", "error"],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "BLOCWATCH_BENCH_KAFKA": broker.bootstrap},
            stdout=log, stderr=log, cwd=scratch,
        )  # fmt: skip
        stack.callback(process.wait)
        stack.callback(process.kill)
        consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, enable_auto_commit=False)
        stack.callback(consumer.close)

        def send(some: list[tuple[str, bytes]], until: int) -> None:
            for key, value in some:
                publisher.send(SOURCE, key, value)
            publisher.flush()
            sink = TopicPartition(SINK, 0)
            _wait(lambda: consumer.end_offsets([sink])[sink] >= until, (scratch / "log"))

        send(records[:_WARM], _WARM)
        began = time.monotonic()
        send(records[_WARM:], len(records))
        seconds = time.monotonic() - began
        publisher.close()
        return (len(records) - _WARM) / seconds


def again(records: list[tuple[str, bytes]]) -> Result:
    """What `recompute` does with the same events, by processor time: read alone, and with all outputs."""
    settings = load_settings(ROOT / "config", {})
    began = time.process_time()
    entries = [entry_of(decode(Event, value)) for _, value in records]
    read = time.process_time()
    recompute(entries, settings.coalitions, settings.pipeline.metrics, "bench")
    whole = time.process_time()
    return {
        "events/s, recompute: reading": len(records) / (read - began),
        "events/s, recompute: folding and all outputs": len(records) / (whole - read),
        "events/s, recompute: whole": len(records) / (whole - began),
    }


def _wait(ready: Callable[[], bool], log: Path, within_s: float = 600.0) -> None:
    deadline = time.monotonic() + within_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)


if __name__ == "__main__":
    raise SystemExit(main())

"""From a planned article to its metric, on a real broker: what is sustained, how late it is, what it takes.

python -m benchmarks.endtoend [--rates 12 58 290] [--seconds 60] [--most 3500] [--runs 5] [--extractors 1]

Open loop: articles are sent when planned, whatever becomes of those before. The broker's own stamps
(LogAppendTime) end the clock: of the receipt for every article, of the clock record behind all metrics for
every article with events. Every run has a fresh broker; what it says is checked for losses and doubles.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hdrh.histogram import HdrHistogram
from kafka import KafkaConsumer, TopicPartition

from benchmarks import mix
from benchmarks.openloop import Sending, send_at
from benchmarks.results import Result, keep, show, spread
from benchmarks.watching import Watch, Watched
from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.event import Event
from pipeline.contract.metric import Clock
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS, RECEIPTS
from tests.kafka_broker import Broker, available
from tests.kafka_pipeline import KafkaPipeline

_WARM = 60
_LONGEST_MS = 3_600_000
_PERCENTILES = (50.0, 99.0, 99.9)


def main() -> int:
    """Measure and print; written to out/bench/endtoend.json too. Returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", type=float, nargs="+", default=[12.0, 58.0, 290.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--most", type=int, default=3500, help="articles a run, however high the rate")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--extractors", type=int, default=1)
    options = parser.parse_args()
    if reason := mix.available() or available():
        print(f"LEFT OUT: end to end: {reason}", file=sys.stderr)
        return 0
    found: dict[str, Any] = {}
    for rate in options.rates:
        seconds = min(options.seconds, options.most / rate)
        runs = [measured(rate, seconds, options.extractors, seed) for seed in range(options.runs)]
        found[f"{rate:g}"] = spread(runs)
        told_so = f"{rate:g} articles/s for {seconds:.0f} s, {options.extractors} extractor(s)"
        show(told_so, found[f"{rate:g}"])
    keep("endtoend", found)
    return 0


def measured(rate: float, seconds: float, extractors: int, seed: int) -> Result:
    """One run on a broker of its own."""
    articles = list(mix.articles(_WARM + int(rate * seconds), seed))
    records = [(article.article_id, encode(article)) for article in articles]
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(Broker(heap_mb=512))
        pipeline = stack.enter_context(KafkaPipeline(broker.bootstrap, scratch))
        for number in range(extractors):
            pipeline.start("extractor", f"extractor-{number}")
        pipeline.start("aggregator")
        pipeline.send((ARTICLES.name, key, value) for key, value in records[:_WARM])
        pipeline.drain(within_s=300)
        roots = {name: process.pid for name, process in pipeline.workers.items()}
        watch = Watch({**roots, "broker": broker.pid}, Backlog(broker.bootstrap).count)
        watch.start()
        sending = _sent(pipeline, rate, records[_WARM:])
        seen = watch.stop()
        began = time.monotonic()
        pipeline.drain(within_s=3600)
        rest_s = time.monotonic() - began
        return told(broker.bootstrap, articles, sending, seen, rest_s)


def _sent(pipeline: KafkaPipeline, rate: float, records: Sequence[tuple[str, bytes]]) -> Sending:
    publisher = pipeline.publisher()
    try:
        return send_at(
            rate, records, lambda key, value: publisher.send(ARTICLES.name, key, value), threading.Event()
        )
    finally:
        publisher.flush()
        publisher.close()


def told(
    bootstrap: str, articles: Sequence[Article], sending: Sending, seen: Watched, rest_s: float
) -> Result:
    """What the topics say of one run."""
    receipts = [(r.key.decode(), r.timestamp / 1000) for r in records_of(bootstrap, RECEIPTS.name)]
    read = {key: at - sending.planned[key] for key, at in receipts if key in sending.planned}
    metric = dict(_until_metric(bootstrap, sending.planned))
    services = [name for name in seen.processor_s if name != "broker"]
    times_seen = Counter(key for key, _ in receipts)
    return {
        "articles/s handled while sending": (len(sending.planned) - (seen.waiting or [(0, 0)])[-1][1])
        / seen.seconds,
        "articles/s until the last was handled": len(sending.planned) / (seen.seconds + rest_s),
        "growth of the queue, articles/s": seen.slope(),
        "sender late at most, ms": 1000 * sending.latest_s,
        **_latency("to the receipt", read.values()),
        **_latency("to the metric", metric.values()),
        "articles lost": float(len({a.article_id for a in articles} - times_seen.keys())),
        "articles handled twice": float(sum(count - 1 for count in times_seen.values())),
        **{f"cores, {name}": spent / seen.seconds for name, spent in seen.processor_s.items()},
        "resident MB, services together": sum(seen.resident_mb.get(name, 0.0) for name in services),
        **{f"resident MB, {name}": peak for name, peak in seen.resident_mb.items()},
    }


def _until_metric(bootstrap: str, planned: dict[str, float]) -> Iterable[tuple[str, float]]:
    """Seconds from the plan of each article with events until the clock told that its last was folded."""
    clocks = [(decode(Clock, r.value).events, r.timestamp / 1000) for r in records_of(bootstrap, CLOCK.name)]
    known: set[str] = set()
    reached: dict[str, int] = {}
    for record in records_of(bootstrap, EVENTS.name):
        event = decode(Event, record.value)
        known.add(event.event_id)
        reached[event.article_id] = len(known)
    for article, count in reached.items():
        at = next((at for events, at in clocks if events >= count), None)
        if article in planned and at is not None:
            yield article, at - planned[article]


def records_of(bootstrap: str, topic: str) -> list[Any]:
    """Everything on a topic, in the order of the broker's stamps."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends, found = consumer.end_offsets(partitions), []
    while any(consumer.position(tp) < ends[tp] for tp in partitions):
        found += list(itertools.chain(*consumer.poll(timeout_ms=500, max_records=5000).values()))
    consumer.close()
    return sorted(found, key=lambda record: (record.timestamp, record.partition, record.offset))


class Backlog:
    """Articles on their topic, less receipts on theirs: what the extractors have not finished."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)

    def count(self) -> int:
        """How many wait now."""
        return self._records(ARTICLES.name) - self._records(RECEIPTS.name)

    def _records(self, topic: str) -> int:
        partitions = [TopicPartition(topic, n) for n in self._consumer.partitions_for_topic(topic) or ()]
        return sum(self._consumer.end_offsets(partitions).values())


def _latency(of: str, seconds: Iterable[float]) -> Result:
    histogram = HdrHistogram(1, _LONGEST_MS, 3)
    for value in seconds:
        histogram.record_value(max(1, round(1000 * value)))
    return {f"s {of}, p{p:g}": histogram.get_value_at_percentile(p) / 1000 for p in _PERCENTILES}


if __name__ == "__main__":
    raise SystemExit(main())

"""Articles a second of this version, embedded and through Kafka: a starting point, not a test.

The bundled sample feeds are repeated with new addresses until there are enough articles.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from pipeline.articles.samples import SAMPLE_FEEDS
from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.topics import ARTICLES, EVENTS
from pipeline.embedded import Embedded
from pipeline.settings import load_settings
from pipeline.telemetry import configure_logging
from pipeline.transport.memory import MemoryLog
from pipeline.transport.store import EmbeddedStore
from pipeline.workers.coder import load_coder
from pipeline.workers.polling import new_sample_poller
from tests.kafka_broker import Broker, available
from tests.kafka_pipeline import KafkaPipeline


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3000)
    wanted = parser.parse_args().articles
    configure_logging("warning", "console")
    with tempfile.TemporaryDirectory() as scratch:
        articles = samples(Path(scratch), wanted)
        embedded(articles, Path(scratch))
        if (reason := available()) and not os.environ.get("BLOCWATCH_TEST_KAFKA"):
            print(f"LEFT OUT: articles/s through Kafka: {reason}", file=sys.stderr)
            return 0
        through_kafka(articles, Path(scratch))
    return 0


def samples(scratch: Path, wanted: int) -> list[Article]:
    """So many articles, from the sample feeds, each with an id of its own."""
    import asyncio

    log = MemoryLog()
    poller = new_sample_poller(load_settings(), log, scratch / "poller.sqlite")
    asyncio.run(poller.poll_once(datetime.now(UTC)))
    asyncio.run(poller.close())
    base = [decode(Article, message.value) for message in log.read(ARTICLES.name)]
    copies = (article.model_copy(update={"article_id": _id(article.article_id, turn)})
              for turn in range(-(-wanted // len(base))) for article in base)  # fmt: skip
    print(f"{wanted} articles from {len(SAMPLE_FEEDS)} sample feeds ({len(base)} distinct texts)")
    return list(copies)[:wanted]


def embedded(articles: list[Article], scratch: Path) -> None:
    """One process, one core: extraction and aggregation over SQLite."""
    settings = load_settings()
    store = EmbeddedStore(scratch / "embedded.sqlite")
    stages = Embedded(settings, store, load_coder(), lambda: datetime.now(UTC))
    for article in articles:
        store.send(ARTICLES.name, article.article_id, encode(article))
    store.flush()
    began = time.perf_counter()
    counts = stages.drain()
    seconds = time.perf_counter() - began
    store.close()
    print(f"embedded        {len(articles) / seconds:7.1f} articles/s  ({seconds:.1f} s, "
          f"{counts.events} events, "
          f"{counts.published} metric records)")  # fmt: skip


def through_kafka(articles: list[Article], scratch: Path) -> None:
    """A real broker, one extractor and one aggregator process, all on this machine."""
    with ExitStack() as stack:
        bootstrap = os.environ.get("BLOCWATCH_TEST_KAFKA") or stack.enter_context(Broker()).bootstrap
        pipeline = stack.enter_context(KafkaPipeline(bootstrap, scratch / "kafka"))
        pipeline.start("extractor")
        pipeline.start("aggregator")
        pipeline.send([(ARTICLES.name, articles[0].article_id, encode(articles[0]))])
        pipeline.drain()  # both have joined and loaded
        began = time.perf_counter()
        pipeline.send((ARTICLES.name, article.article_id, encode(article)) for article in articles[1:])
        pipeline.drain(within_s=1800)
        seconds = time.perf_counter() - began
        events = len(pipeline.read(EVENTS.name))
        print(
            f"through Kafka   {len(articles) / seconds:7.1f} articles/s  ({seconds:.1f} s, {events} events)"
        )


def _id(article_id: str, turn: int) -> str:
    return (
        article_id
        if turn == 0
        else hashlib.blake2b(f"{article_id}{turn}".encode(), digest_size=16).hexdigest()
    )


if __name__ == "__main__":
    sys.exit(main())

"""Recorded polls of a feed, through the real poller and real Kafka, against recompute and the embedded run.

The files of a folder are served one after another, in order of name, by a local HTTP server with ETags.
A name that begins like 20210621T215011 gives the time of the poll. Ends with one line of counts, and exit
code 1 when anything was lost, doubled or differs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tarfile
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.articles.feed import Feed
from pipeline.cli.recompute import recompute_outputs
from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.event import Event
from pipeline.contract.topics import ARTICLES, EVENTS, TOPICS
from pipeline.embedded import Embedded
from pipeline.metrics.entry import entry_of
from pipeline.settings import Settings
from pipeline.telemetry import configure_logging
from pipeline.transport.base import Publisher
from pipeline.transport.store import EmbeddedStore
from pipeline.workers.coder import load_coder
from pipeline.workers.polling import new_poller
from tests.feed_server import FeedServer
from tests.kafka_broker import Broker
from tests.kafka_pipeline import KafkaPipeline

DEFAULT = Path(__file__).parent.parent.parent / "shared/data/feeds/state_gov/polls.tar.zst"


def main() -> int:
    """Run the replay; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--polls", type=Path, default=DEFAULT, help="a folder of polls, or a .tar.zst of one")
    parser.add_argument("--limit", type=int, default=None, help="only the first so many polls")
    options = parser.parse_args()
    configure_logging("warning", "console")
    if not options.polls.exists():
        print(f"LEFT OUT: no polls at {options.polls}; name a folder with POLLS=DIR", file=sys.stderr)
        return 2
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = sorted(p for p in unpacked(options.polls, scratch / "polls").rglob("*") if p.is_file())
        files = files[: options.limit]
        bootstrap = os.environ.get("BLOCWATCH_TEST_KAFKA") or stack.enter_context(Broker()).bootstrap
        pipeline = stack.enter_context(KafkaPipeline(bootstrap, scratch / "kafka"))
        return replay(files, pipeline, scratch)


def replay(files: list[Path], pipeline: KafkaPipeline, scratch: Path) -> int:
    """Replay on Kafka and embedded, compare, and print what came out; returns the exit code."""
    began = time.monotonic()
    pipeline.start("extractor")
    pipeline.start("aggregator")
    publisher = pipeline.publisher()
    sent = poll_all(files, pipeline.settings, publisher, scratch / "kafka-poller.sqlite")
    publisher.close()
    polled = time.monotonic()
    pipeline.drain(within_s=3600)
    drained = time.monotonic()
    articles = [decode(Article, m.value) for m in pipeline.read(ARTICLES.name)]
    values = [m.value or b"" for m in pipeline.read(EVENTS.name)]
    tables = pipeline.tables()
    same = unchanged(files)
    faults = [*against_recompute(values, tables, pipeline.settings), *doubled(articles)]
    faults += [f"{files[n].name} changed no entry but sent {sent[n]}" for n in same if sent[n]]
    lost = guids_of(files) - {article.guid for article in articles}
    faults += [f"lost: {guid}" for guid in sorted(lost)]
    dead = sum(len(pipeline.read(topic.dlq)) for topic in (ARTICLES, EVENTS))
    faults += [f"{dead} dead letters"] if dead else []
    faults += against_embedded(files, values, tables, pipeline.settings, scratch)
    for fault in faults[:20]:
        print(f"FAULT {fault}")
    print(
        f"polls {len(files)}, of them {len(same)} without a change of entries, "
        f"{sent.count(0)} sent nothing, "
        f"guids {len({a.guid for a in articles})}, "
        f"versions {len(articles)}, events {len(set(values))}, "
        f"metric records {sum(map(len, tables.values()))}, lost {len(lost)}, faults {len(faults)}; "
        f"recompute and embedded {'agree byte for byte' if not faults else 'DIFFER'}; "
        f"polled in {polled - began:.0f} s, drained in {drained - began:.0f} s, "
        f"embedded in {time.monotonic() - drained:.0f} s"
    )
    return 1 if faults else 0


def poll_all(files: list[Path], settings: Settings, publisher: Publisher, state: Path) -> list[int]:
    """Poll every file once, at its own time; returns how many articles each poll sent."""

    async def run() -> list[int]:
        sent = []
        with FeedServer(files) as server:
            feed = Feed("state-gov", server.url, "US State Department", "USA", "en", interval_s=60)
            poller = new_poller(settings, publisher, state, feeds=(feed,), local=True)
            try:
                for number, path in enumerate(files):
                    stats = await poller.poll_once(poll_time(path, number))
                    sent.append(stats.new + stats.edited)
                    server.advance()
            finally:
                await poller.close()
        return sent

    return asyncio.run(run())


def against_recompute(
    values: list[bytes], tables: dict[str, dict[str, bytes]], settings: Settings
) -> list[str]:
    """Compare the topics with an offline recomputation; returns what differs."""
    expected: dict[str, dict[str, bytes]] = {name: {} for name in tables}
    entries = [entry_of(decode(Event, value)) for value in values]
    for topic, key, record in recompute_outputs(settings, entries).records():
        if record is not None:
            expected[topic.name][key] = encode(record)
    return [f"{fault} against recompute" for fault in differences(tables, expected)]


def against_embedded(
    files: list[Path],
    values: list[bytes],
    tables: dict[str, dict[str, bytes]],
    settings: Settings,
    scratch: Path,
) -> list[str]:
    """Run the same input embedded and compare events and metrics; returns what differs."""
    store = EmbeddedStore(scratch / "embedded.sqlite")
    stages = Embedded(settings, store, load_coder(settings.ontology_overlay), lambda: datetime.now(UTC))
    poll_all(files, settings, store, scratch / "embedded-poller.sqlite")
    stages.drain()
    own = {topic.name: store.latest(topic.name) for topic in TOPICS if topic.compacted}
    faults = [f"{fault} against embedded" for fault in differences(tables, own)]
    if set(values) != {m.value for m in store.read(EVENTS.name)}:
        faults.append("the events differ from the embedded run's")
    store.close()
    return faults


def differences(have: dict[str, dict[str, bytes]], want: dict[str, dict[str, bytes]]) -> list[str]:
    """Name each key whose value differs."""
    found = []
    for topic in sorted(want):
        mine, theirs = have.get(topic, {}), want[topic]
        found += [
            f"{topic} {key}"
            for key in sorted(mine.keys() | theirs.keys())
            if mine.get(key) != theirs.get(key)
        ]
    return found


def doubled(articles: list[Article]) -> list[str]:
    """Name each (article_id, version) that arrived more than once."""
    counts = Counter((article.article_id, article.version) for article in articles)
    return [f"doubled: {identity}" for identity, count in counts.items() if count > 1]


def unchanged(files: list[Path]) -> list[int]:
    """Numbers of the polls whose items are, to the letter, those of the poll before."""
    from xml.etree import ElementTree

    items = [
        [
            [(part.tag, (part.text or "").strip()) for part in item]
            for item in ElementTree.parse(path).iter("item")
        ]
        for path in files
    ]
    return [number for number in range(1, len(items)) if items[number] == items[number - 1]]


def guids_of(files: list[Path]) -> set[str]:
    """Every distinct guid of the files, read independently of the poller."""
    from xml.etree import ElementTree

    return {(guid.text or "").strip() for path in files for guid in ElementTree.parse(path).iter("guid")}


def poll_time(path: Path, number: int) -> datetime:
    """The time in a file's name, else a quarter of an hour a poll from a fixed start."""
    try:
        return datetime.strptime(path.name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * number)


def unpacked(path: Path, folder: Path) -> Path:
    """The folder itself, or what an archive holds."""
    if path.is_dir():
        return path
    import zstandard

    folder.mkdir(parents=True)
    with (
        path.open("rb") as packed,
        zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(packed) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        archive.extractall(folder, filter="data")
    return folder


if __name__ == "__main__":
    sys.exit(main())

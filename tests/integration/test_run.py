"""Workers as processes: the poller and the embedded run, stopped by SIGTERM, started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.contract.article import Article
from pipeline.contract.codec import decode
from pipeline.contract.topics import ARTICLES, METRICS
from pipeline.transport.kafka import tail
from pipeline.transport.store import EmbeddedStore
from tests.feed_server import FeedServer
from tests.kafka_pipeline import KafkaPipeline

ROOT = Path(__file__).parent.parent.parent
ITEM = """<item><title>Envoys of Russia and China meet, day {n}</title><link>https://example.org/{n}</link>
<guid>g{n}</guid><pubDate>Mon, {n:02d} Jan 2024 10:00:00 GMT</pubDate>
<description>Russia and China held talks in Moscow.</description></item>"""


def feed(*numbers: int) -> bytes:
    """An RSS document with an item a number."""
    items = "".join(ITEM.format(n=number) for number in numbers)
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


GARBAGE = b"\x00\xff garbage <<<"


def config(folder: Path, good: str, garbage: str) -> Path:
    """The shipped configuration with three feeds: one unreachable, one that sends garbage, one that works."""
    shutil.copytree(ROOT / "config", folder)
    with FeedServer([GARBAGE]) as gone:
        dead = gone.url  # nobody listens there once the server is closed
    lines = ["feeds:"]
    for feed_id, url in (("dead", dead), ("garbage", garbage), ("good", good)):
        lines += [
            f"  - feed_id: {feed_id}", f"    url: {url}", "    outlet: Test", "    country: GBR",
            "    language: en", "    interval_s: 60",
        ]  # fmt: skip
    (folder / "feeds.yaml").write_text("\n".join(lines) + "\n")
    return folder


def start(arguments: list[str], folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start `blocwatch` with `arguments`; its log lies in `folder`/run.log."""
    with (folder / "run.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", *arguments], cwd=ROOT, stdout=log, stderr=log,
            env={
                **os.environ, "BLOCWATCH_STATE": str(folder / "state"), "BLOCWATCH_LOG_FORMAT": "json",
                "BLOCWATCH_ALLOW_LOCAL_FEEDS": "true", "BLOCWATCH_CONFIG": str(folder / "config"),
                **environment,
            },
        )  # fmt: skip


def until(true: Callable[[], bool], within_s: float, folder: Path) -> None:
    """Wait; fails with the log's end."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, (folder / "run.log").read_text()[-3000:]
        time.sleep(0.2)


def stop(process: subprocess.Popen[bytes]) -> float:
    """SIGTERM; returns the seconds until the end, which has to be a clean one."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    return time.monotonic() - began


def forget_schedule(folder: Path) -> None:
    """Make every feed due now, as if its interval had passed."""
    (path,) = (folder / "state").glob("*poller.sqlite")
    with sqlite3.connect(path) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            if "next_due" in columns:
                db.execute(f"UPDATE {table} SET next_due = '2000-01-01T00:00:00Z'")


def failed_feeds(folder: Path) -> set[str]:
    """Feeds that the log names with a reason."""
    lines = [
        json.loads(line) for line in (folder / "run.log").read_text().splitlines() if line.startswith("{")
    ]
    return {line["feed"] for line in lines if line["event"] == "feed_failed" and line["reason"]}


@pytest.mark.kafka
def test_the_poller_ends_on_sigterm_and_goes_on_where_it_was(broker: str, tmp_path: Path) -> None:
    KafkaPipeline(broker, tmp_path / "kafka")  # lays out the topics
    with FeedServer([feed(1, 2), feed(1, 2, 3)]) as server, FeedServer([GARBAGE]) as garbage:
        config(tmp_path / "config", server.url, garbage.url)

        def articles() -> list[Article]:
            return [decode(Article, message.value) for message in tail(broker, [ARTICLES.name])]

        poller = start(["run", "poller"], tmp_path, BLOCWATCH_KAFKA=broker)
        until(lambda: len(articles()) == 2, 40, tmp_path)
        assert stop(poller) < 10
        server.advance()
        forget_schedule(tmp_path)
        poller = start(["run", "poller"], tmp_path, BLOCWATCH_KAFKA=broker)
        until(lambda: len(articles()) >= 3, 40, tmp_path)
        assert stop(poller) < 10
        assert Counter((a.guid, a.version) for a in articles()) == {("g1", 1): 1, ("g2", 1): 1, ("g3", 1): 1}
    assert {"dead", "garbage"} == failed_feeds(tmp_path)


def test_the_embedded_run_ends_on_sigterm_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with FeedServer([feed(1, 2), feed(1, 2, 3)]) as server, FeedServer([GARBAGE]) as garbage:
        config(tmp_path / "config", server.url, garbage.url)
        path = tmp_path / "state" / "embedded.sqlite"

        def metrics() -> dict[str, bytes]:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                try:
                    return dict(db.execute("SELECT key, value FROM latest WHERE topic = ?", (METRICS.name,)))
                except sqlite3.OperationalError:
                    return {}  # not laid out yet

        running = start(["run", "--embedded"], tmp_path)
        until(lambda: path.exists() and bool(metrics()), 60, tmp_path)
        before = json.loads(metrics()["axis|ewm30d"])
        assert stop(running) < 10
        server.advance()
        forget_schedule(tmp_path)
        running = start(["run", "--embedded"], tmp_path)
        until(lambda: json.loads(metrics()["axis|ewm30d"])["n_events"] > before["n_events"], 60, tmp_path)
        assert stop(running) < 10
        assert json.loads(metrics()["axis|ewm30d"])["n_events"] == 3
        store = EmbeddedStore(path)
        assert len(store.read(ARTICLES.name)) == 3
        store.close()
    assert {"dead", "garbage"} == failed_feeds(tmp_path)

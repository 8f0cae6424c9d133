"""Feeds a second through the poller, unchanged and changed, beside lemon24/reader on the same server.

python -m benchmarks.polling [--feeds 1000]

The poller runs as it ships (its own process, parsing in worker processes, cursors in SQLite) and publishes
into memory; feeds stand at loopback addresses, one each, so that politeness to hosts never waits. Plain
feeds take the fast path, odd ones feedparser (see `many_feeds`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from benchmarks.many_feeds import address
from pipeline.articles.feed import Feed
from pipeline.settings import load_settings
from pipeline.telemetry import configure_logging
from pipeline.transport.memory import MemoryLog
from pipeline.workers.poller import Poller
from pipeline.workers.polling import new_poller

_ROUNDS = 3
_CONCURRENCY = 32


def main() -> None:
    """Measure and print; written to out/bench/polling.json too."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=1000)
    number = parser.parse_args().feeds
    configure_logging("error", "console")
    with tempfile.TemporaryDirectory() as scratch, served() as port:
        found = {}
        for kind, name in (("plain feeds", "feed"), ("odd feeds", "odd")):
            urls = [address(n, port, name) for n in range(number)]
            folder = Path(scratch, name)
            folder.mkdir()
            found[f"ours, {kind}"] = asyncio.run(ours(urls, port, folder))
            found[f"reader {version('reader')}, {kind}"] = theirs(urls, port, folder)
    for name, values in found.items():
        print(f"{name:24s}", ", ".join(f"{key} {value:,.1f}" for key, value in values.items()))
    out = Path("out/bench/polling.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def ours(urls: list[str], port: int, scratch: Path) -> dict[str, float]:
    """Feeds a second of the poller, and how long its event loop kept others waiting."""
    settings = load_settings()
    own = settings.pipeline.poller.model_copy(update={"concurrency": _CONCURRENCY})
    settings = replace(settings, pipeline=settings.pipeline.model_copy(update={"poller": own}))
    feeds = [Feed(f"feed-{n}", url, f"Gazette {n}", None) for n, url in enumerate(urls)]
    poller = new_poller(settings, MemoryLog(), scratch / "poller.sqlite", feeds=feeds, local=True)
    clock = datetime.now(UTC)
    lags: list[float] = []
    watch = asyncio.create_task(_watch(lags))
    try:
        turn(port, 0)
        first = await _round(poller, clock)
        same, changed = [], []
        for number in range(_ROUNDS):
            clock += timedelta(days=1)
            same.append(await _round(poller, clock))
            turn(port, number + 1)
            clock += timedelta(days=1)
            changed.append(await _round(poller, clock))
    finally:
        watch.cancel()
        await poller.close()
    return {
        "first feeds/s": len(urls) / first,
        "unchanged feeds/s": len(urls) / statistics.median(same),
        "changed feeds/s": len(urls) / statistics.median(changed),
        "event-loop lag p99 ms": 1000 * statistics.quantiles(lags, n=100)[98],
    }


async def _round(poller: Poller, at: datetime) -> float:
    began = time.perf_counter()
    stats = await poller.poll_once(at)
    if stats.faults:
        raise SystemExit(f"{stats.faults} of {stats.feeds} feeds failed")
    return time.perf_counter() - began


async def _watch(lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        lags.append(time.perf_counter() - began - 0.01)


def theirs(urls: list[str], port: int, scratch: Path) -> dict[str, float]:
    """Feeds a second of lemon24/reader with as many workers as we have requests in flight."""
    from reader import make_reader

    reader = make_reader(str(scratch / "reader.sqlite"))
    for url in urls:
        reader.add_feed(url)

    def update() -> float:
        began = time.perf_counter()
        reader.update_feeds(scheduled=False, workers=_CONCURRENCY)
        return time.perf_counter() - began

    turn(port, 0)
    first, same, changed = update(), [], []
    for number in range(_ROUNDS):
        same.append(update())
        turn(port, number + 1)
        changed.append(update())
    broken = sum(feed.last_exception is not None for feed in reader.get_feeds())
    if broken:
        raise SystemExit(f"{broken} feeds failed in reader")
    return {
        "first feeds/s": len(urls) / first,
        "unchanged feeds/s": len(urls) / statistics.median(same),
        "changed feeds/s": len(urls) / statistics.median(changed),
    }


def turn(port: int, number: int) -> None:
    """Tell the server which state to show."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/state?turn={number}") as answer:
        answer.read()


@contextmanager
def served() -> Iterator[int]:
    """A server of feeds in a process of its own; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.many_feeds", str(port)])
    try:
        for _ in range(100):
            try:
                turn(port, 0)
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()

"""What a broker that is away for ten minutes costs the poller: memory, time to resume, and nothing lost.

python -m benchmarks.broker_away [--minutes 10] [--feeds 100]

Feeds of a local server bring one entry more every twenty seconds; the broker is killed, and comes back.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.many_feeds import ENTRIES, address
from benchmarks.polling import served, turn
from pipeline.contract.article import Article
from pipeline.contract.codec import decode
from pipeline.contract.topics import ARTICLES
from tests.kafka_broker import Broker
from tests.kafka_pipeline import KafkaPipeline

_TURN_S = 20.0
_LIMIT_MB = 64.0
_LIMIT_S = 5.0


def main() -> int:
    """Measure, print, and fail where a limit is passed; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--feeds", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served() as port, Broker() as broker:
        config = _config(Path(folder) / "config", options.feeds, port)
        with KafkaPipeline(broker.bootstrap, Path(folder) / "work", {"BLOCWATCH_CONFIG": str(config)}) as run:
            found = _measure(run, broker, port, options.feeds, 60 * options.minutes)
    print(json.dumps(found, indent=2))
    well = not found["lost"] and found["growth_mb"] < _LIMIT_MB and found["resumed_s"] < _LIMIT_S
    print("held" if well else "NOT held", f"(nothing lost, under {_LIMIT_MB:g} MB, within {_LIMIT_S:g} s)")
    return 0 if well else 1


def _measure(run: KafkaPipeline, broker: Broker, port: int, feeds: int, away_s: float) -> dict[str, float]:
    poller = run.start("poller")
    now = 0
    _until(lambda: len(_read(run)) == feeds * ENTRIES, "the first poll", 120)
    before = most = _rss_mb(poller.pid)
    broker.kill()
    began = time.monotonic()
    while time.monotonic() - began < away_s:
        if time.monotonic() - began > (now + 1) * _TURN_S and now < ENTRIES - 2:
            now += 1
            turn(port, now)
        time.sleep(1)
        most = max(most, _rss_mb(poller.pid))
    known = len(_log(run, "published"))
    broker.start()
    back = time.monotonic()
    held = feeds * ENTRIES
    _until(lambda: len(_read(run)) > held, "an article after the broker came back", 120)
    resumed = time.monotonic() - back
    _until(lambda: len(_read(run)) >= feeds * (ENTRIES + now), "every article", 300)
    articles = _read(run)
    guids = {(article.feed_id, article.guid) for article in articles}
    most = max(most, _rss_mb(poller.pid))
    run.stop("poller")
    return {
        "away_s": away_s,
        "feeds": feeds,
        "turns": now,
        "lost": feeds * (ENTRIES + now) - len(guids),
        "twice": len(articles) - len({(a.article_id, a.version) for a in articles}),
        "before_mb": before,
        "growth_mb": most - before,
        "resumed_s": resumed,
        "failed_rounds": known,
    }


def _config(folder: Path, feeds: int, port: int) -> Path:
    """The repository's configuration with local feeds instead of its own."""
    source = Path(__file__).parent.parent / "config"
    folder.mkdir(parents=True)
    for path in source.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    listed = [
        f"  - {{feed_id: gazette-{n}, url: '{address(n, port)}', outlet: Gazette {n}, interval_s: 10}}"
        for n in range(feeds)
    ]
    (folder / "feeds.yaml").write_text("feeds:\n" + "\n".join(listed) + "\n", encoding="utf-8")
    (folder / "pipeline.yaml").write_text(
        "poller: {allow_local: true, spacing_s: 0, concurrency: 16}\n", encoding="utf-8"
    )
    return folder


def _read(run: KafkaPipeline) -> list[Article]:
    return [decode(Article, message.value) for message in run.read(ARTICLES.name)]


def _log(run: KafkaPipeline, word: str) -> list[str]:
    text = (run.folder / "poller.log").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if "poll_not_published" in line and word in line]


def _rss_mb(pid: int) -> float:
    """Resident memory of a process with its children, MB."""
    pids, total = [pid], 0.0
    while pids:
        one = pids.pop()
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii").split()
            status = Path(f"/proc/{one}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        pids += map(int, children)
        total += sum(
            float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS")
        )
    return total


def _until(done: Callable[[], bool], what: str, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come within {within_s:g} s")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())

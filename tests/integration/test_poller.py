"""The poller with its real parts: a local web server, a parser process, SQLite; the broker is a fake."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.articles.feed import Feed
from pipeline.articles.normalize import Reading
from pipeline.articles.parse import Refusal
from pipeline.contract.article import Article, DateQuality, Gap
from pipeline.contract.codec import decode
from pipeline.contract.errors import DependencyError
from pipeline.contract.topics import ARTICLES
from pipeline.transport.base import Fetched, Fetcher
from pipeline.transport.cursors import Cursors
from pipeline.transport.http import HttpFetcher, HttpLimits
from pipeline.workers.parsing import InlineParser, Parser, ProcessParser
from pipeline.workers.poller import Poller, PollStats
from tests.fakes import FakeFetcher, FakePublisher
from tests.feed_server import FeedServer

ROOT = Path(__file__).parent.parent.parent
START = datetime(2024, 3, 21, 12, tzinfo=UTC)
STEP = timedelta(hours=12)


def rss(*items: tuple[str, str]) -> bytes:
    """A feed of (guid, text) pairs."""
    entries = "".join(
        f"<item><title>Title {guid}</title><link>https://example.org/{guid}</link><guid>{guid}</guid>"
        f"<description>{text}</description><pubDate>Wed, 20 Mar 2024 10:00:00 GMT</pubDate></item>"
        for guid, text in items
    )
    return f'<rss version="2.0"><channel>{entries}</channel></rss>'.encode()


def feed_at(url: str, name: str = "wire") -> Feed:
    return Feed(name, url, name.title(), "GBR", interval_s=60)


def http() -> HttpFetcher:
    return HttpFetcher("test", HttpLimits(spacing_s=0, timeout_s=2), allow_local=True)


def run(
    feeds: list[Feed],
    folder: Path,
    publisher: FakePublisher,
    rounds: int = 1,
    between: Callable[[int], None] = lambda _: None,
    fetcher: Fetcher | None = None,
    parser: Parser | None = None,
    start: int = 0,
) -> list[PollStats]:
    """Poll so many rounds, half a day apart."""

    async def poll() -> list[PollStats]:
        cursors = Cursors(folder / "poller.sqlite")
        poller = Poller(feeds, fetcher or http(), parser or InlineParser(), publisher, cursors)
        try:
            stats = []
            for number in range(start, start + rounds):
                stats.append(await poller.poll_once(START + number * STEP))
                between(number)
            return stats
        finally:
            await poller.close()

    return asyncio.run(poll())


def test_new_edited_and_unchanged_entries(tmp_path: Path) -> None:
    publisher = FakePublisher()
    files = [rss(("1", "a")), rss(("1", "a")), rss(("2", "b"), ("1", "edited"))]
    with FeedServer(files, auto=True) as server:
        stats = run([feed_at(server.url)], tmp_path, publisher, 4, parser=ProcessParser())
        statuses = [request.status for request in server.requests]
    assert [(s.new, s.edited, s.unchanged, s.not_modified) for s in stats] == [
        (1, 0, 0, 0),
        (0, 0, 0, 1),
        (1, 1, 0, 0),
        (0, 0, 0, 1),
    ]
    assert statuses == [200, 304, 200, 304]
    assert set(publisher.versions.values()) == {1}
    assert [(a.guid, a.version, a.text) for a in publisher.articles] == [
        ("1", 1, "a"),
        ("1", 2, "edited"),
        ("2", 1, "b"),
    ]
    topic, key, value, headers = publisher.records[0]
    assert (topic, key) == (ARTICLES.name, decode(Article, value).article_id)
    assert dict(headers)["ce_type"] == ARTICLES.name.encode()


@pytest.mark.parametrize("fault", ["500", "503", "garbage", "html", "empty", "stall", "close"])
def test_a_bad_feed_waits_longer_and_the_others_go_on(fault: str, tmp_path: Path) -> None:
    publisher = FakePublisher()
    with FeedServer([rss(("bad", "a"))]) as bad, FeedServer([rss(("good", "b"))]) as good:
        bad.fault = fault  # type: ignore[assignment]  # the parameters are all faults
        feeds = [feed_at(bad.url, "bad"), feed_at(good.url, "good")]
        (stats,) = run(feeds, tmp_path, publisher)
        assert (stats.feeds, stats.faults, stats.new) == (2, 1, 1)
        state = Cursors(tmp_path / "poller.sqlite").feed_states()["bad"]
        assert state.failures == 1
        assert state.next_due is not None
        assert (state.next_due - START).total_seconds() >= (7200 if fault == "503" else 54)
        bad.fault = None
        (stats,) = run(feeds, tmp_path, publisher, start=1)
        assert (stats.faults, stats.new) == (0, 1)
    assert [article.guid for article in publisher.articles] == ["good", "bad"]


def test_a_feed_that_is_not_due_is_not_asked(tmp_path: Path) -> None:
    fetcher = FakeFetcher(lambda _: Fetched(200, rss(("1", "a"))))
    feed = Feed("slow", "https://example.org/feed", "Slow", None, interval_s=86_400)
    stats = run([feed], tmp_path, FakePublisher(), 2, fetcher=fetcher)
    assert [s.feeds for s in stats] == [1, 0]
    assert len(fetcher.asked) == 1


def test_entries_that_cannot_become_articles_are_counted(tmp_path: Path) -> None:
    body = rss(("1", "a")).replace(b"</channel>", b"<item><link>https://e.org/2</link></item></channel>")
    stats = run(
        [feed_at("https://e.org")],
        tmp_path,
        FakePublisher(),
        fetcher=FakeFetcher(lambda _: Fetched(200, body)),
    )
    assert (stats[0].entries, stats[0].new, stats[0].refused) == (2, 1, {"no title and no text": 1})


def test_a_broker_that_is_away_loses_nothing(tmp_path: Path) -> None:
    publisher = FakePublisher()
    publisher.broken = True
    with FeedServer([rss(("1", "a"))]) as server:
        with pytest.raises(DependencyError):
            run([feed_at(server.url)], tmp_path, publisher)
        assert Cursors(tmp_path / "poller.sqlite").feed_states() == {}
        publisher.broken = False
        run([feed_at(server.url)], tmp_path, publisher)
    assert list(publisher.versions.values()) == [1]


def test_the_same_polls_give_the_same_bytes(tmp_path: Path) -> None:
    outputs = []
    for name in ("one", "other"):
        publisher = FakePublisher()
        with FeedServer([rss(("1", "a")), rss(("2", "b"), ("1", "edited"))], auto=True) as server:
            run([feed_at(server.url)], tmp_path / name, publisher, 3)
        outputs.append(publisher.records)
    assert outputs[0] == outputs[1]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.integration.test_poller import START, STEP, feed_at
from pipeline.transport.base import Fetched
from pipeline.transport.cursors import Cursors
from pipeline.workers.parsing import InlineParser
from pipeline.workers.poller import Poller
from tests.fakes import FakeFetcher

folder, body, deadly = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), sys.argv[3] == "die"

class File:
    def __init__(self):
        self.out = (folder / "sent").open("ab")
    def send(self, topic, key, value, headers=()):
        self.out.write(value + b"\\n")
    def flush(self):
        self.out.flush()
        os.fsync(self.out.fileno())
        if deadly:
            os.kill(os.getpid(), signal.SIGKILL)
    def close(self):
        pass

fetcher = FakeFetcher(lambda _: Fetched(200, body))
cursors = Cursors(folder / "poller.sqlite")
poller = Poller([feed_at("https://example.org/feed")], fetcher, InlineParser(), File(), cursors)
asyncio.run(poller.poll_once(START + int(sys.argv[4]) * STEP / 12))
"""


def test_a_kill_between_flush_and_save_repeats_the_same_versions(tmp_path: Path) -> None:
    def poll(body: bytes, how: str, hour: int) -> int:
        (tmp_path / "body").write_bytes(body)
        command = [sys.executable, "-c", KILLED, str(tmp_path), str(tmp_path / "body"), how, str(hour)]
        return subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
        ).returncode

    first, second = rss(("1", "a"), ("2", "b")), rss(("3", "c"), ("1", "edited"), ("2", "b"))
    assert poll(first, "live", 0) == 0
    assert poll(second, "die", 12) == -signal.SIGKILL
    assert poll(second, "live", 12) == 0
    assert poll(second, "live", 24) == 0
    sent = [decode(Article, line) for line in (tmp_path / "sent").read_bytes().splitlines()]
    versions = [(article.guid, article.version, article.text) for article in sent]
    killed = [("1", 2, "edited"), ("3", 1, "c")]
    assert sorted(versions) == sorted([("1", 1, "a"), ("2", 1, "b"), *killed, *killed])
    assert sent[2:4] == sent[4:6]


def test_stop_ends_a_round_within_five_seconds(tmp_path: Path) -> None:
    class Stuck(FakePublisher):
        def flush(self) -> None:
            time.sleep(30)

    async def poll(server: FeedServer, publisher: FakePublisher, limit_s: float) -> float:
        fetcher = HttpFetcher("test", HttpLimits(spacing_s=0), allow_local=True)
        cursors = Cursors(tmp_path / "poller.sqlite")
        poller = Poller([feed_at(server.url)], fetcher, InlineParser(), publisher, cursors, now=lambda: START)
        running = asyncio.create_task(poller.run())
        await asyncio.sleep(0.5)
        began = time.monotonic()
        poller.stop()
        await running
        took = time.monotonic() - began
        assert cursors.feed_states() == {}
        await poller.close()
        return took

    with FeedServer([rss(("1", "a"))]) as server:
        assert asyncio.run(poll(server, Stuck(), 5)) < 5
        server.fault = "stall"
        assert asyncio.run(poll(server, FakePublisher(), 1)) < 1


def test_run_polls_until_it_is_stopped(tmp_path: Path) -> None:
    publisher = FakePublisher()

    async def poll(url: str) -> None:
        poller = Poller([feed_at(url)], http(), InlineParser(), publisher, Cursors(tmp_path / "c.sqlite"))
        running = asyncio.create_task(poller.run())
        while not publisher.records:
            await asyncio.sleep(0.02)
        poller.stop()
        await asyncio.wait_for(running, 5)
        await poller.close()

    with FeedServer([rss(("1", "a"))]) as server:
        asyncio.run(poll(server.url))
    assert len(publisher.records) == 1


def polls(packed: Path, folder: Path) -> list[Path]:
    """Unpack the recorded polls of one feed, oldest first."""
    folder.mkdir()
    with subprocess.Popen(["zstd", "-dcq", "--long=27", str(packed)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            archive.extractall(folder, filter="data")
    return sorted(path for path in folder.rglob("*.rss"))


@pytest.mark.shared
@pytest.mark.slow
def test_a_year_of_recorded_polls_loses_and_doubles_nothing(tmp_path: Path, shared: Path) -> None:
    """Every guid arrives, once a version; a second run over the first 300 polls gives the same bytes."""
    files = polls(shared / "feeds/state_gov/polls.tar.zst", tmp_path / "polls")
    windows = [shown(path) for path in files]
    publisher, again = FakePublisher(), FakePublisher()
    parser = Recorder()
    stats = replay(files, tmp_path / "one", publisher, parser)
    replay(files[:300], tmp_path / "two", again, InlineParser())
    articles = publisher.articles
    assert len(files) == 1849
    assert len({article.guid for article in articles}) == 1584
    assert len({article.article_id for article in articles}) == 1584
    assert set(publisher.versions.values()) == {1}
    assert {article.published_quality for article in articles} == {DateQuality.FEED}
    assert sum(s.entries for s in stats) == 18_490
    assert not any(s.refused or s.faults for s in stats)
    assert again.records == publisher.records[: len(again.records)]

    # A version for each text that was ever shown with a guid: 109 edits, mostly of one word or a link.
    assert {(a.guid, a.title, a.text) for a in articles} == parser.contents
    assert len(articles) == len(parser.contents) == 1693
    assert sum(article.version == 1 for article in articles) == 1584

    # What shows the same guids, titles and descriptions as the poll before brings nothing.
    texts = [[entry[:3] for entry in window] for window in windows]
    same = [n for n in range(1, len(texts)) if texts[n] == texts[n - 1]]
    assert len(same) == 255
    assert not any(stats[n].new or stats[n].edited for n in same)

    # Nor does one whose newest entry is older than one seen before make a version. (In one of them the newest
    # entry was taken down while another, dated earlier, had come: that one is news.)
    newest = [max(entry[3] for entry in window) for window in windows]
    old = [n for n in range(1, len(newest)) if newest[n] < max(newest[:n])]
    assert len(old) == 60
    assert not any(stats[n].edited for n in old)
    assert [files[n].name[:15] for n in old if stats[n].new] == ["20220302T222332"]

    # The archive pauses from 14 August 2021 to 2 February 2022, while the ministry published on: news was
    # lost there. On 16 March 2022 at 12:46 came a copy three days old: it shares no entry with the polls
    # before and after, but nothing was lost.
    guids = [{entry[0] for entry in window} for window in windows]
    apart = [files[n].name[:15] for n in range(1, len(guids)) if not guids[n] & guids[n - 1]]
    assert apart == ["20220202T122942", "20220316T124615", "20220316T130011"]
    gaps = [article for article in articles if article.gap is not None]
    assert [(article.fetched_at, article.gap) for article in gaps] == [
        (
            datetime(2022, 2, 2, 12, 29, 42, tzinfo=UTC),
            Gap(
                last_polled_at=datetime(2021, 8, 14, 0, 26, 24, tzinfo=UTC),
                newest_before=datetime(2021, 8, 14, 0, 13, 59, tzinfo=UTC),
                oldest_now=datetime(2022, 2, 1, 1, 7, 2, tzinfo=UTC),
            ),
        )
    ]


def shown(path: Path) -> list[tuple[str, str, str, datetime]]:
    """Guid, title, description and date of a poll's entries, read independently of the poller."""
    texts = [
        [str(item.findtext(tag)) for tag in ("guid", "title", "description", "pubDate")]
        for item in ElementTree.parse(path).iter("item")
    ]
    return [(guid, title, text, parsedate_to_datetime(date)) for guid, title, text, date in texts]


class Recorder(InlineParser):
    """Remembers every text that any poll has shown."""

    def __init__(self) -> None:
        self.contents: set[tuple[str, str, str]] = set()

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        reading = await super().read(body, content_type, base_url)
        if isinstance(reading, Reading):
            self.contents |= {(item.guid, item.title, item.text) for item in reading.items}
        return reading


def replay(files: list[Path], folder: Path, publisher: FakePublisher, parser: Parser) -> list[PollStats]:
    """Poll each file at the time in its name."""

    async def poll() -> list[PollStats]:
        fetcher = FakeFetcher(lambda _: Fetched(200, current.read_bytes()))
        cursors = Cursors(folder / "poller.sqlite")
        feed = Feed("state-gov", "https://www.state.gov/feed", "US Department of State", "USA", interval_s=60)
        poller = Poller([feed], fetcher, parser, publisher, cursors)
        stats = []
        for current in files:  # the fetcher's answer reads it
            at = datetime.strptime(current.name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            stats.append(await poller.poll_once(at))
        await poller.close()
        return stats

    return asyncio.run(poll())

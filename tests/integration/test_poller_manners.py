"""The poller and what feeds ask for: when to come, where to go, and what it says of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from pipeline.articles.feed import Feed
from pipeline.articles.schedule import FeedState
from pipeline.contract.article import DateQuality, Gap
from pipeline.contract.errors import DependencyError
from pipeline.transport.base import Fetched
from pipeline.transport.cursors import Cursors
from pipeline.workers.parsing import InlineParser
from pipeline.workers.poller import Poller
from tests.fakes import FakeFetcher, FakePublisher

START = datetime(2024, 3, 21, 12, tzinfo=UTC)
URL = "https://example.org/feed"
FEED = Feed("wire", URL, "Wire", "GBR", interval_s=600)


def rss(*hours: int, dated: bool = True, channel: str = "") -> bytes:
    """A feed of entries, each named and dated by its hour of 20 March."""
    date = "<pubDate>Wed, 20 Mar 2024 {0:02d}:00:00 GMT</pubDate>" if dated else ""
    entry = "<item><title>Title {0}</title><link>https://example.org/{0}</link><guid>g{0}</guid>" + date
    entries = "".join(entry.format(hour) + "</item>" for hour in hours)
    return f'<rss version="2.0"><channel>{channel}{entries}</channel></rss>'.encode()


def poll(
    folder: Path,
    answers: Sequence[Fetched],
    publisher: FakePublisher | None = None,
    feed: Feed = FEED,
    every: timedelta = timedelta(days=1),
) -> tuple[FeedState, list[str]]:
    """Poll one feed once for each answer; returns its last state and the addresses that were asked."""
    waiting = list(answers)
    fetcher = FakeFetcher(lambda _: waiting.pop(0))

    async def work() -> None:
        cursors = Cursors(folder / "poller.sqlite")
        poller = Poller([feed], fetcher, InlineParser(), publisher or FakePublisher(), cursors)
        try:
            for number in range(len(answers)):
                await poller.poll_once(START + number * every)
        finally:
            await poller.close()

    asyncio.run(work())
    cursors = Cursors(folder / "poller.sqlite")
    state = cursors.feed_states()[feed.feed_id]
    cursors.close()
    return state, [url for url, _, _ in fetcher.asked]


def counted(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"feed": "wire"}) or 0.0


def test_a_feed_is_asked_in_its_own_rhythm_but_not_sooner_than_it_allows(tmp_path: Path) -> None:
    free = Feed("wire", URL, "Wire", "GBR")

    def wait_s(name: str, body: bytes, **headers: str) -> float:
        state, _ = poll(tmp_path / name, [Fetched(200, body, headers=headers)], feed=free)
        assert state.next_due is not None
        return (state.next_due - START).total_seconds()

    # Entries at 6, 8, 10 and 12 o'clock the day before: gaps of 2 hours, then a silence of 24:
    # 7,200 + .3 (86,400 - 7,200) = 30,960 s, and half of it.
    hours = (12, 10, 8, 6)
    assert wait_s("rhythm", rss(*hours)) == pytest.approx(15_480, rel=0.1)
    assert wait_s("ttl", rss(*hours, channel="<ttl>720</ttl>")) == 43_200
    assert wait_s("age", rss(*hours), **{"cache-control": "public, max-age=40000"}) == 40_000
    thursday = "<skipDays><day>Thursday</day></skipDays>"
    assert wait_s("days", rss(*hours, channel=thursday)) == 12 * 3600  # Friday, midnight


@pytest.mark.parametrize("status", [429, 503, 404])
@pytest.mark.parametrize("header", ["100000", "Fri, 22 Mar 2024 15:46:40 GMT"])
def test_retry_after_is_obeyed_in_both_forms(status: int, header: str, tmp_path: Path) -> None:
    answer = Fetched(status, headers={"retry-after": header}, fault=f"HTTP {status}")
    state, _ = poll(tmp_path, [answer])
    assert state.next_due == START + timedelta(seconds=100_000)


def test_a_feed_that_is_gone_is_retired_asked_weekly_and_noticed_when_it_is_back(tmp_path: Path) -> None:
    gone = Fetched(410, fault="HTTP 410")
    recovered = counted("blocwatch_feed_recoveries_total")
    with capture_logs() as logs:
        state, asked = poll(tmp_path, [gone] * 14)
    assert state.retired
    assert len(asked) == 2  # in two weeks
    assert [log["event"] for log in logs if log["event"].startswith("feed_")] == ["feed_retired"]
    with capture_logs() as logs:
        state, _ = poll(tmp_path, [Fetched(200, rss(1))], every=timedelta(0))
        assert state.retired  # not due yet
        late = [Fetched(200, rss(1))] * 8
        state, _ = poll(tmp_path, late, every=timedelta(days=4))
    assert (state.retired, state.failures) == (False, 0)
    assert [log["event"] for log in logs if log["event"].startswith("feed_")] == ["feed_recovered"]
    assert counted("blocwatch_feed_recoveries_total") == recovered + 1


def test_a_feed_that_moved_is_asked_there_after_three_equal_answers(tmp_path: Path) -> None:
    there = "https://new.example/feed"
    moved = Fetched(200, rss(1), moved_to=there)
    bad = Fetched(500, fault="HTTP 500")
    with capture_logs() as logs:
        _, asked = poll(
            tmp_path, [moved, moved, Fetched(304, moved_to=there), Fetched(304), bad, bad, bad, bad]
        )
    assert asked == [URL] * 3 + [there] * 4 + [URL]
    moves = [(log["before"], log["now"]) for log in logs if log["event"] == "feed_moved"]
    assert moves == [(URL, there), (there, URL)]


def test_a_window_that_moved_on_without_overlap_is_told(tmp_path: Path) -> None:
    publisher = FakePublisher()
    before = counted("blocwatch_feed_gaps_total")
    with capture_logs() as logs:
        answers = [rss(3, 2, 1), rss(4, 3, 2), rss(2, 1), rss(9, 8), rss(9, 8)]
        poll(tmp_path, [Fetched(200, body) for body in answers], publisher)
    gap = Gap(
        last_polled_at=START + timedelta(days=1),
        newest_before=datetime(2024, 3, 20, 4, tzinfo=UTC),
        oldest_now=datetime(2024, 3, 20, 8, tzinfo=UTC),
    )
    assert [(a.guid, a.gap) for a in publisher.articles if a.gap is not None] == [("g8", gap)]
    assert [log["event"] for log in logs if log["event"] == "feed_gap"] == ["feed_gap"]
    assert counted("blocwatch_feed_gaps_total") == before + 1


def test_an_undated_article_keeps_its_date_when_the_acknowledgement_is_lost_at_midnight(
    tmp_path: Path,
) -> None:
    class Deaf(FakePublisher):
        def flush(self) -> None:
            super().flush()
            raise DependencyError("the acknowledgement was lost")

    answer = Fetched(200, rss(1, dated=False))
    deaf, publisher = Deaf(), FakePublisher()
    with pytest.raises(DependencyError):
        poll(tmp_path, [answer], deaf)
    late = Feed("wire", URL, "Wire", "GBR")
    waiting = FakeFetcher(lambda _: answer)

    async def again() -> None:
        cursors = Cursors(tmp_path / "poller.sqlite")
        poller = Poller([late], waiting, InlineParser(), publisher, cursors)
        await poller.poll_once(START + timedelta(days=1))
        await poller.poll_once(START + timedelta(days=9))
        await poller.close()

    asyncio.run(again())
    (first,), (second,) = deaf.articles, publisher.articles
    assert second.published_quality is DateQuality.FIRST_SEEN
    assert second.published_at == second.first_seen_at == first.published_at == START
    assert second.model_copy(update={"fetched_at": START}) == first


class Watched:
    """A poller that runs; all feeds but slow ones answer at once."""

    def __init__(self, folder: Path, publisher: FakePublisher, feeds: int, slow: Sequence[int] = ()) -> None:
        self.asked: list[str] = []
        self._slow = {f"https://f{number}.example/feed" for number in slow}
        self._publisher = publisher
        named = [Feed(f"f{n}", f"https://f{n}.example/feed", f"Outlet {n}", None) for n in range(feeds)]
        self.cursors = Cursors(folder / "poller.sqlite")
        self.poller = Poller(named, self, InlineParser(), publisher, self.cursors, concurrency=2)

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        self.asked.append(url)
        if url in self._slow:
            await asyncio.sleep(60)
        return Fetched(200, rss(1).replace(b"example.org", url.split("/")[2].encode()))

    async def close(self) -> None:
        """Nothing is held."""

    async def until(self, done: Callable[[], bool], within_s: float) -> float:
        """Wait; returns the seconds that it took."""
        began = time.monotonic()
        while not done():
            assert time.monotonic() - began < within_s
            await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def __aenter__(self) -> Watched:
        self._running = asyncio.create_task(self.poller.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.poller.stop()
        await asyncio.wait_for(self._running, 5)
        await self.poller.close()


def test_slow_feeds_delay_others_by_less_than_a_second(tmp_path: Path) -> None:
    async def work() -> None:
        publisher = FakePublisher()
        async with Watched(tmp_path, publisher, 8, slow=(0, 1, 4)) as watched:
            assert await watched.until(lambda: len(publisher.records) == 5, 5) < 1

    asyncio.run(work())


def test_while_the_broker_is_away_answers_are_kept_and_no_feed_is_asked_again(tmp_path: Path) -> None:
    async def work() -> None:
        publisher = FakePublisher()
        publisher.broken = True
        async with Watched(tmp_path, publisher, 40) as watched:
            await watched.until(lambda: publisher.flushes == 2, 10)
            asked = len(watched.asked)
            assert asked < 20
            publisher.broken = False
            assert await watched.until(lambda: len(publisher.records) == 40, 10) < 5
            assert sorted(watched.asked) == sorted(set(watched.asked))

    asyncio.run(work())


def test_a_full_disk_loses_nothing_and_asks_no_feed_again(tmp_path: Path) -> None:
    async def work() -> None:
        publisher = FakePublisher()
        async with Watched(tmp_path, publisher, 40) as watched:
            disk = watched.cursors._db
            disk.execute("PRAGMA max_page_count = 1")  # no page more than there are: SQLITE_FULL
            with capture_logs() as logs:
                await watched.until(lambda: any(log["event"] == "poll_not_published" for log in logs), 10)
                await watched.until(lambda: len(logs) >= 2, 10)
            assert "full" in logs[-1]["error"]
            assert len(watched.asked) < 40
            disk.execute("PRAGMA max_page_count = 1000000")
            await watched.until(lambda: len(watched.cursors.feed_states()) == 40, 20)
            assert sorted(watched.asked) == sorted(set(watched.asked))
        assert len({key for _, key, *_ in publisher.records}) == 40
        assert len(set(publisher.records)) == 40, "what is sent again is the same, byte for byte"

    asyncio.run(work())


def test_while_publishing_waits_so_does_fetching(tmp_path: Path) -> None:
    class Waiting(FakePublisher):
        let_go = threading.Event()

        def flush(self) -> None:
            self.let_go.wait(20)
            super().flush()

    async def work() -> None:
        publisher = Waiting()
        async with Watched(tmp_path, publisher, 200) as watched:
            await asyncio.sleep(0.5)
            assert len(watched.asked) < 20
            publisher.let_go.set()
            await watched.until(lambda: len(publisher.records) == 200, 20)

    asyncio.run(work())

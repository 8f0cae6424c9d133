"""News that hubs push, beside polling: published once, and no say in when to poll."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.articles.feed import Feed
from pipeline.articles.websub import Wish
from pipeline.transport.base import Fetched
from pipeline.transport.cursors import Cursors
from pipeline.transport.http import HttpFetcher, HttpLimits
from pipeline.workers.parsing import InlineParser
from pipeline.workers.poller import Poller
from pipeline.workers.websub import Door, Subscriber
from tests.fakes import FakeFetcher, FakePublisher
from tests.integration.test_poller_manners import FEED, START, URL, rss
from tests.unit.test_websub import Hub, free_port

HUB = '<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example.org/"/>'


class Wishes:
    """Remembers what was wanted."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Wish | None]] = []

    def want(self, feed_id: str, wish: Wish | None) -> None:
        self.told.append((feed_id, wish))


@dataclass
class World:
    poller: Poller
    cursors: Cursors
    publisher: FakePublisher
    wishes: Wishes

    def titles(self) -> list[str]:
        return [article.title for article in self.publisher.articles]

    async def settle(self, now: datetime) -> None:
        """Take what was pushed; no feed is due at `now`."""
        await self.poller.poll_once(now)


def with_poller(folder: Path, story: Callable[[World], Awaitable[None]], *answers: Fetched) -> None:
    waiting = list(answers)

    async def run() -> None:
        cursors, publisher, wishes = Cursors(folder / "poller.sqlite"), FakePublisher(), Wishes()
        poller = Poller(
            [FEED], FakeFetcher(lambda _: waiting.pop(0)), InlineParser(), publisher, cursors,
            now=lambda: START + timedelta(minutes=2),
        )  # fmt: skip
        poller.subscribe_by(wishes)
        try:
            await poller.poll_once(START)
            await story(World(poller, cursors, publisher, wishes))
        finally:
            await poller.close()

    asyncio.run(run())


def test_a_push_is_published_once_and_says_nothing_about_polling(tmp_path: Path) -> None:
    async def story(at: World) -> None:
        before = at.cursors.feed_states()["wire"]
        assert at.poller.push("wire", rss(9), "application/rss+xml")
        await at.settle(START + timedelta(minutes=2))
        assert at.titles() == ["Title 8", "Title 9"]
        after = at.cursors.feed_states()["wire"]
        assert after.newest_at == datetime(2024, 3, 20, 9, tzinfo=UTC)
        assert (after.window, after.polled_at, after.next_due) == (
            before.window, before.polled_at, before.next_due,
        )  # fmt: skip
        await at.poller.poll_once(START + timedelta(days=1))
        assert at.titles() == ["Title 8", "Title 9"]
        assert at.cursors.feed_states()["wire"].polled_at == START + timedelta(days=1)

    with_poller(tmp_path, story, Fetched(200, rss(8)), Fetched(200, rss(9, 8)))


def test_hubs_are_wanted_as_the_feed_or_its_headers_name_them(tmp_path: Path) -> None:
    async def story(at: World) -> None:
        assert at.wishes.told == [("wire", None), ("wire", Wish("https://hub.example.org/", URL))]
        await at.poller.poll_once(START + timedelta(days=1))
        assert at.wishes.told[-1] == ("wire", Wish("https://other.example.org/", "https://example.org/self"))
        await at.poller.poll_once(START + timedelta(days=2))
        assert at.wishes.told[-1] == ("wire", None)

    link = '<https://other.example.org/>; rel="hub", <https://example.org/self>; rel="self"'
    with_poller(
        tmp_path, story,
        Fetched(200, rss(8, channel=HUB)), Fetched(200, rss(9), headers={"link": link}),
        Fetched(200, rss(10)),
    )  # fmt: skip


def test_what_a_feed_said_of_its_hub_holds_after_a_restart(tmp_path: Path) -> None:
    async def quiet(at: World) -> None:
        assert at.titles() == ["Title 8"]

    async def again(at: World) -> None:
        assert at.wishes.told[0] == ("wire", Wish("https://hub.example.org/", URL))

    with_poller(tmp_path, quiet, Fetched(200, rss(8, channel=HUB)))
    with_poller(tmp_path, again)


def test_a_push_that_is_no_feed_or_of_no_feed_of_ours_is_dropped(tmp_path: Path) -> None:
    async def story(at: World) -> None:
        state = at.cursors.feed_states()["wire"]
        assert at.poller.push("wire", b"<html>", "text/html")
        assert at.poller.push("another", rss(9), "text/xml")
        await at.settle(START + timedelta(minutes=2))
        assert at.titles() == ["Title 8"]
        assert at.cursors.feed_states()["wire"] == state

    with_poller(tmp_path, story, Fetched(200, rss(8)))


def test_while_many_pushes_wait_the_hub_has_to_come_again(tmp_path: Path) -> None:
    async def story(at: World) -> None:
        taken = [at.poller.push("wire", rss(hour), "text/xml") for hour in range(9, 16)]
        assert taken == [True] * 4 + [False] * 3
        await at.settle(START + timedelta(minutes=2))
        assert at.titles() == [f"Title {hour}" for hour in range(8, 13)]
        assert at.poller.push("wire", rss(13), "text/xml")

    with_poller(tmp_path, story, Fetched(200, rss(8)))


def test_a_push_does_not_hide_a_gap(tmp_path: Path) -> None:
    async def story(at: World) -> None:
        assert at.poller.push("wire", rss(9), "text/xml")
        await at.settle(START + timedelta(minutes=2))
        await at.poller.poll_once(START + timedelta(days=1))
        assert [article.gap is not None for article in at.publisher.articles] == [False, False, True, False]

    with_poller(tmp_path, story, Fetched(200, rss(8)), Fetched(200, rss(12, 11)))


def test_a_hub_is_asked_verified_and_pushes_into_the_topic(tmp_path: Path) -> None:
    async def run() -> None:
        async with Hub() as hub:
            port = free_port()
            fetcher = HttpFetcher("blocwatch-tests/1", HttpLimits(spacing_s=0), allow_local=True)
            publisher = FakePublisher()
            feed = Feed("wire", f"{hub.url}/feed.xml", "Wire", "GBR")
            cursors = Cursors(tmp_path / "poller.sqlite")
            poller = Poller([feed], fetcher, InlineParser(), publisher, cursors)
            subscriber = Subscriber(
                fetcher, bytes(32), Door(f"http://127.0.0.1:{port}/w", port=port), poller.push
            )
            poller.subscribe_by(subscriber, plain=True)
            await subscriber.open()
            running = [asyncio.create_task(poller.run()), asyncio.create_task(subscriber.run())]
            try:
                await until(lambda: subscriber.holds("wire"))
                assert await hub.push(hub.forms[-1], rss(9)) == 202
                await until(lambda: "Title 9" in [article.title for article in publisher.articles])
            finally:
                poller.stop()
                subscriber.stop()
                await asyncio.gather(*running)
                await subscriber.close()
                await poller.close()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)

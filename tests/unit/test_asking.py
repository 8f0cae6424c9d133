"""In which order answers come, and how many may wait; by a fetcher that answers when it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

from pipeline.articles.feed import Feed
from pipeline.articles.parse import Refusal
from pipeline.articles.schedule import FeedState
from pipeline.transport.base import Fetched
from pipeline.workers.asking import Asking
from pipeline.workers.parsing import InlineParser
from pipeline.workers.room import Room

NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)


class SlowFetcher:
    """Answers a feed after so many seconds as its address says: https://NAME.example/SECONDS."""

    def __init__(self, body: bytes = b"") -> None:
        self.body = body
        self.asked: list[str] = []

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(float(url.rsplit("/", 1)[1]))
        return Fetched(200, self.body) if self.body else Fetched(304)

    async def close(self) -> None:
        """Nothing is held."""


def run(work: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(work())


def ask(asking: Asking, *seconds: float, domain: str = "") -> None:
    for number, wait in enumerate(seconds):
        name = f"feed{number}"
        url = f"https://{name}.{domain or name + '.example'}/{wait}"
        asking.ask(Feed(name, url, "Outlet", None), FeedState(name, url), lambda: NOW)


async def taken(asking: Asking) -> list[str]:
    names = []
    while len(asking):
        answer = await asking.next(5)
        assert answer is not None
        names.append(answer.feed.feed_id)
        asking.settle(answer)
    return names


def test_answers_come_in_the_order_of_asking() -> None:
    async def work() -> None:
        asking = Asking(SlowFetcher(), InlineParser(), 8)
        ask(asking, 0.2, 0.1, 0.0)
        assert await taken(asking) == ["feed0", "feed1", "feed2"]

    run(work)


def test_slow_feeds_hold_up_the_others_for_less_than_a_second() -> None:
    async def work() -> None:
        asking = Asking(SlowFetcher(), InlineParser(), 8)
        ask(asking, 60, 60, 0.0, 60, 0.0)
        began = time.monotonic()
        for name in ("feed2", "feed4"):
            answer = await asking.next(5)
            assert answer is not None
            assert answer.feed.feed_id == name
            asking.settle(answer)
        assert time.monotonic() - began < 0.9
        assert await asking.next(0.05) is None
        await asking.abandon()
        assert len(asking) == 0

    run(work)


def test_while_nothing_is_taken_no_more_than_some_are_asked() -> None:
    async def work() -> None:
        fetcher = SlowFetcher()
        asking = Asking(fetcher, InlineParser(), 2)
        ask(asking, *[0.0] * 50)
        await asyncio.sleep(0.1)
        waiting = len(fetcher.asked)
        assert waiting < 20
        assert await asking.next(0) is await asking.next(0) is not None  # it stays until settled
        assert len(await taken(asking)) == len(fetcher.asked) == 50

    run(work)


def test_a_crowded_domain_leaves_room_to_others() -> None:
    async def work() -> None:
        fetcher = SlowFetcher()
        asking = Asking(fetcher, InlineParser(), 1)
        ask(asking, *[60.0] * 50, domain="crowd.example")
        url = "https://other.example/0"
        asking.ask(Feed("other", url, "Outlet", None), FeedState("other", url), lambda: NOW)
        answer = await asking.next(2)
        assert answer is not None
        assert answer.feed.feed_id == "other"
        assert len(fetcher.asked) == 2
        await asking.abandon()

    run(work)


def test_what_goes_wrong_is_an_answer_too() -> None:
    class Broken(SlowFetcher):
        async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
            raise RuntimeError("no idea")

    class Unable(InlineParser):
        async def read(self, body: bytes, content_type: str, base_url: str) -> Refusal:
            raise RuntimeError("cannot read")

    async def work() -> None:
        for fetcher, parser, reason in (
            (Broken(), InlineParser(), "RuntimeError: no idea"),
            (SlowFetcher(b"<rss/>"), Unable(), "RuntimeError: cannot read"),
        ):
            asking = Asking(fetcher, parser, 1)
            ask(asking, 0.0)
            answer = await asking.next(5)
            assert answer is not None
            assert (answer.reading, answer.at, answer.fetched.body) == (Refusal(reason), NOW, b"")

    run(work)


def test_a_room_is_bounded_by_number_and_bytes_and_lets_in_who_came_first() -> None:
    async def work() -> None:
        room = Room(2, 100)
        inside: list[int] = []

        async def come(number: int) -> None:
            await room.enter()
            inside.append(number)

        tasks = [asyncio.create_task(come(number)) for number in range(6)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert inside == [0, 1]
        room.hold(100)
        room.leave(0)
        await asyncio.sleep(0.01)
        assert inside == [0, 1]  # a place, but too many bytes
        tasks[2].cancel()
        room.leave(100)
        await asyncio.sleep(0.01)
        assert inside == [0, 1, 3, 4]
        room.hold(500)
        room.leave(500)
        await asyncio.sleep(0.01)
        assert inside == [0, 1, 3, 4, 5]
        tasks[5].cancel()

    run(work)

"""The subscriber at work with a hub of our own: asked over HTTP, verified, pushed to, and tricked."""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from multidict import MultiDictProxy

from pipeline.articles.raw import Refusal
from pipeline.articles.websub import Wish, wish_of
from pipeline.contract.errors import DependencyError
from pipeline.transport.base import Fetched
from pipeline.transport.http import HttpFetcher, HttpLimits
from pipeline.workers.parsing import InlineParser
from pipeline.workers.websub import Door, Poster, Subscriber, load_key

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)
KEY = bytes(range(32))
BODY = b"<rss version='2.0'><channel><item><title>Talks</title></item></channel></rss>"


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Room:
    """Takes what is delivered, while there is room."""

    taken: list[tuple[str, bytes, str]] = field(default_factory=list)
    full: bool = False

    def __call__(self, feed_id: str, body: bytes, content_type: str) -> bool:
        if not self.full:
            self.taken.append((feed_id, body, content_type))
        return not self.full


class Hub:
    """Serves a feed that names it, keeps subscriptions, verifies each, and can push."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.replies: list[tuple[int, str]] = []
        self.refuses = False
        self.early = False
        """Verifies before it answers the request."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Hub:
        app = web.Application()
        app.router.add_get("/feed.xml", self._feed)
        app.router.add_post("/hub", self._subscribe)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.client = ClientSession(timeout=ClientTimeout(10))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        await self._runner.cleanup()

    async def verify(self, form: Mapping[str, str], **changes: str) -> tuple[int, str]:
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "ch"}
        if "hub.lease_seconds" in form:
            query["hub.lease_seconds"] = "86400"
        async with self.client.get(form["hub.callback"], params=query | changes) as answer:
            assert answer.content_type == "text/plain"
            return answer.status, await answer.text()

    async def push(
        self, form: Mapping[str, str], body: bytes = BODY, secret: str | None = None, **headers: str
    ) -> int:
        digest = hmac.new((secret or form["hub.secret"]).encode(), body, "sha256").hexdigest()
        sent = {"X-Hub-Signature": f"sha256={digest}", "Content-Type": "application/rss+xml"} | headers
        async with self.client.post(form["hub.callback"], data=body, headers=sent) as answer:
            return answer.status

    async def settle(self) -> None:
        """Wait until all that was begun is done."""
        await asyncio.gather(*self._tasks)

    async def _feed(self, _: web.Request) -> web.Response:
        text = f"<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>t</title>" \
               f"<a:link rel='hub' href='{self.url}/hub'/><a:link rel='self' href='{self.url}/feed.xml'/>" \
               f"<item><guid>1</guid><title>Talks</title></item></channel></rss>"  # fmt: skip
        return web.Response(text=text, content_type="application/rss+xml")

    async def _subscribe(self, request: web.Request) -> web.Response:
        fields = await request.post()
        assert isinstance(fields, MultiDictProxy)
        form = {name: str(value) for name, value in fields.items()}
        self.forms.append(form)
        if self.refuses:
            return web.Response(status=400, text="no such topic")
        if self.early:
            await self._confirm(form)
        else:
            task = asyncio.create_task(self._confirm(form))
            self._tasks.add(task)
        return web.Response(status=202)

    async def _confirm(self, form: dict[str, str]) -> None:
        self.replies.append(await self.verify(form))


@dataclass
class World:
    hub: Hub
    subscriber: Subscriber
    clock: Clock
    room: Room

    async def subscribed(self) -> dict[str, str]:
        """Subscribe "wire" and return what was asked."""
        self.subscriber.want("wire", Wish(f"{self.hub.url}/hub", f"{self.hub.url}/feed.xml"))
        await self.subscriber.ask_due()
        await self.hub.settle()
        assert self.subscriber.holds("wire")
        return self.hub.forms[-1]


class Plain:
    """Posts by aiohttp, without the fetcher's manners."""

    def __init__(self, client: ClientSession) -> None:
        self._client = client

    async def post_form(self, url: str, form: Mapping[str, str]) -> Fetched:
        async with self._client.post(url, data=dict(form)) as answer:
            fault = None if answer.ok else f"HTTP {answer.status}"
            return Fetched(answer.status, fault=fault)


def with_world(
    story: Callable[[World], Awaitable[None]], poster: Callable[[Hub], Poster] = lambda hub: Plain(hub.client)
) -> None:
    async def run() -> None:
        clock, room = Clock(), Room()
        async with Hub() as hub:
            port = free_port()
            door = Door(f"http://127.0.0.1:{port}/websub", port=port, max_bytes=10_000)
            subscriber = Subscriber(poster(hub), KEY, door, room, now=clock)
            await subscriber.open()
            try:
                await story(World(hub, subscriber, clock, room))
            finally:
                await subscriber.close()

    asyncio.run(run())


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_a_subscription_is_verified_and_its_pushes_are_handed_on() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        assert at.hub.replies == [(200, "ch")]
        assert await at.hub.push(form) == 202
        assert at.room.taken == [("wire", BODY, "application/rss+xml")]

    with_world(story)


def test_a_hub_that_verifies_before_it_answers() -> None:
    async def story(at: World) -> None:
        at.hub.early = True
        await at.subscribed()
        assert await at.subscriber.ask_due() == 0

    with_world(story)


def test_pushes_that_nobody_signed_are_dropped_without_a_word() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        assert await at.hub.push(form, secret="a guess") == 202
        assert await at.hub.push(form, **{"X-Hub-Signature": ""}) == 202
        assert await at.hub.push(form | {"hub.callback": form["hub.callback"] + "x"}) == 404
        assert await at.hub.push(form | {"hub.callback": form["hub.callback"].rpartition("/")[0]}) == 404
        assert at.room.taken == []

    with_world(story)


def test_bodies_are_bounded_and_never_inflated() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        assert await at.hub.push(form, b"x" * 10_000) == 202
        assert await at.hub.push(form, b"x" * 10_001) == 413
        assert await at.hub.push(form, **{"Content-Encoding": "gzip"}) == 415

        async def endless():  # type: ignore[no-untyped-def]  # bytes without a length
            for _ in range(100):
                yield b"x" * 1000

        async with at.hub.client.post(form["hub.callback"], data=endless()) as answer:
            assert answer.status == 413
        assert len(at.room.taken) == 1

    with_world(story)


def test_a_hub_hears_to_come_back_while_there_is_no_room() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        at.room.full = True
        assert await at.hub.push(form) == 503
        at.room.full = False
        assert await at.hub.push(form) == 202

    with_world(story)


def test_intents_of_strangers_are_not_confirmed() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        for changes in ({"hub.topic": "https://x.example/"}, {"hub.mode": "unsubscribe"}, {}):
            assert (await at.hub.verify(form, **changes))[0] == 404
        other = form | {"hub.callback": form["hub.callback"][:-1]}
        assert (await at.hub.verify(other))[0] == 404

    with_world(story)


def test_a_lease_is_renewed_before_it_ends_under_the_same_name_and_secret() -> None:
    async def story(at: World) -> None:
        first = await at.subscribed()
        at.clock.now = NOON + timedelta(hours=19)
        assert await at.subscriber.ask_due() == 0
        at.clock.now = NOON + timedelta(hours=20)  # the hub gave a day
        assert await at.subscriber.ask_due() == 1
        await at.hub.settle()
        assert at.hub.forms[1] == first
        at.clock.now = NOON + timedelta(hours=40)
        assert at.subscriber.holds("wire")

    with_world(story)


def test_a_hub_that_refuses_is_asked_again_later() -> None:
    async def story(at: World) -> None:
        at.hub.refuses = True
        at.subscriber.want("wire", Wish(f"{at.hub.url}/hub", "https://example.org/feed.xml"))
        assert await at.subscriber.ask_due() == 1
        assert await at.subscriber.ask_due() == 0
        at.clock.now = NOON + timedelta(minutes=5)
        at.hub.refuses = False
        assert await at.subscriber.ask_due() == 1
        await at.hub.settle()
        assert at.subscriber.holds("wire")

    with_world(story)


def test_an_unwanted_subscription_is_ended_and_its_pushes_are_gone() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        at.subscriber.want("wire", None)
        assert await at.hub.push(form) == 410
        await at.subscriber.ask_due()
        await at.hub.settle()
        assert at.hub.forms[-1]["hub.mode"] == "unsubscribe"
        assert at.hub.replies[-1] == (200, "ch")
        assert await at.hub.push(form) == 404
        at.clock.now = NOON + timedelta(days=3)
        assert await at.subscriber.ask_due() == 0

    with_world(story)


def test_a_hub_that_does_not_confirm_an_end_is_forgotten() -> None:
    async def story(at: World) -> None:
        await at.subscribed()
        at.hub.refuses = True
        at.subscriber.want("wire", None)
        assert await at.subscriber.ask_due() == 1
        at.clock.now = NOON + timedelta(days=1)
        assert await at.subscriber.ask_due() == 0
        assert len(at.hub.forms) == 2

    with_world(story)


def test_a_feed_that_names_another_hub_changes_over() -> None:
    async def story(at: World) -> None:
        old = await at.subscribed()
        at.subscriber.want("wire", Wish(f"{at.hub.url}/hub", f"{at.hub.url}/other.xml"))
        await at.subscriber.ask_due()
        await at.hub.settle()
        asked = {(form["hub.mode"], form["hub.topic"]) for form in at.hub.forms[1:]}
        assert asked == {("unsubscribe", old["hub.topic"]), ("subscribe", f"{at.hub.url}/other.xml")}
        assert at.subscriber.holds("wire")
        at.subscriber.want("wire", Wish(f"{at.hub.url}/hub", f"{at.hub.url}/other.xml"))
        assert await at.subscriber.ask_due() == 0

    with_world(story)


def test_a_denied_subscription_does_not_hold() -> None:
    async def story(at: World) -> None:
        form = await at.subscribed()
        assert await at.hub.verify(form, **{"hub.mode": "denied", "hub.reason": "no\nmore"}) == (200, "")
        assert not at.subscriber.holds("wire")

    with_world(story)


def test_from_a_fetched_feed_to_its_push() -> None:
    """The whole way, with the fetcher: a hub on loopback is asked only since the feed lies there too."""

    fetchers: list[HttpFetcher] = []

    def fetcher(_: Hub) -> HttpFetcher:
        fetchers.append(HttpFetcher("blocwatch/0.1", HttpLimits(spacing_s=0.0), allow_local=True))
        return fetchers[0]

    async def story(at: World) -> None:
        url = f"{at.hub.url}/feed.xml"
        try:
            fetched = await fetchers[0].fetch(url, None, None)
            reading = await InlineParser().read(fetched.body, fetched.headers["content-type"], url)
            assert not isinstance(reading, Refusal)
            wish = wish_of(reading.hints, fetched.headers.get("link", ""), url, plain=True)
            assert wish == Wish(f"{at.hub.url}/hub", url)
            at.subscriber.want("wire", wish)
            await at.subscriber.ask_due()
            await at.hub.settle()
            assert await at.hub.push(at.hub.forms[0]) == 202
            assert [feed for feed, _, _ in at.room.taken] == ["wire"]
        finally:
            await fetchers[0].close()

    with_world(story, fetcher)


def test_running_and_stopping() -> None:
    async def story() -> None:
        async with Hub() as hub:
            subscriber = Subscriber(Plain(hub.client), KEY, Door("http://127.0.0.1:1/", port=0), Room())
            running = asyncio.create_task(subscriber.run())
            await asyncio.sleep(0.1)
            second = Subscriber(Plain(hub.client), KEY, Door("", port=subscriber.port), Room())
            with pytest.raises(DependencyError, match=f"port {subscriber.port}"):
                await second.open()
            subscriber.stop()
            await asyncio.wait_for(running, 1)
            await subscriber.close()
            await second.close()

    asyncio.run(story())


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "websub.key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key != load_key(tmp_path / "other.key")
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(DependencyError, match="no whole key"):
        load_key(path)
    with pytest.raises(DependencyError, match="cannot keep"):
        load_key(tmp_path / "none" / "websub.key")

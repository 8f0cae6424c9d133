"""Pages of teasers: politely asked for, read in a child, and whatever fails, the teaser stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from pipeline.articles.normalize import Item
from pipeline.articles.page import PageText
from pipeline.transport.base import Fetched
from pipeline.transport.http import HttpFetcher, HttpLimits
from pipeline.workers.children import Limits
from pipeline.workers.pages import Pages
from tests.script_server import ScriptServer, Talk

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)
AGENT = "blocwatch/0.1 (+https://example.org/blocwatch)"
TOLD = "The ministers of China and Russia met in Beijing and agreed on exchanges between their armies. " * 4
PAGE = f"""<!doctype html><html><head><meta property="article:published_time" content="2024-03-21T09:00:00Z">
</head><body><article><h1>Ministers meet</h1><p>{TOLD}</p><p>Share</p></article></body></html>""".encode()
HTML = {"content-type": "text/html; charset=utf-8"}
EXPECTED = PageText(TOLD.strip(), "2024-03-21T09:00:00Z")


def item(path: str, base: str = "https://news.example") -> Item:
    return Item(path, f"{base}{path}", "Ministers meet", "The ministers of China and Russia met.", ())


@dataclass
class FakeSource:
    """Answers pages with whatever `answer` gives; robots.txt forbids /private."""

    answer: Callable[[str], Fetched] = lambda _: Fetched(200, PAGE, headers=HTML)
    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def fetch_page(self, url: str) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(self.delay_s)
        return self.answer(url)

    async def fetch_robots(self, url: str) -> Fetched:
        return Fetched(200, b"User-agent: *\nDisallow: /private")

    def keep_apart(self, url: str, spacing_s: float) -> None:
        """Keeps nothing."""


def read(source: FakeSource, *items: Item, longest_s: float = 60.0) -> dict[str, PageText]:
    async def run(pages: Pages) -> dict[str, PageText]:
        return await pages.texts(list(items), "News", NOON)

    return with_pages(Pages(source, AGENT, longest_s=longest_s), run)


def with_pages(pages: Pages, work: Callable[[Pages], Awaitable[dict[str, PageText]]]) -> dict[str, PageText]:
    async def run() -> dict[str, PageText]:
        try:
            return await work(pages)
        finally:
            await pages.close()

    return asyncio.run(run())


def test_a_page_is_fetched_once_and_read_in_a_child() -> None:
    source = FakeSource()
    assert read(source, item("/1")) == {item("/1").key: EXPECTED}
    assert source.asked == ["https://news.example/1"]


def test_a_page_that_fails_leaves_its_teaser_and_the_others_their_pages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = {
        "/1": Fetched(404, fault="HTTP 404"),
        "/2": Fetched(200, PAGE, headers={"content-type": "application/pdf"}),
        "/3": Fetched(200, b"<html></html>", headers=HTML),
        "/4": Fetched(200, PAGE.replace(b"ministers", b"kittens").replace(b"China", b"paw").replace(
            b"Russia", b"claw").replace(b"met", b"ate"), headers=HTML),
        "/5": Fetched(200, PAGE, headers=HTML),
    }  # fmt: skip
    source = FakeSource(lambda url: answers[url.removeprefix("https://news.example")])
    found = read(source, *(item(path) for path in [*answers, "/private"]))
    assert found == {item("/5").key: EXPECTED}
    assert "https://news.example/private" not in source.asked


def test_no_more_than_twenty_pages_at_a_poll() -> None:
    source = FakeSource(lambda _: Fetched(0, fault="no answer"))
    assert read(source, *(item(f"/{n}") for n in range(30))) == {}
    assert len(source.asked) == 20


def test_slow_pages_hold_up_a_poll_for_a_while_only() -> None:
    source = FakeSource(delay_s=60.0)
    began = time.monotonic()
    assert read(source, item("/1"), item("/2"), longest_s=0.2) == {}
    assert time.monotonic() - began < 2
    assert len(source.asked) == 1


@pytest.mark.parametrize(
    "body",
    [b"<div>" * 100_000 + TOLD.encode(), b"<!--" * 50_000, b"<p style='" + b"a" * 50_000 + b"'>",
     b"\0" * 100_000, b"<table>" * 20_000, b"<a href=x>" * 50_000 + TOLD.encode()],
    ids=["nested", "comments", "style", "nul", "tables", "links"],
)  # fmt: skip
def test_hostile_pages_cost_their_child_at_most(body: bytes) -> None:
    source = FakeSource(lambda url: Fetched(200, PAGE if url.endswith("/good") else body, headers=HTML))
    limits = Limits(seconds=3.0, memory_bytes=1_000_000_000, workers=1, slow=1)

    async def run(pages: Pages) -> dict[str, PageText]:
        return await pages.texts([item("/bad"), item("/good")], "News", NOON)

    began = time.monotonic()
    found = with_pages(Pages(source, AGENT, limits=limits), run)
    assert found[item("/good").key] == EXPECTED
    assert time.monotonic() - began < 10


def test_over_http_beside_its_feed() -> None:
    """With the real fetcher: the page lies at the origin of a configured feed, and robots.txt is asked."""

    def answer(body: bytes, content_type: str) -> Callable[[Talk], Awaitable[None]]:
        async def script(talk: Talk) -> None:
            await talk.answer(body=body, Content_Type=content_type)

        return script

    scripts = {
        "/feed": answer(b"<rss/>", "application/rss+xml"),
        "/robots.txt": answer(b"User-agent: blocwatch\nDisallow: /no", "text/plain"),
        "/yes": answer(PAGE, "text/html"),
        "/no": answer(PAGE, "text/html"),
    }
    with ScriptServer(scripts) as server:
        base = server.url("")

        async def run() -> dict[str, PageText]:
            fetcher = HttpFetcher(AGENT, HttpLimits(spacing_s=0.0), allow_local=True)
            pages = Pages(fetcher, AGENT)
            try:
                await fetcher.fetch(server.url("/feed"), None, None)
                return await pages.texts([item("/yes", base), item("/no", base)], "News", NOON)
            finally:
                await pages.close()
                await fetcher.close()

        assert asyncio.run(run()) == {item("/yes", base).key: EXPECTED}
    assert [asked.path for asked in server.asked] == ["/feed", "/robots.txt", "/yes"]
    assert "text/html" in server.asked[2].headers["accept"]

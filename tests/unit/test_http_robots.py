"""robots.txt as RFC 9309 has it: whose rules hold, what their absence means, how long an answer is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.transport.base import Fetched
from pipeline.transport.http import HttpFetcher, HttpLimits
from pipeline.transport.robots import Robots, own_group, product_token
from tests.script_server import ScriptServer, Talk

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
AGENT = "blocwatch/0.1 (+https://example.org/blocwatch)"


class FakeSource:
    """Answers for every origin with whatever `answer` gives."""

    def __init__(self, answer: Fetched | Callable[[], Fetched]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.kept_apart: list[tuple[str, float]] = []

    async def fetch_robots(self, url: str) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(0)
        return self.answer if isinstance(self.answer, Fetched) else self.answer()

    def keep_apart(self, url: str, spacing_s: float) -> None:
        self.kept_apart.append((url, spacing_s))


def text(robots: str) -> Fetched:
    return Fetched(200, robots.encode())


def reasons(
    source: FakeSource, *asked: tuple[str, datetime], robots: Robots | None = None
) -> list[str | None]:
    async def run() -> list[str | None]:
        asks = robots or Robots(source, AGENT)
        return [await asks.may_fetch(url, now) for url, now in asked]

    return asyncio.run(run())


def allowed(robots: str, path: str) -> bool:
    return reasons(FakeSource(text(robots)), (f"https://news.example{path}", NOW)) == [None]


@pytest.mark.parametrize(
    ("robots", "path", "expected"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow: /a", "/abc", False),
        ("user-AGENT : BlocWatch\ndisALLOW : /a # no", "/a", False),
        ("User-agent: blocwatch/0.1\nDisallow: /a", "/a", False),
        ("User-agent: otherbot\nDisallow: /", "/a", True),
        ("User-agent: bloc\nDisallow: /", "/a", True),
        ("User-agent: blocwatchbot\nDisallow: /", "/a", True),
        ("User-agent: example\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\nUser-agent: blocwatch\nAllow: /", "/a", True),
        ("User-agent: blocwatch\nUser-agent: other\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: other\nUser-agent: blocwatch\nDisallow: /a", "/a", False),
        ("User-agent: blocwatch\nDisallow: /a\nUser-agent: x\nAllow: /\nUser-agent: Blocwatch\nDisallow: /c",
         "/c", False),
        ("User-agent: blocwatch\nDisallow: /a\nUser-agent: x\nAllow: /\nUser-agent: Blocwatch\nDisallow: /c",
         "/a", False),
        ("User-agent: *\nSitemap: https://news.example/s\nDisallow: /a", "/a", False),
        ("User-agent: x\nSitemap: /s\nUser-agent: blocwatch\nDisallow: /a", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", True),
        ("User-agent: *\nAllow: /news\nDisallow: /news/", "/news/1", False),
        ("User-agent: *\nAllow: /p\nDisallow: /p", "/p", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("User-agent: *\nDisallow: /café", "/caf%C3%A9", False),
        ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("<!DOCTYPE html>\n<html><body>Disallow: /</body></html>", "/a", True),
        ("\0\1\2 binary \xff", "/a", True),
    ],
)  # fmt: skip
def test_rules(robots: str, path: str, expected: bool) -> None:
    assert allowed(robots, path) is expected


def test_reasons_are_in_words() -> None:
    (reason,) = reasons(FakeSource(text("User-agent: *\nDisallow: /")), ("https://news.example:8080/a", NOW))
    assert reason == "robots.txt of https://news.example:8080 forbids it"
    assert reasons(FakeSource(text("")), ("http://u:p@a.example/", NOW)) == ["credentials in the address"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_without_robots_everything_is_allowed(status: int) -> None:
    source = FakeSource(Fetched(status, fault=f"HTTP {status}"))
    day = timedelta(hours=23)
    assert reasons(source, ("http://a.example/x", NOW), ("http://a.example/y", NOW + day)) == [None, None]
    assert source.asked == ["http://a.example/robots.txt"]


@pytest.mark.parametrize(
    "answer",
    [
        Fetched(500, fault="HTTP 500"),
        Fetched(503, fault="HTTP 503"),
        Fetched(429, fault="HTTP 429"),
        Fetched(0, fault="no headers within 15 s"),
        Fetched(0, fault="more than 5 redirects"),
    ],
)
def test_unreachable_means_not_now(answer: Fetched) -> None:
    source = FakeSource(answer)
    times = [NOW, NOW + timedelta(minutes=9), NOW + timedelta(minutes=10)]
    found = reasons(source, *(("http://a.example/x", now) for now in times))
    assert found == [f"robots.txt of http://a.example cannot be had: {answer.fault}"] * 3
    assert len(source.asked) == 2


def test_an_older_copy_holds_while_a_site_is_unreachable() -> None:
    answers = [text("User-agent: *\nDisallow: /a"), Fetched(500, fault="HTTP 500"), text("")]
    source = FakeSource(lambda: answers.pop(0))
    later, again = NOW + timedelta(hours=25), NOW + timedelta(hours=26)
    found = reasons(
        source,
        *((f"http://a.example/{path}", now) for now in (NOW, later, again) for path in ("a", "b")),
    )
    forbidden = "robots.txt of http://a.example forbids it"
    assert found == [forbidden, None, forbidden, None, None, None]
    assert len(source.asked) == 3


def test_asked_once_a_day_for_each_origin() -> None:
    source = FakeSource(text(""))
    urls = [
        "http://a.example/1",
        "http://a.example/2",
        "https://a.example/",
        "http://a.example:81/",
        "http://b.a.example/",
    ]
    robots = Robots(source, AGENT)
    hours = [0, 1, 23.9]
    assert set(
        reasons(source, *((url, NOW + timedelta(hours=h)) for h in hours for url in urls), robots=robots)
    ) == {None}
    assert len(source.asked) == 4
    reasons(source, (urls[0], NOW + timedelta(hours=24)), robots=robots)
    assert len(source.asked) == 5


def test_many_who_ask_at_once_wait_for_one_answer() -> None:
    source = FakeSource(text("User-agent: *\nDisallow: /2"))

    async def run() -> list[str | None]:
        robots = Robots(source, AGENT)
        asks = [asyncio.create_task(robots.may_fetch(f"http://a.example/{n}", NOW)) for n in range(4)]
        await asyncio.sleep(0)
        asks[0].cancel()  # which must not cancel it for the others
        return await asyncio.gather(*asks[1:])

    assert asyncio.run(run()) == [None, "robots.txt of http://a.example forbids it", None]
    assert len(source.asked) == 1


@pytest.mark.parametrize(
    ("delay", "kept"), [("5", 5.0), ("0.5", 0.5), ("3600", 30.0), ("0", None), ("x", None), ("-1", None)]
)
def test_crawl_delay(delay: str, kept: float | None) -> None:
    source = FakeSource(text(f"User-agent: *\nCrawl-delay: {delay}\nDisallow: /b"))
    reasons(source, ("http://a.example/a", NOW))
    assert source.kept_apart == ([] if kept is None else [("http://a.example/a", kept)])


def test_product_tokens() -> None:
    for agent in ("Blocwatch/0.1 (+https://example.org)", "blocwatch", "BLOCWATCH 2"):
        assert product_token(agent) == "blocwatch"
    assert product_token("my-bot_x/1") == "my-bot_x"


HOSTILE = {
    "agents and rules": "".join(f"User-agent: a{n}\n" for n in range(14_000)) + "Disallow: /a\n" * 15_000,
    "one agent often": "User-agent: *\n" * 15_000 + "Disallow: /a\n" * 15_000,
    "many groups": "User-agent: *\nDisallow: /a\n" * 15_000,
    "one long pattern": "User-agent: *\nDisallow: /" + "*a" * 200_000 + "$\n",
    "many patterns": "User-agent: *\n" + "".join(f"Disallow: /{'*a' * 20}{n}\n" for n in range(9_000)),
    "escapes": "User-agent: *\n" + "Disallow: /%\n" * 30_000,
    "lines": "\n" * 500_000,
    "colons": ":" * 500_000,
    "long delay": "User-agent: *\nCrawl-delay: " + "9" * 400_000,
    "long name": "User-agent: " + "a" * 480_000 + "\nDisallow: /",
}


@pytest.mark.parametrize("robots", HOSTILE.values(), ids=HOSTILE)
def test_hostile_ones_are_read_quickly(robots: str) -> None:
    began = time.perf_counter()
    reasons(
        FakeSource(text(robots[:512_000])), *((f"http://a.example/{'a' * 3_000}{n}", NOW) for n in range(3))
    )
    assert time.perf_counter() - began < 1.5
    assert own_group(robots, "blocwatch").count("\n") <= 2_000


def test_what_is_remembered_is_bounded() -> None:
    long = "User-agent: *\n" + "".join(f"Disallow: /{'a' * 200}{n}\n" for n in range(2_000))
    source = FakeSource(text(long))
    robots = Robots(source, AGENT)
    reasons(source, *((f"http://{n}.example/", NOW) for n in range(30)), robots=robots)
    assert robots._size <= 4_000_000
    assert len(robots._cache) < 15


def test_over_http() -> None:
    """Redirects are followed, the first 500 KiB count, a delay is kept between pages."""

    async def moved(talk: Talk) -> None:
        await talk.answer("301 Moved", Location="/r")

    async def rules(talk: Talk) -> None:
        start = b"User-agent: *\nCrawl-delay: 0.2\nDisallow: /a\n"
        await talk.answer(
            body=start + b"#" * (512_000 - len(start) - 1) + b"\nDisallow: /b\n" + b"#" * 3_000_000
        )

    async def page(talk: Talk) -> None:
        await talk.answer(body=b"<html/>")

    async def run(server: ScriptServer) -> list[str | None]:
        fetcher = HttpFetcher(AGENT, HttpLimits(spacing_s=0), allow_local=True)
        await fetcher.fetch(server.url("/feed"), None, None)
        robots = Robots(fetcher, AGENT)
        try:
            found = [await robots.may_fetch(server.url(path), NOW) for path in ("/a", "/b")]
            await asyncio.gather(*(fetcher.fetch_page(server.url("/b")) for _ in range(2)))
            return found
        finally:
            await fetcher.close()

    with ScriptServer({"/robots.txt": moved, "/r": rules, "*": page}) as server:
        one, two = asyncio.run(run(server))
        times = [asked.at for asked in server.asked if asked.path == "/b"]
    assert one is not None
    assert two is None
    assert times[1] - times[0] >= 0.2

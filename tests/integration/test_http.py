"""The fetcher against a real server on loopback that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path

import pytest
from yarl import URL

from pipeline.transport.base import Fetched
from pipeline.transport.exchange import Exchange
from pipeline.transport.folder import FolderFetcher
from pipeline.transport.http import HttpFetcher, HttpLimits
from tests.feed_server import FeedServer
from tests.script_server import Script, ScriptServer, Talk

AGENT = "blocwatch-test/1 (+https://example.org)"
FAST = HttpLimits(spacing_s=0, timeout_s=1, max_bytes=1_000_000)
PATIENT = HttpLimits(spacing_s=0, timeout_s=60, max_bytes=1_000_000)


def fetch(
    *urls: str, limits: HttpLimits = FAST, local: bool = True, etag: str | None = None
) -> list[Fetched]:
    async def run() -> list[Fetched]:
        fetcher = HttpFetcher(AGENT, limits, allow_local=local)
        try:
            return await asyncio.gather(*(fetcher.fetch(url, etag, None) for url in urls))
        finally:
            await fetcher.close()

    return asyncio.run(run())


def test_a_body_then_not_modified() -> None:
    with FeedServer([b"<rss/>"]) as server:
        (first,) = fetch(server.url)
        assert (first.status, first.body, first.fault) == (200, b"<rss/>", None)
        assert first.etag
        (second,) = fetch(server.url, etag=first.etag)
        assert second.unchanged
        assert second.fault is None
        assert server.requests[1].if_none_match == first.etag
        assert server.requests[0].user_agent == AGENT


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("500", "HTTP 500"),
        ("503", "HTTP 503"),
        ("stall", "within 1 s"),
        ("slow", "within 1 s"),
        ("close", "Disconnected"),
        ("redirect", "in a circle"),
        ("bomb", "larger than 1000000 bytes"),
    ],
)
def test_what_the_far_side_does_wrong_is_a_fault(fault: str, words: str) -> None:
    with FeedServer([b"<rss/>"]) as server:
        server.fault = fault  # type: ignore[assignment]  # the parameters are all faults
        (answer,) = fetch(server.url, limits=FAST if "within" in words else PATIENT)
    assert answer.fault is not None
    assert words in answer.fault
    assert answer.body == b""


def test_retry_after_is_handed_on() -> None:
    with FeedServer([b"<rss/>"]) as server:
        server.fault = "503"
        (answer,) = fetch(server.url)
    assert answer.headers["retry-after"] == "7200"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a",
        "http://",
        "http://[::1",
        "sample:a.xml",
        "",
        "http://localhost:1/",
    ],
)
def test_strange_and_dead_addresses_are_faults(url: str) -> None:
    assert fetch(url)[0].fault


def test_local_addresses_need_permission() -> None:
    with FeedServer([b"<rss/>"]) as server:
        named = server.url.replace("127.0.0.1", "localhost")
        for answer in fetch(
            server.url, named, "http://169.254.169.254/", "http://[::ffff:7f00:1]/", local=False
        ):
            assert answer.fault is not None
            assert "private" in answer.fault
        assert server.requests == []


def test_a_local_feed_may_redirect_locally_but_not_to_files() -> None:
    with FeedServer([b"<rss/>"]) as target, FeedServer([b""]) as server:
        server.fault, server.redirect_to = "redirect", target.url
        assert fetch(server.url)[0].body == b"<rss/>"
        server.redirect_to = "file:///etc/passwd"
        assert "only http" in (fetch(server.url)[0].fault or "")


def test_requests_to_one_host_come_one_by_one_and_spaced() -> None:
    with FeedServer([b"<rss/>"]) as server:
        limits = HttpLimits(spacing_s=0.2, timeout_s=0.5)
        answers = fetch(*[server.url] * 5, limits=limits)
        times = [request.at for request in server.requests]
    assert all(answer.fault is None for answer in answers)
    assert all(b - a >= 0.2 for a, b in pairwise(times))


def test_total_time_is_bounded() -> None:
    with FeedServer([b"<rss/>"]) as server:
        server.fault = "stall"
        began = time.monotonic()
        fetch(server.url, limits=HttpLimits(spacing_s=0, timeout_s=0.5))
        assert time.monotonic() - began < 2


def script(status: str, **headers: str) -> Script:
    async def answer(talk: Talk) -> None:
        await talk.answer(status, b"<rss/>" if status.startswith("200") else b"", **headers)

    return answer


def test_permanent_moves_are_reported_to_their_end() -> None:
    scripts = {
        "/good": script("200 OK"),
        "/same": script("304 Not Modified"),
        "/gone": script("410 Gone"),
        "/301": script("301 Moved Permanently", Location="/good#top"),
        "/308": script("308 Permanent Redirect", Location="301"),
        "/302": script("302 Found", Location="/301"),
        "/301-302": script("301 Moved Permanently", Location="/302"),
        "/307": script("307 Temporary Redirect", Location="/good"),
        "/to-gone": script("301 Moved Permanently", Location="/gone"),
        "/to-same": script("301 Moved Permanently", Location="/same"),
    }
    with ScriptServer(scripts) as server:
        good = server.url("/good")
        for path, moved_to in {
            "/good": None, "/301": good, "/308": good, "/302": None, "/301-302": None, "/307": None,
        }.items():  # fmt: skip
            (answer,) = fetch(server.url(path))
            assert (answer.status, answer.fault, answer.url) == (200, None, good)
            assert answer.moved_to == moved_to
        (answer,) = fetch(server.url("/to-gone"))
        assert (answer.status, answer.fault, answer.moved_to) == (410, "HTTP 410", None)
        (answer,) = fetch(server.url("/to-same"), etag='"1"')
        assert (answer.unchanged, answer.fault, answer.moved_to) == (True, None, server.url("/same"))


def test_a_move_from_https_to_http_is_followed_but_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one test without a server: a certificate for it would have to be trusted."""

    async def ask(_: Exchange, url: URL, *__: object) -> Fetched:
        if url.scheme == "https":
            return Fetched(301, headers={"location": "http://news.example/feed"}, fault="HTTP 301")
        return Fetched(200, b"<rss/>", url=str(url))

    monkeypatch.setattr(Exchange, "ask", ask)
    (answer,) = fetch("https://news.example/feed", local=False)
    assert (answer.body, answer.moved_to) == (b"<rss/>", None)


@pytest.mark.parametrize(
    "status", ["429 Too Many Requests", "503 Service Unavailable", "410 Gone", "301 Moved"]
)
def test_status_and_headers_stay_with_a_fault(status: str) -> None:
    later = "Wed, 21 Oct 2026 07:28:00 GMT"
    with ScriptServer(
        {"/a": script(status, Retry_After=later), "/b": script(status, Retry_After="120")}
    ) as server:
        one, two = fetch(server.url("/a"), server.url("/b"))
    assert (one.status, one.fault, one.headers["retry-after"]) == (
        int(status[:3]),
        f"HTTP {status[:3]}",
        later,
    )
    assert two.headers["retry-after"] == "120"


def test_what_is_sent_and_what_is_read_of_headers() -> None:
    async def answer(talk: Talk) -> None:
        lines = [b'ETag: W/"1"', b"Link: <a>; rel=hub", b"LINK: <b>; rel=self", b"Cache-Control: max-age=60"]
        lines += [
            b"cache-control: no-transform",
            b"X: \xe9",
            b"Y: \xc3\xa9",
            b"Retry-After: 1",
            b"Retry-After: 2",
        ]
        lines += [b"Last-Modified: caf\xe9", b"Content-Length: 6", b"", b"<rss/>"]
        await talk.send(b"\r\n".join([b"HTTP/1.1 200 OK", *lines]))

    with ScriptServer({"/": answer}) as server:
        (got,) = fetch(server.url("/"), etag='"0"')
        sent = server.asked[0].headers
    assert sent["user-agent"] == AGENT
    assert sent["accept-encoding"] == "gzip, deflate, br, zstd"
    assert sent["accept"].startswith("application/rss+xml")
    assert sent["if-none-match"] == '"0"'
    assert not {"cookie", "referer", "authorization"} & set(sent)
    assert (got.etag, got.last_modified) == ('W/"1"', None)
    assert got.headers["link"] == "<a>; rel=hub, <b>; rel=self"
    assert got.headers["cache-control"] == "max-age=60, no-transform"
    assert (got.headers["x"], got.headers["y"], got.headers["retry-after"]) == ("\ufffd", "é", "1")


def test_not_modified_needs_a_question() -> None:
    with ScriptServer({"/": script("304 Not Modified")}) as server:
        assert fetch(server.url("/"))[0].fault == "HTTP 304"
        assert fetch(server.url("/"), etag='"1"')[0].unchanged


def test_redirects_in_other_charsets() -> None:
    async def latin(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /caf\xe9 bar\r\n\r\n")

    async def utf8(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /caf\xc3\xa9\r\n\r\n")

    good = script("200 OK")
    with ScriptServer({"/l": latin, "/u": utf8, "/caf%E9%20bar": good, "/caf%C3%A9": good}) as server:
        assert [answer.body for answer in fetch(server.url("/l"), server.url("/u"))] == [b"<rss/>"] * 2


def test_pages_are_asked_for_as_pages_and_share_turns_with_feeds() -> None:
    async def run(url: str) -> list[Fetched]:
        fetcher = HttpFetcher(AGENT, HttpLimits(spacing_s=0.1), allow_local=True)
        try:
            await fetcher.fetch(url, None, None)
            pages = (fetcher.fetch_page(url + str(number)) for number in range(3))
            return list(await asyncio.gather(fetcher.fetch(url, None, None), *pages))
        finally:
            await fetcher.close()

    with ScriptServer({"*": script("200 OK")}) as server:
        answers = asyncio.run(run(server.url("/")))
        times = [asked.at for asked in server.asked]
        accepts = [asked.headers["accept"] for asked in server.asked]
    assert [answer.fault for answer in answers] == [None] * 4
    assert server.most_at_once == 1
    assert all(later - earlier > 0.099 for earlier, later in pairwise(times))
    assert [accept.startswith("text/html") for accept in accepts] == [False, False, True, True, True]


def test_a_domain_that_asks_to_be_left_alone_is_not_asked_for_pages() -> None:
    """Its feeds are the scheduler's to postpone, each by its own answer."""

    async def run(server: ScriptServer) -> None:
        fetcher = HttpFetcher(AGENT, FAST, allow_local=True)
        await fetcher.fetch(server.url("/feed"), None, None)
        assert (await fetcher.fetch_page(server.url("/busy"))).status == 503
        assert (await fetcher.fetch_page(server.url("/page"))).body
        assert (await fetcher.fetch_page(server.url("/limit"))).status == 429
        refused = await fetcher.fetch_page(server.url("/page"))
        assert refused.fault == "127.0.0.1 asked to be left alone for another 100 s"
        assert (refused.status, refused.headers["retry-after"]) == (0, "100")
        assert (await fetcher.fetch_robots(server.url("/robots.txt"))).fault == refused.fault
        assert (await fetcher.fetch(server.url("/feed"), None, None)).body
        await fetcher.close()

    scripts = {
        "/feed": script("200 OK"),
        "/page": script("200 OK"),
        "/busy": script("503 Service Unavailable"),
        "/limit": script("429 Too Many Requests", Retry_After="100"),
    }
    with ScriptServer(scripts) as server:
        asyncio.run(run(server))
        assert [asked.path for asked in server.asked] == ["/feed", "/busy", "/page", "/limit", "/feed"]


def test_forms_are_posted_and_redirects_of_them_not_followed() -> None:
    async def run(server: ScriptServer) -> list[Fetched]:
        fetcher = HttpFetcher(AGENT, FAST, allow_local=True)
        await fetcher.fetch(server.url("/feed"), None, None)
        form = {"hub.mode": "subscribe", "hub.topic": "http://a.example/?b=c&d"}
        try:
            return [await fetcher.post_form(server.url(path), form) for path in ("/hub", "/moved", "/none")]
        finally:
            await fetcher.close()

    scripts = {"/hub": script("202 Accepted"), "/moved": script("307 Moved", Location="/hub")}
    with ScriptServer(scripts) as server:
        answers = asyncio.run(run(server))
        posted = server.asked[1]
    assert [(answer.status, answer.fault) for answer in answers] == [
        (202, None),
        (307, "HTTP 307"),
        (404, "HTTP 404"),
    ]
    assert (posted.method, posted.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert posted.body == b"hub.mode=subscribe&hub.topic=http%3A%2F%2Fa.example%2F%3Fb%3Dc%26d"


def test_a_proxy_only_where_it_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names go through it unresolved; literal addresses inside are refused, local feeds asked directly."""

    async def run(proxy: str | None, *urls: str) -> list[Fetched]:
        fetcher = HttpFetcher(AGENT, FAST, allow_local=True, proxy=proxy)
        try:
            return [await fetcher.fetch(url, None, None) for url in urls]
        finally:
            await fetcher.close()

    with ScriptServer({"*": script("200 OK")}) as proxy, ScriptServer({"*": script("200 OK")}) as local:
        address = proxy.url("").rstrip("/")
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, address)
        public, inside = "http://news.invalid/feed", "http://169.254.169.254/"
        one, two, three = asyncio.run(run(address, public, inside, local.url("/feed")))
        assert (one.body, three.body) == (b"<rss/>", b"<rss/>")
        assert two.fault
        assert [asked.path for asked in proxy.asked] == [public]
        assert [asked.path for asked in local.asked] == ["/feed"]
        asyncio.run(run(None, public))
        assert len(proxy.asked) == 1


def test_connections_are_used_again() -> None:
    seen: list[object] = []

    async def answer(talk: Talk) -> None:
        seen.append(talk.writer.get_extra_info("peername"))
        await talk.answer(body=b"<rss/>")

    async def run(url: str) -> None:
        fetcher = HttpFetcher(AGENT, FAST, allow_local=True)
        for _ in range(3):
            await fetcher.fetch(url, None, None)
        await fetcher.close()

    with ScriptServer({"/": answer}) as server:
        asyncio.run(run(server.url("/")))
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_a_folder_serves_its_own_files_only(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "a.xml").write_bytes(b"<rss/>")
    (tmp_path / "secret").write_bytes(b"no")

    async def run() -> None:
        folder = FolderFetcher(tmp_path / "feeds")
        first = await folder.fetch("sample:a.xml", None, None)
        assert first.body == b"<rss/>"
        assert (await folder.fetch("sample:a.xml", first.etag, None)).unchanged
        for url in (
            "sample:../secret",
            "sample:b.xml",
            "a.xml",
            "sample:.hidden",
            "sample:",
            "http://x/a.xml",
            "sample:\0",
        ):
            assert (await folder.fetch(url, None, None)).fault

    asyncio.run(run())

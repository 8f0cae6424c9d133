"""The fetcher against a real server on loopback that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import resource
import time
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.transport.addresses import is_public
from pipeline.transport.base import Fetched
from pipeline.transport.folder import FolderFetcher
from pipeline.transport.http import HttpFetcher, HttpLimits
from tests.feed_server import FeedServer

AGENT = "blocwatch-test/1 (+https://example.org)"
FAST = HttpLimits(spacing_s=0, timeout_s=2, max_bytes=1_000_000)


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
        ("stall", "within 2 s"),
        ("slow", "within 2 s"),
        ("close", "Disconnected"),
        ("redirect", "more than 5 redirects"),
        ("bomb", "larger than 1000000 bytes"),
    ],
)
def test_what_the_far_side_does_wrong_is_a_fault(fault: str, words: str) -> None:
    with FeedServer([b"<rss/>"]) as server:
        server.fault = fault  # type: ignore[assignment]  # the parameters are all faults
        (answer,) = fetch(server.url)
    assert answer.fault is not None
    assert words in answer.fault
    assert answer.body == b""


def test_an_unpacked_bomb_is_not_held_in_memory() -> None:
    with FeedServer([b"<rss/>"]) as server:
        server.fault = "bomb"
        fetch(server.url)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000


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


def test_a_public_host_cannot_redirect_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """One server plays the public host: its name is called public here, while the target's is not."""
    with FeedServer([b"<rss>secret</rss>"]) as inside, FeedServer([b""]) as outside:
        outside.fault, outside.redirect_to = "redirect", inside.url
        public = outside.url.replace("127.0.0.1", "localhost")

        async def run() -> Fetched:
            fetcher = HttpFetcher(AGENT, FAST, allow_local=True)
            may_ask = fetcher._may_ask

            async def pretend(url: str, local: bool) -> tuple[str | None, bool]:
                refusal, is_local = await may_ask(url, local)
                return (None, False) if url == public else (refusal, is_local)

            monkeypatch.setattr(fetcher, "_may_ask", pretend)
            monkeypatch.setattr("pipeline.transport.addresses.is_public", lambda _: True)
            try:
                return await fetcher.fetch(public, None, None)
            finally:
                await fetcher.close()

        answer = asyncio.run(run())
        assert len(outside.requests) == 1
        assert answer.fault is not None
        assert "private" in answer.fault
        assert inside.requests == []


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


def test_private_and_public_addresses() -> None:
    for address in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "::1",
                    "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "224.0.0.1", "nonsense"):  # fmt: skip
        assert not is_public(address)
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"):
        assert is_public(address)


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

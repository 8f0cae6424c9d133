"""Feeds that were made to stop a reader: each is answered within ten seconds and 300 MB."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pipeline.articles.normalize import Reading, read_feed
from pipeline.articles.parse import Refusal
from pipeline.workers.children import Broken, Children, Limits
from pipeline.workers.parsing import ProcessParser

Answer = Reading | Refusal

MB = 1_000_000
HEAD = b'<rss version="2.0"><channel><title>c</title>'
TAIL = b"</channel></rss>"
GOOD = HEAD + b"<item><title>Talks</title><link>https://e.org/1</link></item>" + TAIL


def one_item(title: bytes = b"Talks", text: bytes = b"") -> bytes:
    """A feed of one item."""
    link = b"<link>https://e.org/1</link>"
    return (
        HEAD + b"<item><title>" + title + b"</title>" + link
        + b"<description>" + text + b"</description></item>" + TAIL
    )  # fmt: skip


def entities(*declared: bytes) -> bytes:
    """A feed whose title is the entity `z`."""
    return (
        b"<!DOCTYPE rss ["
        + b"".join(b"<!ENTITY " + one + b">" for one in declared)
        + b"]>"
        + one_item(b"&z;")
    )


LAUGHS = [b'a0 "ha"', *(b'a%d "%s"' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)), b'z "&a9;"']
TALKS: dict[str, bytes] = {
    "billion laughs": entities(*LAUGHS),
    "quadratic entity": entities(b'a "' + b"x" * 100_000 + b'"', b'z "' + b"&a;" * 10_000 + b'"'),
    "entity of itself": entities(b'z "&z;"'),
    "parameter entities": entities(b"% p '&#37;p;'", b'z "%p;"'),
    "100,000 nested tags": one_item(text=b"<a>" * 100_000),
    "200 KB of comment openings": one_item(text=b"<!--" * 50_000),
    "200 KB of comment openings, escaped": one_item(text=b"&lt;!--" * 50_000),
    "50 KB style": one_item(text=b'&lt;p style="' + b"a:b;" * 12_500 + b'"&gt;x&lt;/p&gt;'),
    "1 MB of attribute": one_item(text=b"&lt;a " + b"b=&quot;c&quot; " * 60_000 + b"&gt;"),
    "100,000 CDATA openings": one_item(text=b"<![CDATA[" * 100_000),
    "100,000 namespaces": b"<rss " + b" ".join(b'xmlns:n%d="u"' % n for n in range(100_000)) + b">" + TAIL,
    "1 MB of ampersands": one_item(text=b"&" * MB),
    "1 MB of character references": one_item(text=b"&#60;" * (MB // 5)),
    "1 MB name of a tag": HEAD + b"<item><" + b"x" * MB + b">" + TAIL,
    "8 MB of one letter": one_item(b"x" * 8 * MB),
    "8 MB of blanks": b" " * 8 * MB,
    "100 MB": one_item(b"x" * 100 * MB),
    "300,000 entries": HEAD + b"<item><title>x</title></item>" * 300_000 + TAIL,
    "deep JSON": b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 1_000_000,
    "JSON of one long number": b'{"items":' + b"9" * MB + b"}",
}
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "a byte order mark": b"\xef\xbb\xbf",
    "NULs only": b"\0" * 10_000,
    "NULs inside": one_item(b"Ta\0lks"),
    "HTML page": b"<!doctype html><html><head><title>x</title></head><body>Sorry</body></html>",
    "HTML after a comment": b"<!-- cached --><html><body>" + b"<p>x</p>" * 10_000,
    "noise": bytes(range(256)) * 400,
    "gzip": b"\x1f\x8b\x08" + bytes(range(256)) * 10,
    "UTF-16 declared, UTF-8 sent": b'<?xml version="1.0" encoding="utf-16"?>' + GOOD,
    "unknown encoding": b'<?xml version="1.0" encoding="x-nowhere"?>' + GOOD,
    "mixed encodings": one_item("Gespräche ".encode() + "Gespräche ".encode("latin-1") + b"\xff\xfe\x80"),
    "UTF-32": b"\x00\x00\xfe\xff" + GOOD.decode().encode("utf-32-be"),
    "EBCDIC": GOOD.decode().encode("cp037"),
    "half a surrogate": one_item(b"Talks \xed\xa0\x80"),
    "UTF-7": one_item(b"+ADw-script+AD4-"),
}
SLOW: dict[str, bytes] = {
    "1,000,000 nested tags": one_item(text=b"<a>" * 1_000_000),
    "15,000 entries": HEAD + b"<item><title>x</title><link>https://e.org/</link></item>" * 15_000,
    "30 MB of tags": one_item(text=b"&lt;b&gt;" * 3_300_000),
    "30 MB of elements": HEAD + b"<a/>" * 7_500_000,
    "30 MB of attribute": one_item(text=b'<a b="' + b"x" * 30 * MB + b'"/>'),
    "30 MB unclosed": one_item(text=b"<a b='" + b"x" * 30 * MB),
}


@asynccontextmanager
async def parser(limits: Limits | None = None) -> AsyncIterator[ProcessParser]:
    """A parser that has started, so that times are of parsing alone."""
    running = ProcessParser(limits)
    try:
        await running.read(GOOD, "", "")
        yield running
    finally:
        await running.close()


async def timed(reading: Awaitable[Answer]) -> tuple[Answer, float]:
    """The answer, and seconds until it came."""
    began = time.monotonic()
    return await reading, time.monotonic() - began


async def read_each(feeds: dict[str, bytes]) -> dict[str, Answer]:
    """Read one feed after the other; check time and memory of each."""
    answers: dict[str, Answer] = {}
    async with parser() as running:
        for name, body in feeds.items():
            done = asyncio.Event()
            watching = asyncio.create_task(peak_bytes(running, done))
            answers[name], seconds = await timed(running.read(body, "", "https://e.org/feed"))
            done.set()
            assert seconds < 10, name
            assert 5 * MB < await watching < 300 * MB, name
    return answers


async def peak_bytes(running: ProcessParser, done: asyncio.Event) -> int:
    """Watch the children until `done`; return the most memory that one of them held."""
    peak, last = 0, False
    while not last:
        last = done.is_set()
        for pid in pids_of(running._children):
            with contextlib.suppress(OSError):  # it has ended
                told = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
                peak = max(peak, int(told[1]) * 1024 if told else 0)
        await asyncio.sleep(0.01)
    return peak


@pytest.mark.parametrize("feeds", [TALKS, BROKEN], ids=["hostile", "broken"])
def test_each_is_answered(feeds: dict[str, bytes]) -> None:
    answers = asyncio.run(read_each(feeds))
    assert answers.keys() == feeds.keys()
    assert answers.get("empty", Refusal("empty body")) == Refusal("empty body")
    assert answers.get("HTML page", Refusal("HTML page")) == Refusal("HTML page")
    assert answers.get("100 MB", Refusal("feed too large")) == Refusal("feed too large")
    assert answers.get("300,000 entries", Refusal("too many entries")) == Refusal("too many entries")
    for answer in answers.values():
        if isinstance(answer, Reading):
            assert all(item.title.isprintable() for item in answer.items)


def test_what_can_be_read_is_read() -> None:
    def titles(name: str) -> list[str]:
        reading = read_feed(BROKEN[name])
        return [item.title for item in reading.items] if isinstance(reading, Reading) else []

    assert titles("NULs inside") == ["Talks"]
    assert titles("UTF-16 declared, UTF-8 sent") == ["Talks"]
    assert titles("unknown encoding") == ["Talks"]
    assert titles("UTF-32") == ["Talks"]
    assert titles("mixed encodings")[0].startswith("Gespr")
    assert titles("UTF-7") == ["+ADw-script+AD4-"]


@pytest.mark.slow
def test_the_slow_ones_stay_within_time_and_memory() -> None:
    assert asyncio.run(read_each(SLOW)).keys() == SLOW.keys()


def test_external_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for where in (secret.as_uri(), str(secret), address):
            external = b'z SYSTEM "' + where.encode() + b'"'
            for body in (
                entities(external),
                entities(b"% p SYSTEM '" + where.encode() + b"'", b'z "z"').replace(b"]>", b"%p;]>"),
                b'<!DOCTYPE rss SYSTEM "' + where.encode() + b'">' + GOOD,
            ):
                assert "secret" not in repr(read_feed(body)).replace("secret.txt", "")
        with pytest.raises(TimeoutError):
            listener.accept()


async def slowest_beside(running: ProcessParser, hostile: list[bytes], seconds: float) -> float:
    """Read a good feed again and again while hostile ones are read; return the longest wait."""
    busy = [asyncio.create_task(running.read(body, "", "")) for body in hostile]
    longest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        reading, waited = await timed(running.read(GOOD, "", ""))
        assert isinstance(reading, Reading)
        longest = max(longest, waited)
        await asyncio.sleep(0.02)
    for task in busy:
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)
    return longest


def test_others_wait_less_than_a_second() -> None:
    """Also where there are more hostile feeds at once than workers."""

    async def work() -> float:
        async with parser() as running:
            return await slowest_beside(running, [SLOW["1,000,000 nested tags"]] * 3, 3)

    assert asyncio.run(work()) < 1


def test_a_child_is_killed_and_replaced() -> None:
    async def work() -> None:
        async with parser(Limits(seconds=1.0, workers=1)) as running:
            assert await running.read(GOOD, "", "") == read_feed(GOOD)
            assert await running.read(SLOW["1,000,000 nested tags"], "", "") == Refusal(
                "parsing took too long"
            )
            assert await running.read(GOOD, "", "") == read_feed(GOOD)
            await asyncio.sleep(3)  # those that stand by have started
            for pid in pids_of(running._children):
                with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.2)
            assert await running.read(GOOD, "", "") == read_feed(GOOD)

    asyncio.run(work())


def pids_of(children: Children) -> set[int]:
    """Processes that are kept."""
    return {child.process.pid for child in children._all}


def test_a_child_dies_of_too_much_memory_alone() -> None:
    async def work() -> None:
        running = Children("tests.unit.test_hostile_feeds:hoard", Limits(memory_bytes=300 * MB))
        try:
            assert await running.call(b"10", b"x") == b"10"
            assert await running.call(b"1000", b"x") is Broken.DEAD
            assert await running.call(b"10", b"x") == b"10"
            await asyncio.sleep(0.5)  # the next is on its way
            kept = pids_of(running)
        finally:
            await running.close()
        assert kept
        assert not any(Path(f"/proc/{pid}").exists() for pid in kept)

    asyncio.run(work())


def hoard(note: bytes, body: bytes) -> bytes:
    """Hold so many megabytes; called in a child."""
    return str(len(body * int(note) * MB) // MB).encode()


def test_a_cancelled_request_costs_its_child_only() -> None:
    async def work() -> None:
        async with parser() as running:
            task = asyncio.create_task(running.read(SLOW["1,000,000 nested tags"], "", ""))
            await asyncio.sleep(0.1)
            task.cancel()
            assert isinstance(await running.read(GOOD, "", ""), Reading)
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(work())

"""Servers that mean harm, on loopback: each answer ends within its limit of time and memory."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import brotli
import pytest
import zstandard

from pipeline.transport.base import Fetched
from pipeline.transport.http import HttpFetcher, HttpLimits
from tests.script_server import Script, ScriptServer, Talk

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(),
    reason="the largest size of a process is measured as Linux tells it",
)
DEFAULTS = HttpLimits(spacing_s=0)
HASTY = HttpLimits(spacing_s=0, timeout_s=0.8, headers_s=0.3, stall_s=0.3)
GIGABYTE = 1 << 30
MEGABYTE = bytes(1 << 20)


@cache
def bomb(coding: str) -> bytes:
    """A body of a few KB or MB that unpacks to a gigabyte of zeros."""
    if coding == "zstd":  # 8,192 blocks, each one byte to be repeated 131,072 times
        block = (131_072 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
        return b"\x28\xb5\x2f\xfd\x00\x58" + block * 8_191 + bytes([block[0] | 1]) + block[1:]
    if coding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join([*(packer.process(MEGABYTE) for _ in range(1024)), packer.finish()])
    wbits = {"gzip": 31, "deflate": 15, "bare deflate": -15}[coding]
    inflater = zlib.compressobj(9, wbits=wbits)
    first = inflater.compress(MEGABYTE) + inflater.flush(zlib.Z_FULL_FLUSH)
    again = inflater.compress(MEGABYTE) + inflater.flush(zlib.Z_FULL_FLUSH)
    return first + again * 1023 + b"\x03\x00"


def zipped(coding: str, *bodies: str) -> Script:
    async def script(talk: Talk) -> None:
        body = bomb(bodies[0])
        for outer in bodies[1:]:
            body = gzip.compress(body, 1) if outer == "gzip" else zstandard.ZstdCompressor().compress(body)
        await talk.answer(body=body, Content_Encoding=coding)

    return script


def endless(start: bytes, piece: bytes, pause_s: float = 0.0) -> Script:
    async def script(talk: Talk) -> None:
        await talk.send(start)
        while True:
            await talk.send(piece)
            await asyncio.sleep(pause_s)

    return script


def once(data: bytes, *, close: bool = True) -> Script:
    async def script(talk: Talk) -> None:
        await talk.send(data)
        if close:
            talk.writer.close()
        else:
            await asyncio.sleep(60)

    return script


async def ever_further(talk: Talk) -> None:
    await talk.answer("302 Found", Location=talk.asked.path + "x")


async def in_a_circle(talk: Talk) -> None:
    await talk.answer("301 Moved", Location="/circle2" if talk.asked.path == "/circle" else "/circle")


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMBS: dict[str, Script] = {
    "/gzip": zipped("gzip", "gzip"),
    "/deflate": zipped("deflate", "deflate"),
    "/bare-deflate": zipped("deflate", "bare deflate"),
    "/br": zipped("br", "br"),
    "/zstd": zipped("zstd", "zstd"),
    "/gzip-gzip": zipped("gzip, gzip", "gzip", "gzip"),
    "/br-gzip": zipped("br, gzip", "br", "gzip"),
    "/zstd-gzip": zipped("zstd, gzip", "zstd", "gzip"),
    "/deflate-zstd": zipped("deflate, zstd", "deflate", "zstd"),
    "/gzip-zstd-gzip": zipped("gzip, zstd, gzip", "gzip", "zstd", "gzip"),
}
FAST: dict[str, tuple[Script, str]] = {
    "/eleven-layers": (zipped(", ".join(["zstd"] * 11), "zstd"), "3 times"),
    "/declared": (endless(OK + b"Content-Length: 100000000\r\n\r\n", MEGABYTE), "larger than 1000000 bytes"),
    "/undeclared": (endless(OK + b"\r\n", MEGABYTE), "larger than 1000000 bytes"),
    "/chunked": (endless(CHUNKED, b"100000\r\n" + MEGABYTE + b"\r\n"), "larger than 1000000 bytes"),
    "/tiny-chunks": (endless(CHUNKED, b"1\r\n<\r\n" * 10_000), "larger than 1000000 bytes"),
    "/more-than-declared": (once(OK + b"Content-Length: 4\r\n\r\n<rss></rss>"), ""),
    "/one-long-header": (endless(OK + b"X: ", b"a" * 10_000), "32768"),
    "/one-long-name": (endless(OK, b"a" * 10_000), "32768"),
    "/header-flood": (endless(OK, b"X: a\r\n" * 1_000), "headers"),
    "/same-header-flood": (endless(OK, b"Link: <http://a.example/>\r\n" * 1_000), "headers"),
    "/long-status": (endless(b"HTTP/1.1 200 ", b"a" * 10_000), "8190"),
    "/trailer-flood": (endless(CHUNKED + b"0\r\n", b"X: a\r\n" * 1_000), ""),
    "/no-status": (once(b"<rss></rss>"), "HTTP"),
    "/strange-status": (once(b"HTTP/1.1 99999 Yes\r\n\r\n"), ""),
    "/negative-length": (once(OK + b"Content-Length: -1\r\n\r\n<rss/>"), ""),
    "/two-lengths": (once(OK + b"Content-Length: 1\r\nContent-Length: 6\r\n\r\n<rss/>"), ""),
    "/huge-length": (once(OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n<rss/>"), ""),
    "/bad-chunk": (once(CHUNKED + b"zz\r\n<rss/>"), ""),
    "/nul-in-header": (once(OK + b"X: a\0b\r\n\r\n"), ""),
    "/cut": (once(OK + b"Content-Length: 100\r\n\r\n<rss/>"), ""),
    "/cut-chunk": (once(CHUNKED + b"100\r\n<rss/>"), ""),
    "/cut-gzip": (once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"<rss/>")[:-4]), "cut off"),
    "/not-gzip": (once(OK + b"Content-Encoding: gzip\r\n\r\n<rss/>"), "packed wrongly"),
    "/says-nothing": (once(b""), ""),
    "/circle": (in_a_circle, "in a circle"),
    "/circle2": (in_a_circle, "in a circle"),
    "/further": (ever_further, "more than 5 redirects"),
    "/nowhere": (once(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "HTTP 302"),
    "/long-redirect": (endless(b"HTTP/1.1 302 Found\r\nLocation: /", b"a" * 10_000), "32768"),
    "/redirect-body": (
        endless(b"HTTP/1.1 301 Moved\r\nLocation: /nowhere\r\n\r\n", MEGABYTE),
        "HTTP 302",
    ),
    "/error-body": (endless(b"HTTP/1.1 500 No\r\n\r\n", MEGABYTE), "HTTP 500"),
}
SLOW: dict[str, tuple[Script, str]] = {
    "/long-extension": (endless(CHUNKED + b"5;", b"a" * 10_000), "body stands still"),
    "/drip": (endless(OK + b"\r\n", b"<", 0.02), "body stands still"),
    "/drip-chunks": (endless(CHUNKED, b"1\r\n<\r\n", 0.02), "body stands still"),
    "/silent-body": (once(OK + b"Content-Length: 10\r\n\r\n", close=False), "body stands still"),
    "/trickle": (endless(OK + b"\r\n", b"<" * 500, 0.02), "no full answer within 0.8 s"),
    "/silent": (once(b"", close=False), "no headers within 0.3 s"),
    "/drip-headers": (endless(OK, b"X: a\r\n", 0.05), "no headers within 0.3 s"),
    "/drip-header": (endless(OK + b"X: ", b"a", 0.02), "no headers within 0.3 s"),
    "/continue": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), "no headers within 0.3 s"),
    "/hints": (endless(b"", b"HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n", 0.0), "no headers within 0.3 s"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptServer]:
    scripts = BOMBS | {path: script for path, (script, _) in (FAST | SLOW).items()}
    scripts |= {"/further" + "x" * count: ever_further for count in range(1, 9)}
    with ScriptServer(scripts) as serving:
        yield serving


def get(url: str, limits: HttpLimits) -> tuple[Fetched, float, int]:
    """Return the answer, the seconds it took, and the bytes by which the process grew at its largest."""

    async def run() -> tuple[Fetched, float, int]:
        fetcher = HttpFetcher("test", limits, allow_local=True)
        began, before = time.perf_counter(), resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
        try:
            answer = await fetcher.fetch(url, None, None)
            return answer, time.perf_counter() - began, resident("VmHWM") - before
        finally:
            await fetcher.close()

    return asyncio.run(run())


def resident(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(name + ":")[2].split()[0]) * 1024


@pytest.mark.parametrize("path", BOMBS)
def test_bombs_of_a_gigabyte(path: str, server: ScriptServer) -> None:
    get(server.url("/nowhere"), DEFAULTS)
    bomb(path[1:].split("-")[0] if path != "/bare-deflate" else "bare deflate")  # the server's, not counted
    small = replace(DEFAULTS, max_bytes=3_000_000)
    answer, took_s, grew = get(server.url(path), small)
    assert answer.fault == "larger than 3000000 bytes, unpacked"
    assert answer.body == b""
    assert took_s < SOON_S
    assert grew < 24_000_000
    answer, took_s, grew = get(server.url(path), DEFAULTS)
    assert answer.fault == "larger than 8000000 bytes, unpacked"
    assert took_s < SOON_S
    assert grew < 32_000_000


SOON_S = 8
"""Sooner than any limit of time, so by size; on a quiet machine it is half a second."""


@pytest.mark.parametrize("path", FAST)
def test_refused_soon(path: str, server: ScriptServer) -> None:
    answer, took_s, grew = get(server.url(path), replace(DEFAULTS, max_bytes=1_000_000))
    assert answer.fault
    assert FAST[path][1] in answer.fault
    assert answer.body == b""
    assert took_s < SOON_S
    assert grew < 8_000_000


@pytest.mark.parametrize("path", SLOW)
def test_slow_ones_are_left(path: str, server: ScriptServer) -> None:
    answer, took_s, grew = get(server.url(path), HASTY)
    assert answer.fault is not None
    assert answer.fault.startswith(SLOW[path][1])
    assert took_s < 1.5
    assert grew < 16_000_000


def test_a_slow_one_is_left_within_ten_seconds() -> None:
    """What is asked of hostile feeds, by the limits that hold when nobody sets others."""
    assert HttpLimits().stall_s < 10
    assert HttpLimits().headers_s == 15
    assert HttpLimits().timeout_s == 30


def test_others_are_not_delayed() -> None:
    """All of them at once, each on an address of its own; meanwhile a good feed is asked again and again."""

    async def good(talk: Talk) -> None:
        await talk.answer(body=b"<rss/>" * 1_000)

    scripts = BOMBS | {path: script for path, (script, _) in (FAST | SLOW).items()} | {"/good": good}
    bad = {path: f"127.0.1.{number}" for number, path in enumerate(scripts, 1) if path != "/good"}

    async def run(server: ScriptServer) -> tuple[list[float], float, int]:
        fetcher = HttpFetcher(
            "test", HttpLimits(spacing_s=0, timeout_s=2, headers_s=1, stall_s=1), allow_local=True
        )
        loop = asyncio.get_running_loop()
        before = resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")
        hostile = asyncio.gather(
            *(fetcher.fetch(server.url(path, host), None, None) for path, host in bad.items())
        )
        took: list[float] = []
        lag = 0.0
        while not hostile.done():
            began = loop.time()
            assert (await fetcher.fetch(server.url("/good", "127.0.0.2"), None, None)).body
            took.append(loop.time() - began)
            began = loop.time()
            await asyncio.sleep(0.01)
            lag = max(lag, loop.time() - began - 0.01)
        assert all(answer.fault for answer in hostile.result())
        await fetcher.close()
        return took, lag, resident("VmHWM") - before

    with ScriptServer(scripts, ["127.0.0.2", *bad.values()]) as server:
        took, lag, grew = asyncio.run(run(server))
    assert len(took) > 3, "the good feed was asked while the bad ones were being read"
    assert max(took) < 1
    assert lag < 1
    assert grew < 300_000_000  # with the server's own buffers

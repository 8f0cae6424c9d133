"""Bytes of feeds parsed in a process of their own, which is killed when it takes too long or too much memory.

Frames on the pipes: four bytes of length, big-endian; then JSON in replies, and in requests JSON, a
newline and the body.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import BinaryIO, Protocol

from pipeline.articles.normalize import Item, Reading, read_feed
from pipeline.articles.parse import Refusal

_LONGEST_REPLY = 128_000_000


class Parser(Protocol):
    """Reads documents."""

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        """Parse and normalize one document; never raises for what it holds."""

    async def close(self) -> None:
        """Let go of processes."""


class InlineParser:
    """Parses in this process, without limits: for bundled samples and tests."""

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        """Parse now."""
        return read_feed(body, content_type, base_url)

    async def close(self) -> None:
        """Nothing is held."""


class ProcessParser:
    """Parses in one child process at a time, kept between documents and replaced after a kill.

    `limit_s` is wall time a document; `memory_bytes` bounds the child's address space.
    """

    def __init__(self, limit_s: float = 10.0, memory_bytes: int = 1_000_000_000) -> None:
        self._limit_s = limit_s
        self._memory = memory_bytes
        self._lock = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def read(self, body: bytes, content_type: str, base_url: str) -> Reading | Refusal:
        """Parse within the limits; a document that breaks them is refused and costs the child its life."""
        request = json.dumps([content_type, base_url]).encode() + b"\n" + body
        async with self._lock:
            reply = None
            try:
                child = await self._ready()
                async with asyncio.timeout(self._limit_s):
                    reply = await _exchange(child, request)
            except TimeoutError:
                return Refusal("parsing took too long")
            except (asyncio.IncompleteReadError, ConnectionError, ValueError):
                return Refusal("parser died (out of memory?)")
            finally:
                if reply is None:
                    await self._kill()
        return _reading(reply)

    async def close(self) -> None:
        """End the child."""
        async with self._lock:
            await self._kill()

    async def _ready(self) -> asyncio.subprocess.Process:
        """Return a child that has finished importing, so that `limit_s` is for parsing alone."""
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from pipeline.workers.parsing import serve; serve()",
                str(self._memory), str(int(self._limit_s) + 2),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                start_new_session=True, env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
            async with asyncio.timeout(60):
                await _frame(self._child)
        return self._child

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            # Reads what is left, or wait() could hang on a full pipe.
            await child.communicate()


async def _exchange(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert child.stdin is not None
    child.stdin.write(len(request).to_bytes(4, "big") + request)
    await child.stdin.drain()
    return await _frame(child)


async def _frame(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    size = int.from_bytes(await child.stdout.readexactly(4), "big")
    if size > _LONGEST_REPLY:
        raise ValueError(f"a reply of {size} bytes")
    return await child.stdout.readexactly(size)


def _reading(reply: bytes) -> Reading | Refusal:
    data = json.loads(reply)
    if "reason" in data:
        return Refusal(data["reason"])
    items = tuple(Item(**{**item, "dates": tuple(item["dates"])}) for item in data["items"])
    return Reading(items, data["refused"])


def serve() -> None:
    """Be the child: answer requests on stdin until it ends, within limits of memory, time and files."""
    memory, seconds = (int(text) for text in sys.argv[1:3])
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the frames
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, (value, value))
    _reply(replies, {})
    while (head := sys.stdin.buffer.read(4)) and len(head) == 4:
        _limit_cpu(seconds)
        header, _, body = sys.stdin.buffer.read(int.from_bytes(head, "big")).partition(b"\n")
        content_type, base_url = json.loads(header)
        said = asdict(read_feed(body, content_type, base_url))
        said.pop("hints", None)
        _reply(replies, said)


def _reply(replies: BinaryIO, data: object) -> None:
    text = json.dumps(data).encode()
    replies.write(len(text).to_bytes(4, "big") + text)
    replies.flush()


def _limit_cpu(seconds: int) -> None:
    """Allow `seconds` more of processor time: ends the child even when its parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))

"""A function run in child processes, each of which is killed when it takes too long or too much memory.

A few children take requests in turn, and one more stands by. A child that is still busy after `patience_s`
no longer counts: it goes on at low priority until its limit, while another takes its place, so that a hostile
request holds up the others by that time only. Such a child is not used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass
from enum import StrEnum

from pipeline.workers.child import SPENT, WORD

_LONGEST_REPLY = 64_000_000
_START_LIMIT_S = 60.0
_NICENESS = 10
_CHUNK = 1 << 18
"""Bytes written at once, before others may have the loop."""


class Broken(StrEnum):
    """Why there is no reply."""

    SLOW = "took too long"
    DEAD = "died (out of memory?)"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost, and how many children there may be."""

    seconds: float = 9.0
    """Wall time; with the kill, there is an answer within ten."""
    memory_bytes: int = 512_000_000
    """Address space of a child."""
    workers: int = 2
    """Children that take requests."""
    slow: int = 6
    """Children beyond these that may be at work on slow requests."""
    patience_s: float = 0.3


class Children:
    """Calls `target`, "module:function" of a note and a body, both bytes, to bytes, in child processes."""

    def __init__(self, target: str, limits: Limits | None = None) -> None:
        self._target = target
        self._limits = limits or Limits()
        self._turns = asyncio.Semaphore(self._limits.workers)
        self._ready: list[asyncio.Future[_Child]] = []
        self._slow = 0
        self._all: set[_Child] = set()
        self._ends: set[asyncio.Task[object]] = set()

    async def call(self, note: bytes, body: bytes) -> bytes | Broken:
        """Return the reply, or why there is none; the function itself must not raise."""
        await self._turns.acquire()
        turn = _Turn()
        child: _Child | None = None
        try:
            child = await self._next()
            patience = asyncio.get_running_loop().call_later(
                self._limits.patience_s, self._step_aside, turn, child
            )
            try:
                async with asyncio.timeout(self._limits.seconds):
                    return await child.exchange(note, body)
            finally:
                patience.cancel()
        except TimeoutError:
            return Broken.SLOW
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            return Broken.DEAD
        finally:
            if child is not None:
                self._put_back(child, turn)
            if turn.is_aside:
                self._slow -= 1
            else:
                self._turns.release()

    async def close(self) -> None:
        """Kill all children."""
        for coming in self._ready:
            coming.cancel()
        await asyncio.gather(*self._ready, return_exceptions=True)
        self._ready.clear()
        for child in tuple(self._all):
            self._end(child)
        await asyncio.gather(*self._ends, return_exceptions=True)

    async def _next(self) -> _Child:
        """Return a living child that waits, else a new one; and see that another stands by."""
        self._ready.sort(key=lambda coming: not coming.done())
        child: _Child | None = None
        while self._ready and child is None:
            with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, OSError):  # died at its start
                child = await self._ready.pop(0)
            if child is not None and child.process.returncode is not None:
                self._end(child)
                child = None
        if child is None:
            child = await self._start()
        if not self._ready:
            self._ready.append(asyncio.ensure_future(self._start()))
        return child

    def _put_back(self, child: _Child, turn: _Turn) -> None:
        if child.is_fit and not turn.is_aside and len(self._ready) <= self._limits.workers:
            fit: asyncio.Future[_Child] = asyncio.get_running_loop().create_future()
            fit.set_result(child)
            self._ready.append(fit)
            return
        self._end(child)
        self._replace()

    def _step_aside(self, turn: _Turn, child: _Child) -> None:
        """Let the next request have the turn of one that takes long."""
        if self._slow < self._limits.slow:
            self._slow += 1
            turn.is_aside = True
            self._turns.release()
            self._replace()
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.process.pid, _NICENESS)

    def _replace(self) -> None:
        """Start a child, unless as many wait as may be wanted at once."""
        if len(self._ready) <= self._limits.workers:
            self._ready.append(asyncio.ensure_future(self._start()))

    async def _start(self) -> _Child:
        """Return a child that has finished importing, so that its limits are for the work alone."""
        limits = self._limits
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from pipeline.workers.child import serve; serve()",
            self._target, str(limits.memory_bytes), str(int(limits.seconds) + 2),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            start_new_session=True, env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        child = _Child(process)
        self._all.add(child)
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                await child.reply()
        except BaseException:
            self._end(child)
            raise
        return child

    def _end(self, child: _Child) -> None:
        """Kill a child at once; it is reaped in passing."""
        self._all.discard(child)
        task = asyncio.ensure_future(child.kill())
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)


@dataclass(slots=True)
class _Turn:
    """One request's turn among the workers."""

    is_aside: bool = False
    """It was given up; the request goes on beside the workers."""


@dataclass(eq=False, slots=True)
class _Child:
    process: asyncio.subprocess.Process
    is_fit: bool = True
    """For another request."""

    async def exchange(self, note: bytes, body: bytes) -> bytes:
        self.is_fit = False
        stdin = self.process.stdin
        assert stdin is not None
        stdin.write(b"".join(len(part).to_bytes(WORD, "big") for part in (note, body)) + note)
        rest = memoryview(body)
        while rest:
            stdin.write(rest[:_CHUNK])
            await stdin.drain()
            rest = rest[_CHUNK:]
        return await self.reply()

    async def reply(self) -> bytes:
        stdout = self.process.stdout
        assert stdout is not None
        head = int.from_bytes(await stdout.readexactly(WORD), "big")
        size = head & ~SPENT
        if size > _LONGEST_REPLY:
            raise ValueError(f"a reply of {size} bytes")
        reply = await stdout.readexactly(size)
        self.is_fit = not head & SPENT
        return reply

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        # Reads what is left, or wait() could hang on a full pipe.
        await self.process.communicate()

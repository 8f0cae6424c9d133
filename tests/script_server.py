"""Scripts in; an HTTP server on loopback that answers each path by its script, byte for byte, out."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    at: float
    """Seconds of the server's loop."""
    method: str
    path: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes = b""


@dataclass(slots=True)
class Talk:
    """One request and the way to answer it."""

    asked: Asked
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes as they are; raises ConnectionError once the other side has gone."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status: str = "200 OK", body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; names of headers with underscores for hyphens."""
        fields = {"Content_Length": str(len(body)), **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        await self.send("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + body)


Script = Callable[[Talk], Awaitable[None]]


@dataclass
class ScriptServer:
    """Serves while entered; a path without a script is 404, and "*" stands for all paths."""

    scripts: dict[str, Script]
    hosts: Sequence[str] = ("127.0.0.1",)
    asked: list[Asked] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0
    """The largest number of requests that were answered at the same time."""

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path at one of the hosts."""
        return f"http://{host}:{self.ports[host]}{path}"

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _run(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._now = 0
        server = await asyncio.start_server(self._take, self.hosts, 0)
        self.ports = dict(socket.getsockname() for socket in server.sockets)
        ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    asked = await _read(reader)
                    self.asked.append(asked)
                    self._now += 1
                    self.most_at_once = max(self.most_at_once, self._now)
                    try:
                        script = self.scripts.get(asked.path) or self.scripts.get("*") or _missing
                        await script(Talk(asked, writer))
                    finally:
                        self._now -= 1
                    if writer.is_closing():
                        break
        finally:
            self._tasks.discard(task)
            writer.close()


async def _missing(talk: Talk) -> None:
    await talk.answer("404 Not Found")


async def _read(reader: asyncio.StreamReader) -> Asked:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-2])
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(asyncio.get_running_loop().time(), method, path, headers, body)

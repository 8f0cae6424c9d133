"""A TCP proxy that can hurt what passes through it: delay, reset, half-close, cut short, swallow."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from random import Random
from types import TracebackType
from typing import Self

from tests.chaos.schedule import Do

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on `port` of the loopback address and passes on to `upstream`, a port there."""

    def __init__(self, upstream: int, seed: int, port: int) -> None:
        self.port = port
        self._upstream = upstream
        self._chance = Random(f"proxy {seed}")
        self._mode = Do.CALM
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def act(self, fault: Do) -> None:
        """Begin a fault; CALM ends those that last."""
        asyncio.run_coroutine_threadsafe(self._act(fault), self._loop).result(30)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        for link in tuple(self._links):
            link.reset()
        await asyncio.sleep(0.1)

    async def _act(self, fault: Do) -> None:
        was, self._mode = self._mode, fault
        if fault is Do.RESET or (fault is Do.CALM and was is Do.HOLE):
            for link in tuple(self._links):
                link.reset()
        elif fault is Do.HALF_CLOSE:
            for link in tuple(self._links):
                with contextlib.suppress(OSError):
                    link.client.write_eof()

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            answers, broker = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            client.close()
            return
        link = _Link(client, broker)
        self._links.add(link)
        ways = (self._pump(reader, broker, link, back=False), self._pump(answers, client, link, back=True))
        await asyncio.gather(*ways, return_exceptions=True)
        self._links.discard(link)
        link.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link, *, back: bool
    ) -> None:
        while data := await reader.read(_CHUNK):
            if self._mode is Do.HOLE:
                continue
            if self._mode is Do.DELAY:
                await asyncio.sleep(self._chance.uniform(0.02, 0.4))
            if self._mode is Do.TRUNCATE and back and len(data) > 1:
                writer.write(data[: self._chance.randrange(1, len(data))])
                await writer.drain()
                link.close()
                return
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()


class _Link:
    """Both sides of one connection."""

    def __init__(self, client: asyncio.StreamWriter, broker: asyncio.StreamWriter) -> None:
        self.client, self.broker = client, broker

    def reset(self) -> None:
        """End both sides by RST."""
        for writer in (self.client, self.broker):
            with contextlib.suppress(OSError, AttributeError):
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    def close(self) -> None:
        """End both sides."""
        self.client.close()
        self.broker.close()

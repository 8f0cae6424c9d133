"""Names and servers in; a network for tests that knows only these and notes every connection, out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest.mock import patch

PUBLIC = "93.184.216.34"

_watchers: list[list[tuple[Any, ...]]] = []


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watchers:
        for watcher in _watchers:
            watcher.append(tuple(args[1])[:2])


@cache
def _watch() -> None:
    """Listen to the interpreter from now on; there is no way to end that."""
    sys.addaudithook(_audit)


@dataclass
class FakeNetwork:
    """Stands between the program and the system while `plugged_in`."""

    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    """For each name its answers, one for each time it is looked up; the last one stays."""
    servers: dict[str, int] = field(default_factory=dict)
    """Addresses at which a server stands, with the port of loopback where it stands in truth."""
    lookups: list[str] = field(default_factory=list)
    connects: list[str] = field(default_factory=list)
    """Addresses that the event loop was told to connect a socket to, in order."""
    opened: list[tuple[Any, ...]] = field(default_factory=list)
    """(address, port) of every connection that the interpreter asked the system for."""

    @contextlib.contextmanager
    def plugged_in(self) -> Iterator[None]:
        """Put this network in the place of the real one."""
        connect = asyncio.SelectorEventLoop.sock_connect
        lookup = socket.getaddrinfo

        async def sock_connect(
            loop: asyncio.SelectorEventLoop, sock: socket.socket, address: tuple[Any, ...]
        ) -> None:
            self.connects.append(address[0])
            port = self.servers.get(address[0])
            if port is None:
                raise ConnectionRefusedError(f"nothing at {address[0]}")
            await connect(loop, sock, ("127.0.0.1", port))

        def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            self.lookups.append(host)
            answers = self.names.get(host)
            if answers is None:  # what the system makes of numbers, and nothing else
                family, kind = (*args, *(0,) * 2)[:2]
                return lookup(host, port, family, kind, 0, socket.AI_NUMERICHOST)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return [found for address in answer for found in lookup(address, port, 0, socket.SOCK_STREAM)]

        _watch()
        _watchers.append(self.opened)
        try:
            with (
                patch.object(asyncio.SelectorEventLoop, "sock_connect", sock_connect),
                patch("socket.getaddrinfo", getaddrinfo),
            ):
                yield
        finally:
            _watchers.remove(self.opened)

"""A network in; an aiohttp connector that opens sockets into that network only, out.

A name is resolved at the moment of connecting, every address of the answer is checked, and the socket goes to
one of just these; the address is checked once more where the socket is made, as address literals never pass
the resolver. So neither a name that changes its answer between a check and its use (rebinding) nor an odd
spelling of an address gains anything.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.transport.addresses import AddressError, is_ip, is_local, is_public

_LOOKUPS = 64
"""At once; a name server that does not answer holds a thread for many seconds."""


class Network(Enum):
    """Where a connection may lead."""

    PUBLIC = "public"
    LOCAL = "local"

    def holds(self, address: str) -> bool:
        """Tell whether an IP address lies here."""
        return is_public(address) if self is Network.PUBLIC else is_local(address)


class Lookup:
    """Asks the system for a name's addresses, in threads of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="lookup")

    async def addresses(self, host: str, port: int = 0, family: int = 0) -> list[tuple[int, str]]:
        """Return (family, IP address) of a name in the system's order; raises OSError when it has none."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._pool, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
            )
        except UnicodeError:
            raise AddressError(f"not a host name: {host!r}") from None
        # a link-local answer carries its zone in the fourth place; it is refused with or without
        return [(int(entry[0]), str(entry[4][0])) for entry in found]

    async def network(self, host: str) -> Network:
        """Return LOCAL for a host whose every address is local, else PUBLIC: connecting checks that."""
        if is_ip(host):
            return Network.LOCAL if is_local(host) else Network.PUBLIC
        try:
            found = await self.addresses(host)
        except OSError:
            return Network.PUBLIC
        return Network.LOCAL if found and all(is_local(address) for _, address in found) else Network.PUBLIC

    def close(self) -> None:
        """Drop what was not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def new_connector(network: Network, lookup: Lookup) -> aiohttp.TCPConnector:
    """Make a connector into `network`; attempts to leave it raise AddressError, wrapped by aiohttp."""
    return aiohttp.TCPConnector(
        limit=0,
        resolver=_Resolver(network, lookup),
        use_dns_cache=False,
        socket_factory=_socket_factory(network),
    )


class _Resolver(AbstractResolver):
    """Answers only when all addresses lie in the network: one stray among them is a trap or an accident."""

    def __init__(self, network: Network, lookup: Lookup) -> None:
        self._network = network
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._lookup.addresses(host, port, family)
        for _, address in found:
            self._check(host, address)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, address in found
        ]

    async def close(self) -> None:
        """Nothing is held; the lookup is its owner's."""

    def _check(self, host: str, address: str) -> None:
        if not self._network.holds(address):
            raise _refusal(self._network, address, host)


def _socket_factory(network: Network) -> Callable[[Any], socket.socket]:
    def new_socket(place: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, target = place
        if not network.holds(str(target[0])):
            raise _refusal(network, str(target[0]))
        return socket.socket(family, kind, protocol)

    return new_socket


def _refusal(network: Network, address: str, host: str = "") -> AddressError:
    where = f"{host} ({address})" if host else address
    if network is Network.LOCAL:
        return AddressError(f"{where} has left the local network")
    return AddressError(
        f"{where} lies on loopback, in a private network or in one kept for special purposes"
        " (poller.allow_local permits configured feeds on loopback and in private networks)"
    )

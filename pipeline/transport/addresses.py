"""Host names in; whether they lie in a local network, and addresses that do not, out."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver


async def is_local(host: str) -> bool:
    """Tell whether a name or address leads to loopback or a private network only; False if to nowhere."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and not any(is_public(str(entry[4][0])) for entry in found)


def is_public(address: str) -> bool:
    """Tell whether an IP address may be reached over the open internet (IANA's special-purpose registries).

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(number, "ipv4_mapped", None) or number
    return bool(inner.is_global) and not inner.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names at the moment of connecting and drops addresses that are not public.

    So a name that changes its address between a check and the connection gains nothing.
    """

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return public addresses only; raises OSError when there are none."""
        found = await self._inner.resolve(host, port, family)
        public = [entry for entry in found if is_public(entry["host"])]
        if not public:
            raise OSError(f"{host} lies on loopback or in a private network")
        return public

    async def close(self) -> None:
        """Nothing is held."""
        await self._inner.close()

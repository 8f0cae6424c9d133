"""One request in, one answer out: every limit on size and time that a single exchange has is kept here."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

import aiohttp
from yarl import URL

from pipeline.transport.addresses import AddressError
from pipeline.transport.base import Fetched
from pipeline.transport.bodies import ACCEPT_ENCODING, BodyError, unpack
from pipeline.transport.connector import Lookup, Network, new_connector

_HEADER_BYTES = 32_768
"""Of one header; policies of 10 KB are common. aiohttp takes 128 of them."""
_PROGRESS_BYTES = 1_000
_LONGEST_VALIDATOR = 1_000
_PIECES_A_TURN = 16
_LISTS = frozenset({"cache-control", "content-encoding", "link"})
_ASCII = "".join(map(chr, range(0x20, 0x7F)))


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """How much one request may take, and how many there may be."""

    max_bytes: int = 8_000_000
    """Of a body as sent, and again of each stage of its unpacking."""
    timeout_s: float = 30.0
    """For the whole request with its redirects; waiting for one's turn at a host does not count."""
    headers_s: float = 15.0
    """For name, connection and headers of one answer."""
    stall_s: float = 8.0
    """Within this at least 1,000 bytes more of a body must come."""
    redirects: int = 5
    spacing_s: float = 1.0
    """Least time between the end of one request to a registrable domain and the beginning of the next."""
    concurrency: int = 64
    """Requests under way at once; those that wait for their turn do not count."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of an address, apart from where it leads."""

    accept: str
    max_bytes: int
    conditions: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    """To be posted; else the request is a GET."""
    cut: bool = False
    """Whether what exceeds `max_bytes` is left off, rather than the whole refused."""


class Exchange:
    """Sends single requests; follows nothing, retries nothing, keeps no cookies, obeys no environment."""

    def __init__(self, user_agent: str, limits: HttpLimits, lookup: Lookup, proxy: str | None = None) -> None:
        self._limits = limits
        self._lookup = lookup
        self._proxy = proxy
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING}
        self._sessions: dict[Network, aiohttp.ClientSession] = {}

    async def ask(self, url: URL, network: Network, ask: Ask, budget_s: float) -> Fetched:
        """Ask `url` within `budget_s` seconds; all that goes wrong becomes `fault` (RFC 9110)."""
        loop = asyncio.get_running_loop()
        end = loop.time() + budget_s
        headers_by = loop.time() + self._limits.headers_s
        response: aiohttp.ClientResponse | None = None
        try:
            async with (
                asyncio.timeout_at(min(end, headers_by)) as timer,
                self._send(url, network, ask) as response,
            ):
                return await self._read(response, ask, timer, end)
        except TimeoutError:
            return Fetched(0, fault=self._lateness(loop.time() >= end, response is not None), url=str(url))
        except BodyError as error:
            status = 0 if response is None else response.status
            headers = {} if response is None else _read_headers(response.headers)
            return Fetched(status, headers=headers, fault=str(error), url=str(url))
        except (aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as error:
            return Fetched(0, fault=_words(error), url=str(url))

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _send(self, url: URL, network: Network, ask: Ask) -> aiohttp.client._RequestContextManager:
        return self._session(network).request(
            "GET" if ask.form is None else "POST",
            url,
            headers={"Accept": ask.accept, **ask.conditions},
            data=ask.form,
            allow_redirects=False,
            proxy=self._proxy if network is Network.PUBLIC else None,
        )

    async def _read(
        self, response: aiohttp.ClientResponse, ask: Ask, timer: asyncio.Timeout, end: float
    ) -> Fetched:
        status, url = response.status, str(response.url)
        headers = _read_headers(response.headers)
        if status == 304 and ask.conditions:
            return Fetched(status, headers=headers, url=url)
        if status != 200 and (ask.form is None or not 200 <= status < 300):
            return Fetched(status, headers=headers, fault=f"HTTP {status}", url=url)
        chunks = await self._receive(response, ask, timer, end)
        body = await _unpacked(chunks, headers.get("content-encoding", ""), ask)
        etag, last_modified = _validator(headers.get("etag")), _validator(headers.get("last-modified"))
        return Fetched(status, body, etag, last_modified, headers, url=url)

    async def _receive(
        self, response: aiohttp.ClientResponse, ask: Ask, timer: asyncio.Timeout, end: float
    ) -> deque[bytes]:
        """Read a body as sent; `timer` is wound up whenever it grows."""
        loop = asyncio.get_running_loop()
        timer.reschedule(min(end, loop.time() + self._limits.stall_s))
        chunks: deque[bytes] = deque()
        room, fresh = ask.max_bytes, 0
        if not ask.cut and (response.content_length or 0) > room:
            raise BodyError(f"larger than {ask.max_bytes} bytes")
        async for chunk in response.content.iter_any():
            if len(chunk) > room:
                if not ask.cut:
                    raise BodyError(f"larger than {ask.max_bytes} bytes")
                chunks.append(chunk[:room])
                break
            chunks.append(chunk)
            room -= len(chunk)
            fresh += len(chunk)
            if fresh >= _PROGRESS_BYTES:
                fresh = 0
                timer.reschedule(min(end, loop.time() + self._limits.stall_s))
        return chunks

    def _session(self, network: Network) -> aiohttp.ClientSession:
        """One session for each network, whose connector cannot leave it."""
        session = self._sessions.get(network)
        if session is None:
            proxied = self._proxy is not None and network is Network.PUBLIC
            session = self._sessions[network] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0) if proxied else new_connector(network, self._lookup),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                auto_decompress=False,
                max_field_size=_HEADER_BYTES,
                trust_env=False,
            )
        return session

    def _lateness(self, total: bool, answered: bool) -> str:
        if total:
            return f"no full answer within {self._limits.timeout_s:g} s"
        if not answered:
            return f"no headers within {self._limits.headers_s:g} s"
        return f"body stands still: less than {_PROGRESS_BYTES} bytes in {self._limits.stall_s:g} s"


async def _unpacked(chunks: deque[bytes], content_encoding: str, ask: Ask) -> bytes:
    """Unpack a body in small steps, so that other requests are served in between."""
    pieces: list[bytes] = []
    try:
        for number, piece in enumerate(unpack(_emptying(chunks), content_encoding, ask.max_bytes), 1):
            pieces.append(piece)
            if number % _PIECES_A_TURN == 0:
                await asyncio.sleep(0)
    except BodyError:
        if not (ask.cut and pieces):
            raise
    return b"".join(pieces)


def _emptying(chunks: deque[bytes]) -> Iterator[bytes]:
    while chunks:
        yield chunks.popleft()


def _read_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Lower-case names; of repeated ones the first, or all of a list (RFC 9110, section 5.3)."""
    read: dict[str, str] = {}
    for name, value in headers.items():
        name = name.lower()
        if not value.isascii():
            value = _text(name, value.encode("utf-8", "surrogateescape"))
        if name not in read:
            read[name] = value
        elif name in _LISTS:
            read[name] += f", {value}"
    return read


def _text(name: str, raw: bytes) -> str:
    """Read a header's bytes; those of an address in some other charset stay what they are, as escapes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return quote_from_bytes(raw, safe=_ASCII) if name == "location" else raw.decode(errors="replace")


def _validator(value: str | None) -> str | None:
    """Keep a validator that can be sent back as it came."""
    if value and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable():
        return value
    return None


def _words(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return str(cause) if isinstance(cause, AddressError) else f"{type(error).__name__}: {cause}"[:300]

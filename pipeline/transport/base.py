"""What a stage needs from the world, as protocols: somewhere to publish, something to fetch with, a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pipeline.contract.codec import Headers

Now = Callable[[], datetime]
"""Gives the aware current moment; injected so that a replay can bring its own time."""


@dataclass(frozen=True, slots=True)
class Message:
    """One record as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    written_s: float | None = None
    """Unix time of the broker's stamp; negative where its sender hid that, None where there is no broker."""


class Publisher(Protocol):
    """Sends records at least once. Safe to call from one thread at a time.

    Keys that are not UTF-8 (of dead letters) travel as surrogate escapes and arrive as they were.
    """

    def send(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        """Queue one record; an empty value deletes its key on a compacted topic.

        Blocks while the byte budget of what is in flight is used up. Raises DependencyError when an
        earlier record could not be delivered.
        """

    def flush(self) -> None:
        """Return once every record sent so far is acknowledged; raises DependencyError otherwise."""

    def close(self) -> None:
        """Flush and let go of connections and files."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one request brought: a body, or the word that nothing changed, or a reason why not."""

    status: int
    """HTTP status; 0 when no answer came."""
    body: bytes = b""
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Response headers, lower-case names."""
    fault: str | None = None
    """Why there is no usable answer, in words for an operator; status and headers stay with it."""
    url: str = ""
    """The address that answered, behind all redirects: the base of relative links (RFC 3986, 5.1.3)."""
    moved_to: str | None = None
    """`url` again, if it answered well and each redirect that led there was permanent (301, 308)."""

    @property
    def unchanged(self) -> bool:
        """True for 304 Not Modified."""
        return self.status == 304


class Fetcher(Protocol):
    """Gets bytes from an address."""

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        """Get `url`, conditionally where validators are given; never raises for what the far side does."""

    async def close(self) -> None:
        """Let go of connections."""

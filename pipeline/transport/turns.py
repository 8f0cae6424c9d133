"""A host in; its turn to be asked, out: by registrable domain one request at a time, with pauses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache

from publicsuffixlist import PublicSuffixList

from pipeline.transport.addresses import is_ip

_SWEEP_AT = 1_000


def registrable_domain(host: str) -> str:
    """Return the domain that someone registered below a public suffix (publicsuffix.org, both sections).

    An IP address, a public suffix itself and a name of one label stand for themselves.

    >>> [registrable_domain(host) for host in ("feeds.bbci.co.uk", "10.0.0.1", "localhost")]
    ['bbci.co.uk', '10.0.0.1', 'localhost']
    """
    host = host.rstrip(".").lower()
    if is_ip(host):
        return host
    return _suffixes().privatesuffix(host) or host


@dataclass(slots=True)
class _Queue:
    """Those who want to ask one domain; times are the loop's, in seconds."""

    spacing_s: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended_at: float = float("-inf")
    """When the latest request was over."""
    closed_until: float = 0.0
    """Before this nothing optional is asked."""
    waiting: int = 0
    """Holders of turns and those who wait for one."""


class Turns:
    """Gives turns, first come, first served; only who has one takes a place among `concurrency` requests.

    So those who wait for a busy domain keep nobody else waiting.
    """

    def __init__(self, spacing_s: float, concurrency: int) -> None:
        """`spacing_s` is the least time between the end of a request and the beginning of the next."""
        self._spacing_s = spacing_s
        self._places = asyncio.Semaphore(concurrency)
        self._queues: dict[str, _Queue] = {}
        self._sweep_at = _SWEEP_AT

    @contextlib.asynccontextmanager
    async def take(self, host: str) -> AsyncIterator[None]:
        """Wait for the turn of `host`'s domain and hold it."""
        queue = self._queue(host)
        loop = asyncio.get_running_loop()
        queue.waiting += 1
        try:
            async with queue.lock:
                if (wait_s := queue.ended_at + queue.spacing_s - loop.time()) > 0:
                    await asyncio.sleep(wait_s)
                async with self._places:
                    try:
                        yield
                    finally:
                        queue.ended_at = loop.time()
        finally:
            queue.waiting -= 1

    def keep_apart(self, host: str, spacing_s: float) -> None:
        """Pause `spacing_s` seconds between requests to a domain from now on, if that is more than usual."""
        self._queue(host).spacing_s = max(self._spacing_s, spacing_s)

    def close(self, host: str, seconds: float) -> None:
        """Remember that a domain wants to be left alone for so long."""
        queue = self._queue(host)
        queue.closed_until = max(queue.closed_until, asyncio.get_running_loop().time() + seconds)

    def closed_s(self, host: str) -> float:
        """Seconds for which a domain still wants to be left alone; 0 if it does not."""
        queue = self._queues.get(registrable_domain(host))
        return 0.0 if queue is None else max(0.0, queue.closed_until - asyncio.get_running_loop().time())

    def _queue(self, host: str) -> _Queue:
        domain = registrable_domain(host)
        queue = self._queues.get(domain)
        if queue is None:
            if len(self._queues) >= self._sweep_at:
                self._sweep()
            queue = self._queues[domain] = _Queue(self._spacing_s)
        return queue

    def _sweep(self) -> None:
        """Forget domains of which there is nothing to remember; pages bring thousands."""
        now = asyncio.get_running_loop().time()
        self._queues = {
            domain: queue
            for domain, queue in self._queues.items()
            if queue.waiting or max(queue.ended_at + queue.spacing_s, queue.closed_until) > now
        }
        self._sweep_at = max(_SWEEP_AT, 2 * len(self._queues))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

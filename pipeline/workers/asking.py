"""Feeds to ask in; what each answered, out: in the order of asking, unless a feed is slow.

    wait for the domain's other feeds → wait for room → fetch → parse → fetch pages → wait to be taken

A feed that has not answered within `_PATIENCE_S` loses its place, so that it holds up nobody for longer.
What was fetched and not yet published is bounded by number and bytes: while publishing waits, so does
fetching.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from pipeline.articles.feed import Feed
from pipeline.articles.fulltext import PageText
from pipeline.articles.normalize import Reading
from pipeline.articles.parse import Refusal
from pipeline.articles.schedule import FeedState
from pipeline.transport.base import Fetched, Fetcher, Now
from pipeline.transport.turns import registrable_domain
from pipeline.workers.parsing import Parser
from pipeline.workers.room import Room

_PATIENCE_S = 0.4
_AHEAD = 4
"""Answers that may wait to be published, for each request in flight."""
_AHEAD_BYTES = 12_000_000
"""Bytes of documents whose readings wait; a reading takes about twice its document."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking one feed brought: the reading, or None for 304, or why there is none."""

    feed: Feed
    state: FeedState
    """As it was when the feed was asked."""
    at: datetime
    """When it answered."""
    fetched: Fetched
    """Without its body."""
    reading: Reading | Refusal | None
    size_bytes: int = 0
    """Of the body."""
    pages: Mapping[str, PageText] = field(default_factory=dict)
    """Texts of entries' pages, by canonical URL."""
    push: int | None = None
    """Number of the push that brought it, where nobody was asked."""

    @property
    def is_push(self) -> bool:
        """True for what a hub pushed."""
        return self.push is not None


PageTexts = Callable[[Feed, Reading], Awaitable[Mapping[str, PageText]]]
"""Gets the pages of those entries that need one."""


@dataclass(slots=True)
class _Domain:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Asking:
    """Feeds that were asked and whose answers have not been settled yet; each at most once."""

    def __init__(
        self, fetcher: Fetcher, parser: Parser, concurrency: int, page_texts: PageTexts | None = None
    ) -> None:
        """The fetcher itself keeps to so many requests at once; here it scales what may wait."""
        self._fetcher = fetcher
        self._parser = parser
        self._page_texts = page_texts
        self._room = Room(_AHEAD * concurrency, _AHEAD_BYTES)
        self._domains: dict[str, _Domain] = {}
        self._asked: dict[str | int, tuple[float, asyncio.Task[Answer]]] = {}
        """By feed_id; what was pushed, by its number."""
        self._pushes = 0
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._asked)

    def __contains__(self, feed_id: str) -> bool:
        return feed_id in self._asked

    def ask(self, feed: Feed, state: FeedState, now: Now) -> None:
        """Begin to ask a feed; `now` is read when it has answered."""
        task = asyncio.create_task(self._answer(feed, state, now))
        task.add_done_callback(lambda _: self._changed.set())
        self._asked[feed.feed_id] = (asyncio.get_running_loop().time(), task)

    def take(self, feed: Feed, state: FeedState, fetched: Fetched, now: Now) -> None:
        """Begin to read a document that was pushed; it takes its turn among the answers."""
        self._pushes += 1
        task = asyncio.create_task(self._pushed(feed, state, fetched, now, self._pushes))
        task.add_done_callback(lambda _: self._changed.set())
        self._asked[self._pushes] = (asyncio.get_running_loop().time(), task)

    @property
    def pushed(self) -> int:
        """Pushed documents that are not settled yet."""
        return sum(isinstance(name, int) for name in self._asked)

    async def next(self, timeout_s: float) -> Answer | None:
        """Wait for the answer whose turn it is; None after `timeout_s` or `wake`. It stays until settled."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            self._changed.clear()
            until = deadline
            for asked_at, task in self._asked.values():
                if task.done():
                    return task.result()
                if loop.time() < asked_at + _PATIENCE_S:
                    until = min(until, asked_at + _PATIENCE_S)
                    break
            try:
                async with asyncio.timeout_at(until):
                    await self._changed.wait()
            except TimeoutError:
                if loop.time() >= deadline:
                    return None
                continue
            if not any(task.done() for _, task in self._asked.values()):
                return None

    def settle(self, answer: Answer) -> None:
        """Forget an answer: it is published and saved."""
        del self._asked[answer.feed.feed_id if answer.push is None else answer.push]
        self._room.leave(answer.size_bytes)

    def wake(self) -> None:
        """End the wait of `next`."""
        self._changed.set()

    async def abandon(self) -> None:
        """Forget all, whatever has answered."""
        tasks = [task for _, task in self._asked.values()]
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        for answer in done:
            if isinstance(answer, Answer):
                self.settle(answer)
        self._asked.clear()

    async def _answer(self, feed: Feed, state: FeedState, now: Now) -> Answer:
        """Fetch and parse; whatever goes wrong there is this feed's fault alone."""
        async with self._turn(registrable_domain(urlsplit(state.asked).hostname or "")):
            await self._room.enter()
            try:
                fetched = await self._fetcher.fetch(state.asked, state.etag, state.last_modified)
            except asyncio.CancelledError:
                self._room.leave(0)
                raise
            except Exception as error:
                fetched = Fetched(0, fault=f"{type(error).__name__}: {error}")
        return await self._complete(feed, state, fetched, now)

    async def _pushed(self, feed: Feed, state: FeedState, fetched: Fetched, now: Now, number: int) -> Answer:
        await self._room.enter()
        return replace(await self._complete(feed, state, fetched, now), push=number)

    async def _complete(self, feed: Feed, state: FeedState, fetched: Fetched, now: Now) -> Answer:
        """Read what was fetched, and the pages it wants, inside the room."""
        size = len(fetched.body)
        self._room.hold(size)
        try:
            reading = await self._read(fetched, state)
            pages: Mapping[str, PageText] = {}
            if self._page_texts is not None and feed.full_text and isinstance(reading, Reading):
                pages = await self._page_texts(feed, reading)
        except asyncio.CancelledError:
            self._room.leave(size)
            raise
        return Answer(feed, state, now(), replace(fetched, body=b""), reading, size, pages)

    async def _read(self, fetched: Fetched, state: FeedState) -> Reading | Refusal | None:
        if fetched.fault is not None:
            return Refusal(fetched.fault)
        if fetched.unchanged:
            return None
        content_type = fetched.headers.get("content-type", "")
        try:
            return await self._parser.read(fetched.body, content_type, fetched.url or state.asked)
        except Exception as error:
            return Refusal(f"{type(error).__name__}: {error}")

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        """Let one feed of a domain have room at a time, so that a crowded domain leaves room to others."""
        domain = self._domains.setdefault(name, _Domain())
        domain.waiting += 1
        try:
            async with domain.lock:
                yield
        finally:
            domain.waiting -= 1
            if not domain.waiting:
                del self._domains[name]

"""Wishes for pushed news in; documents that hubs push, once believed, out. Wiring only: articles/ decides.

A small HTTP server answers hubs: GET verifies an intent, POST brings a document. It speaks plain HTTP; put a
proxy with TLS before it, and give that proxy's address as `callback`. What a crash loses after a hub was told
"received" is found again by polling, which goes on beside.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog
from aiohttp import web

from pipeline.articles import websub
from pipeline.articles.websub import Mode, Subscription, Wish
from pipeline.contract.errors import DependencyError
from pipeline.transport.base import Fetched, Now

log = structlog.get_logger()

Deliver = Callable[[str, bytes, str], bool]
"""Takes a feed's id, a document and its content type; False where there is no room: the hub tries again."""

_LOOK_S = 5.0
_BODY_S = 15.0
_READ_AT_ONCE = 4
_ASKED_AT_ONCE = 100
_BUSY_S = "60"


class Poster(Protocol):
    """What is needed of a fetcher."""

    async def post_form(self, url: str, form: Mapping[str, str]) -> Fetched:
        """Post a form; never raises for what the far side does."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where hubs come in."""

    callback: str
    """Address that hubs reach, without the last part: https://example.org/websub."""
    host: str = "127.0.0.1"
    port: int = 8088
    """0 takes any that is free."""
    max_bytes: int = 5_000_000
    """Of one document."""


class Subscriber:
    """Keeps subscriptions at hubs and hands on what they push."""

    def __init__(
        self,
        poster: Poster,
        key: bytes,
        door: Door,
        deliver: Deliver,
        *,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        """`key`: see `load_key`. `deliver` is called in the event loop and must return at once."""
        self._poster = poster
        self._key = key
        self._door = door
        self._deliver = deliver
        self._now = now
        self._by_name: dict[str, Subscription] = {}
        self._names: dict[str, str] = {}
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    def want(self, feed_id: str, wish: Wish | None) -> None:
        """Say what to subscribe to for a feed from now on; None ends what there was."""
        own = self._by_name.get(self._names.get(feed_id, ""))
        if own is not None and own.wish == wish:
            return
        if own is not None:
            del self._names[feed_id]
            if own.leased_until is None and own.waits_until is None:
                del self._by_name[own.name]
            else:
                self._set(websub.leaving(own, self._now()))
        if wish is not None:
            new = websub.subscription(self._key, feed_id, wish, self._now())
            self._names[feed_id] = new.name
            self._set(new)

    def holds(self, feed_id: str) -> bool:
        """Tell whether a hub pushes this feed's news at present, as far as one can know."""
        own = self._by_name.get(self._names.get(feed_id, ""))
        return own is not None and own.holds(self._now())

    @property
    def port(self) -> int:
        """The port listened on, once open."""
        assert self._runner is not None
        return int(self._runner.addresses[0][1])

    async def open(self) -> None:
        """Listen for hubs; raises DependencyError where the port cannot be had."""
        app = web.Application()
        app.router.add_get("/{any:.*}", self._verify)
        app.router.add_post("/{any:.*}", self._receive)
        # Bodies stay as sent: what is signed is what came, and nothing is inflated.
        self._runner = web.AppRunner(app, access_log=None, auto_decompress=False, keepalive_timeout=15.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._door.host, self._door.port).start()
        except OSError as error:
            raise DependencyError(f"cannot listen for hubs on port {self._door.port}: {error}") from error

    async def run(self) -> None:
        """Listen, and ask hubs whenever that is due, until `stop`."""
        if self._runner is None:
            await self.open()
        while not self._stopping.is_set():
            await self.ask_due()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_S)

    def stop(self) -> None:
        """End `run`; subscriptions stay, for a restart takes them up again."""
        self._stopping.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def ask_due(self) -> int:
        """Ask the hubs of subscriptions that are due, the longest due first; returns how many."""
        now = self._now()
        due = sorted((own for own in self._by_name.values() if own.ask_at <= now), key=lambda own: own.ask_at)
        gone = [own for own in due if own.mode is Mode.UNSUBSCRIBE and own.failures]
        for own in gone:  # the hub did not confirm: its lease will end
            del self._by_name[own.name]
        asked = [own for own in due if own not in gone][:_ASKED_AT_ONCE]
        await asyncio.gather(*(self._ask(own) for own in asked))
        return len(asked)

    async def _ask(self, own: Subscription) -> None:
        self._set(websub.asking(own, self._now()))
        try:
            answer = await self._poster.post_form(own.wish.hub, websub.form(own, self._door.callback))
            fault = answer.fault
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        after = self._by_name.get(own.name)
        if fault is not None and after is not None and after.mode is own.mode:
            log.warning("websub_not_asked", feed=own.feed_id, hub=own.wish.hub, reason=fault)
            self._set(websub.not_asked(after, self._now()))

    async def _verify(self, request: web.Request) -> web.Response:
        own = self._named(request)
        if own is None:
            return _said(404)
        after, reply = websub.verify(own, request.query, self._now())
        if reply.status != 404:
            denied = request.query.get("hub.mode") == "denied"
            event = "websub_denied" if denied else f"websub_{own.mode}d"
            log.info(
                event, feed=own.feed_id, hub=own.wish.hub, reason=request.query.get("hub.reason", "")[:200]
            )
            if own.mode is Mode.UNSUBSCRIBE:
                del self._by_name[own.name]
            else:
                self._set(after)
        return _said(reply.status, reply.body)

    async def _receive(self, request: web.Request) -> web.Response:
        """Take a document; who signs wrongly is not told so (section 7.1.2), lest keys be tried."""
        own = self._named(request)
        if own is None:
            return _said(404)
        if own.mode is Mode.UNSUBSCRIBE:
            return _said(410)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return _said(415)
        if self._reading.locked():
            return _busy()
        async with self._reading:
            body = await self._body(request)
        if isinstance(body, web.Response):
            return body
        if (fault := websub.push_fault(own, body, request.headers.get("X-Hub-Signature"))) is not None:
            log.warning("websub_push_refused", feed=own.feed_id, hub=own.wish.hub, reason=fault)
            return _said(202)
        return _said(202) if self._deliver(own.feed_id, body, request.content_type) else _busy()

    async def _body(self, request: web.Request) -> bytes | web.Response:
        """The document, or why it is not taken."""
        if (request.content_length or 0) > self._door.max_bytes:
            return _said(413)
        body = bytearray()
        try:
            async with asyncio.timeout(_BODY_S):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > self._door.max_bytes:
                        return _said(413)
        except TimeoutError:
            return _said(408)
        return bytes(body)

    def _named(self, request: web.Request) -> Subscription | None:
        return self._by_name.get(request.path.rpartition("/")[2])

    def _set(self, own: Subscription) -> None:
        self._by_name[own.name] = own


def load_key(path: Path) -> bytes:
    """Return the key that secrets are drawn from; makes the file, for its owner alone, where there is none.

    Raises DependencyError where the file can be neither read nor made, or holds less than a key.
    """
    try:
        with contextlib.suppress(FileExistsError):
            made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(made, "wb") as file:
                file.write(secrets.token_bytes(websub.KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        raise DependencyError(f"cannot keep the key for WebSub: {error}") from error
    if len(key) < websub.KEY_BYTES:
        raise DependencyError(f"{path} holds no whole key; delete it, and a new one is made")
    return key


def _said(status: int, body: str = "") -> web.Response:
    """Plain text, so that an echoed challenge is never taken for a page."""
    closing = {"Connection": "close"} if status in (408, 413, 415) else {}
    return web.Response(status=status, text=body, headers={"X-Content-Type-Options": "nosniff", **closing})


def _busy() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": _BUSY_S})

"""Files in; a local HTTP server that serves them one after another at one address, as a feed changes, out.

For tests, replays of recorded polls and the compose test; can also be told to misbehave.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

Fault = Literal["500", "503", "garbage", "html", "empty", "slow", "stall", "close", "redirect", "bomb"]
PATH = "/feed.xml"
_Misbehaviour = Callable[["FeedServer", BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the server saw it."""

    at: float
    """Seconds of a monotonic clock."""
    if_none_match: str | None
    user_agent: str
    status: int


class FeedServer:
    """Serves `files` in their order: the same one until `advance`, or, with `auto`, the next at each answer.

    After the last file that one stays. Identical bytes carry the same ETag and answer 304 to a request
    that names it. `fault` makes it misbehave until it is set back to None.
    """

    def __init__(self, files: Sequence[Path | bytes], *, auto: bool = False, port: int = 0) -> None:
        if not files:
            raise ValueError("a feed server needs at least one file")
        self.fault: Fault | None = None
        self.redirect_to = ""
        """Where `fault = "redirect"` points."""
        self.requests: list[Request] = []
        self._files = list(files)
        self._auto = auto
        self._at = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._http = _Quiet(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})

    @classmethod
    def of_folder(cls, folder: Path, *, auto: bool = False) -> Self:
        """Serve the files of a folder in order of name."""
        return cls(sorted(path for path in folder.iterdir() if path.is_file()), auto=auto)

    @property
    def url(self) -> str:
        """The feed's address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}{PATH}"

    def advance(self) -> bool:
        """Go on to the next file; tells whether there was one."""
        with self._lock:
            more = self._at + 1 < len(self._files)
            self._at += more
            return more

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request; called by the server's threads."""
        if self.fault is None:
            self._serve(handler)
        else:
            _MISBEHAVE[self.fault](self, handler)

    def note(self, handler: BaseHTTPRequestHandler, status: int) -> None:
        """Remember a request."""
        names = handler.headers
        request = Request(time.monotonic(), names.get("If-None-Match"), names.get("User-Agent", ""), status)
        with self._lock:
            self.requests.append(request)

    def wait(self, seconds: float) -> None:
        """Pause a misbehaving answer; ends early with the server."""
        self._stop.wait(seconds)

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            item = self._files[self._at]
        body = item if isinstance(item, bytes) else item.read_bytes()
        tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if handler.headers.get("If-None-Match") == tag:
            self.note(handler, 304)
            handler.send_response(304)
            handler.send_header("ETag", tag)
            handler.end_headers()
        else:
            self.note(handler, 200)
            _send(handler, 200, body, {"ETag": tag, "Content-Type": "application/rss+xml"})
        if self._auto:
            self.advance()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away."""


def _handler(server: FeedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:  # http.server's name
            server.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def _status(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> _Misbehaviour:
    def act(server: FeedServer, handler: BaseHTTPRequestHandler) -> None:
        server.note(handler, status)
        _send(handler, status, body, headers or {})

    return act


def _slow(server: FeedServer, handler: BaseHTTPRequestHandler) -> None:
    server.note(handler, 200)
    server.wait(5)
    _send(handler, 200, b"", {})


def _stall(server: FeedServer, handler: BaseHTTPRequestHandler) -> None:
    """Promise more than comes."""
    server.note(handler, 200)
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b"<rss>")
    handler.wfile.flush()
    server.wait(60)
    handler.close_connection = True


def _close(server: FeedServer, handler: BaseHTTPRequestHandler) -> None:
    server.note(handler, 0)
    handler.close_connection = True
    handler.connection.close()


def _redirect(server: FeedServer, handler: BaseHTTPRequestHandler) -> None:
    server.note(handler, 302)
    _send(handler, 302, b"", {"Location": server.redirect_to or server.url})


def _bomb(server: FeedServer, handler: BaseHTTPRequestHandler) -> None:
    """Send 200 KB that unpack to 200 MB."""
    import gzip

    server.note(handler, 200)
    _send(handler, 200, gzip.compress(b" " * 200_000_000, 9), {"Content-Encoding": "gzip"})


_MISBEHAVE = {
    "500": _status(500),
    "503": _status(503, {"Retry-After": "7200"}),
    "garbage": _status(200, body=b"\x00\xff\xfe not a feed \x01" * 50),
    "html": _status(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><body>Hi</body></html>"),
    "empty": _status(200),
    "slow": _slow,
    "stall": _stall,
    "close": _close,
    "redirect": _redirect,
    "bomb": _bomb,
}

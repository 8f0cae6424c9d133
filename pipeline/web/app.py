"""The dashboard's Starlette edge: pages, JSON and CSV of each view, and server-sent events."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.contract.errors import BadRecordError, PipelineError
from pipeline.shipped import require_shipped
from pipeline.web import atlas, views
from pipeline.web.desk import Desk
from pipeline.web.live import Change, ChangeLog
from pipeline.web.security import LOCAL, Guard
from pipeline.web.sources import Source
from pipeline.web.tables import bloc_row, happening_row, to_csv

log = structlog.get_logger()
STATIC = Path(str(resources.files("pipeline.web"))) / "static"
_BEAT_S = 10.0
_LOOK_S = 0.1
_MOST_STREAMS = 64
_MOST_TIES = 1000
_ASKED = ("at", "view", "most", "focus")
"""Parameters of an address that an answer depends on."""
_MEMO = 40
"""Answers kept while nothing changes."""


class Live:
    """A desk that a thread keeps up to date from a source, and the log of what changed."""

    def __init__(self, desk: Desk, source: Source) -> None:
        self.desk = desk
        self.changes = ChangeLog(secrets.token_hex(4))
        self.ready = threading.Event()
        self.fault: str | None = None
        self.streams = 0
        self._source = source
        self._version = self._memo_of = 0
        self._memo: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dashboard-source", daemon=True)

    @property
    def trouble(self) -> str | None:
        """Why what is shown may be wrong or incomplete, or None."""
        return self.fault or (None if self.ready.is_set() else "it is still being read")

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; a source that waits for a broker ends with the process."""
        self._stop.set()
        self._thread.join(timeout=2)

    def view(self, name: str, compute: Callable[[Desk], Any]) -> Any:
        """Compute a view while nothing changes under it; many readers of one state share the answer."""
        with self._lock:
            if self._memo_of != self._version:
                self._memo.clear()
                self._memo_of = self._version
            if name not in self._memo:
                if len(self._memo) >= _MEMO:
                    self._memo.clear()
                self._memo[name] = compute(self.desk)
            return self._memo[name]

    def since(self, offset: int) -> list[Change]:
        """Changes from an offset on."""
        with self._lock:
            return self.changes.since(offset)

    def resume(self, last_event_id: str | None) -> tuple[int, bool]:
        """See `ChangeLog.resume`."""
        with self._lock:
            return self.changes.resume(last_event_id)

    def _run(self) -> None:
        try:
            self._source.follow(self._take, self.ready.set, self._stop)
        except PipelineError as error:
            self.fault = str(error)
            log.error("dashboard_source_failed", reason=self.fault)
            self.ready.set()

    def _take(self, topic: str, key: str, value: bytes | None) -> None:
        with self._lock:
            try:
                changed = self.desk.model.fold(topic, key, value)
            except (BadRecordError, ValueError) as error:
                log.warning("message_passed_over", topic=topic, key=key, reason=str(error))
                return
            self._version += changed
            if changed and self.ready.is_set():
                self.changes.append(topic, key)


def create_app(live: Live, hosts: Iterable[str] = LOCAL) -> Starlette:
    """Build the application; `live` starts and stops with it. Raises AlteredFileError for vendored files."""
    require_shipped("pipeline/web/static/vendor")

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        live.start()
        yield
        live.stop()

    def answer(compute: Callable[[Request], Callable[[Desk], Any]]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            await run_in_threadpool(live.ready.wait, 60)
            look = compute(request)
            data = await run_in_threadpool(
                live.view, _name(request), lambda desk: look(_through(request, desk))
            )
            if data is None:
                raise HTTPException(404, "Nothing is known of that; perhaps no news has named it yet.")
            if request.path_params.get("table"):
                return _csv(request, data)
            return JSONResponse({**data, "fault": live.trouble}, headers={"Cache-Control": "no-store"})

        return endpoint

    async def page(_: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def health(_: Request) -> Response:
        ready = live.ready.is_set() and live.fault is None
        return JSONResponse({"ready": ready, "fault": live.fault}, 200 if ready else 503)

    async def stream(request: Request) -> Response:
        if live.streams >= _MOST_STREAMS:
            raise HTTPException(503, "Too many pages are open; close some.")
        asked = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
        return StreamingResponse(
            _events(live, asked),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    views_of: Mapping[str, Callable[[Request], Callable[[Desk], Any]]] = {
        "/api/overview": lambda r: views.overview,
        "/api/network": lambda r: (
            lambda desk: atlas.network(desk, _number(r, "most", atlas.SHOWN), r.query_params.get("focus"))
        ),
        "/api/blocs": lambda r: atlas.blocs,
        "/api/coalition/{name}": lambda r: lambda desk: views.coalition(desk, r.path_params["name"], _day(r)),
        "/api/dyad/{one}/{other}": lambda r: (
            lambda desk: views.dyad(desk, r.path_params["one"], r.path_params["other"], _day(r))
        ),
        "/api/map/{bloc}": lambda r: lambda desk: atlas.alignment(desk, r.path_params["bloc"]),
    }
    pages = (
        "/",
        "/coalition/{name}",
        "/dyad/{one}/{other}",
        "/network",
        "/blocs",
        "/map",
        "/map/{bloc}",
        "/method",
    )
    routes = [
        Route("/health", health),
        Route("/api/stream", stream),
        *(Route(f"{path}/{{table}}.csv", answer(compute)) for path, compute in views_of.items()),
        *(Route(path, answer(compute)) for path, compute in views_of.items()),
        *(Route(path, page) for path in pages),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    guard = Middleware(Guard, hosts=tuple(hosts))
    return Starlette(
        routes=routes,
        lifespan=life,
        middleware=[guard, Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={HTTPException: _refuse},
    )


async def _refuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "fault"
    if status == 404 and not request.url.path.startswith(("/api", "/static")):
        return FileResponse(STATIC / "index.html", 404)
    return JSONResponse({"error": detail}, status)


async def _events(live: Live, asked: str | None) -> AsyncIterator[bytes]:
    """Changes as server-sent events (WHATWG HTML, 9.2), each with its id; a comment where nothing happens."""
    live.streams += 1
    try:
        offset, anew = live.resume(asked)
        # An id at once: a browser whose connection breaks before the first change resumes from here.
        yield f"retry: 1000\nid: {live.changes.epoch}.{offset - 1}\nevent: hello\ndata: {{}}\n\n".encode()
        if anew:
            yield f"id: {live.changes.epoch}.{offset - 1}\nevent: reset\ndata: {{}}\n\n".encode()
        quiet = 0.0
        while True:
            changes = live.since(offset)
            if changes and changes[0].offset > offset:  # too slow: what lay between is gone
                yield f"id: {live.changes.epoch}.{changes[-1].offset}\nevent: reset\ndata: {{}}\n\n".encode()
            else:
                for change in changes:
                    yield _frame(live.changes.epoch, change)
            if changes:
                offset, quiet = changes[-1].offset + 1, 0.0
            await asyncio.sleep(_LOOK_S)
            quiet += _LOOK_S
            if quiet >= _BEAT_S:
                quiet = 0.0
                yield b": still here\n\n"
    finally:
        live.streams -= 1


def _frame(epoch: str, change: Change) -> bytes:
    data = JSONResponse({"topic": change.topic, "key": change.key}).body
    return f"id: {epoch}.{change.offset}\nevent: change\ndata: ".encode() + bytes(data) + b"\n\n"


def _csv(request: Request, data: Mapping[str, Any]) -> Response:
    table = request.path_params["table"]
    rows = data.get(table)
    if isinstance(rows, list) and table == "happenings":
        rows = [happening_row(card) for card in rows]
    elif isinstance(rows, list) and table == "blocs":
        rows = [bloc_row(bloc) for bloc in rows]
    elif table == "matrix" and rows:
        rows = [{"dyad": dyad, **cell} for dyad, cell in sorted(rows["cells"].items())]
    if not isinstance(rows, list) or (rows and not isinstance(rows[0], dict)):
        raise HTTPException(404, "There is no such table here.")
    name = f"blocwatch-{table}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(to_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _name(request: Request) -> str:
    """What an answer depends on: the address without the table, and all that was asked for."""
    path = request.url.path
    if table := request.path_params.get("table"):
        path = path.removesuffix(f"/{table}.csv")
    return f"{path}?{'&'.join(request.query_params.get(name, '') for name in _ASKED)}"


def _through(request: Request, desk: Desk) -> Desk:
    view = request.query_params.get("view") or None
    try:
        return desk.through(view)
    except KeyError as error:
        known = ", ".join(look.name for look in desk.params.views)
        raise HTTPException(404, f"There is no such view; choose one of {known}.") from error


def _number(request: Request, name: str, usual: int) -> int:
    text = request.query_params.get(name)
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= _MOST_TIES):
        raise HTTPException(400, f"{name} is a number from 1 to {_MOST_TIES}.")
    return int(text)


def _day(request: Request) -> date | None:
    try:
        text = request.query_params.get("at")
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise HTTPException(400, "Write the day as 2024-03-21.") from error

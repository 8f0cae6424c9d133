"""A dashboard over any source in a thread, and pages of it on which nothing may go wrong."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from pipeline.web.app import Live, create_app
from pipeline.web.desk import Desk
from pipeline.web.readmodel import ReadModel
from pipeline.web.sources import Source

SLOW_MS = 30_000


class Server:
    """A dashboard over a source, in a thread."""

    def __init__(self, source: Source) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.live = Live(Desk(ReadModel(), {"CHN": "China", "RUS": "Russia"}), source)
        config = uvicorn.Config(
            create_app(self.live), "127.0.0.1", self.port, log_level="error", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Server:
        self._thread.start()
        assert self.live.ready.wait(120)
        while not self._server.started:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def clean_page(browser: Any, address: str) -> Iterator[Any]:
    """A page that fails the test on any console error, uncaught error, CSP fault or foreign request."""
    context = browser.new_context(base_url=address, viewport={"width": 1200, "height": 900})
    shown = context.new_page()
    shown.set_default_timeout(SLOW_MS)
    faults: list[str] = []
    shown.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on(
        "request",
        lambda r: None if r.url.startswith((address, "blob:", "data:")) else faults.append(r.url),
    )
    shown.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"
    )
    yield shown
    context.close()
    assert not faults


def open_view(page: Any, path: str, wanted: str) -> None:
    """Open an address and wait for an element, and for the stream of changes."""
    page.goto(path)
    page.wait_for_selector(wanted, state="attached")
    page.wait_for_selector("html[data-stream=open]", state="attached")

"""The dashboard in a real Chromium: every view, live updates, drill-down, faults, accessibility, phones."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from pipeline.web.app import Live, create_app
from pipeline.web.desk import Desk
from pipeline.web.readmodel import ReadModel
from pipeline.web.sources import FolderSource
from tests.browser.sample import DAYS, START, event, metric, write, write_sample

playwright = pytest.importorskip("playwright.sync_api", reason="LEFT OUT: Playwright is not installed")
from tests.browser.chromium import available, chromium  # noqa: E402 - needs Playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(available() is not None, reason=f"LEFT OUT: {available()}"),
]
VIEWS = {
    "/": "article.card .uplot canvas",
    "/coalition/axis": "table.matrix a",
    "/dyad/CHN/RUS": "article.happening mark.trigger",
    "/network?coalition=axis": "svg line",
    "/map/axis": "svg path[data-code=RUS]",
    "/method": "dl code",
}
SLOW_MS = 30_000


class Server:
    """A dashboard over a folder, in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.live = Live(Desk(ReadModel(), {"CHN": "China", "RUS": "Russia"}), FolderSource(folder))
        config = uvicorn.Config(
            create_app(self.live), "127.0.0.1", self.port, log_level="error", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Server:
        self._thread.start()
        assert self.live.ready.wait(60)
        while not self._server.started:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    write_sample(tmp_path)
    with Server(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    """A page that fails the test on any console error, uncaught error, CSP fault or foreign request."""
    context = browser.new_context(base_url=server.address, viewport={"width": 1200, "height": 900})
    shown = context.new_page()
    shown.set_default_timeout(SLOW_MS)
    faults: list[str] = []
    shown.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on(
        "request",
        lambda r: None if r.url.startswith((server.address, "blob:", "data:")) else faults.append(r.url),
    )
    shown.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"
    )
    yield shown
    context.close()
    assert not faults


def _open(page: Any, path: str, wanted: str) -> None:
    page.goto(path)
    page.wait_for_selector(wanted, state="attached")
    page.wait_for_selector("html[data-stream=open]", state="attached")


@pytest.mark.parametrize(("path", "wanted"), VIEWS.items())
def test_each_view_is_clean_in_light_dark_and_on_a_phone(page: Any, path: str, wanted: str) -> None:
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        _open(page, path, wanted)
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [v for v in found["violations"] if v["impact"] in {"serious", "critical"}]
        assert not [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in grave]
    page.set_viewport_size({"width": 360, "height": 740})
    _open(page, path, wanted)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_live_update_arrives_within_two_seconds(page: Any, server: Server) -> None:
    _open(page, "/dyad/CHN/RUS", "article.happening")
    took = []
    for number in range(3):  # the best of three: a busy machine may hold one up, never all by design
        sentence = f"Russia praised China warmly, {number}."
        row = event(10 + number, sentence, "praised", DAYS - 1 - number) | {"type": "SUPPORT"}
        began = time.monotonic()
        write(server.folder / "events.jsonl", [event(1, "Russia met China in Moscow.", "met"), row])
        page.wait_for_function("s => document.body.innerText.includes(s)", arg=sentence)
        took.append(time.monotonic() - began)
    assert min(took) < 2, took


def test_drill_down_from_the_first_view_to_the_sentence(page: Any) -> None:
    _open(page, "/", "article.card")
    page.click("#card-axis h3 a")
    page.click("table.matrix a[href='/dyad/CHN/RUS']")
    quote = page.wait_for_selector("blockquote:has-text('Russia met China in Moscow.')")
    assert quote.query_selector("mark.source").inner_text() == "Russia"
    assert quote.query_selector("mark.trigger").inner_text() == "met"
    page.go_back()
    page.wait_for_selector("table.matrix")


def test_hostile_titles_are_text(page: Any) -> None:
    _open(page, "/dyad/CHN/RUS", "article.happening")
    text = page.inner_text("#events")
    assert "<script>window.hacked=1</script>" in text
    assert "The <b>Wire</b>" in text
    assert "⟨U+202E⟩" in text
    assert "\u202e" not in text
    assert page.evaluate("window.hacked") is None
    assert page.query_selector("#events img, #events script, #events b") is None
    assert page.query_selector("a[href^=javascript]") is None


def test_every_chart_can_be_saved_and_cited(page: Any) -> None:
    for path, wanted in list(VIEWS.items())[:5]:
        _open(page, path, wanted)
        with page.expect_download() as saved:
            page.click("main .tools button:has-text('PNG')")
        assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
        page.click("main .tools button:has-text('Cite this')")
        assert page.url in page.inner_text(".cite")
        assert page.query_selector("main .tools a:has-text('CSV')")


def test_all_of_it_works_by_keyboard(page: Any) -> None:
    _open(page, "/", "article.card")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#card-axis h3 a")
    page.keyboard.press("Enter")
    page.wait_for_selector("table.matrix a")
    page.wait_for_function("document.activeElement.id === 'main'")


def test_places_in_the_network_stay_through_an_update(page: Any, server: Server) -> None:
    where = (
        "() => [...document.querySelectorAll('svg g')].map(g => [g.dataset.code, g.dataset.x, g.dataset.y])"
    )
    _open(page, "/network", "svg line")
    before, ready = page.evaluate(where), page.get_attribute("main", "data-ready")
    end = START.replace(month=5, day=1)
    clock = {"stage": "aggregator", "frontier": f"{end:%Y-%m-%d}T01:00:00Z", "events": 3,
             "watermark": f"{end:%Y-%m-%d}T00:00:00Z", "tick": f"{end:%Y-%m-%d}T01:00:00Z",
             "ledger_digest": "cd" * 32}  # fmt: skip
    write(server.folder / "clock.jsonl", [clock])
    page.wait_for_function("n => document.getElementById('main').dataset.ready !== n", arg=ready)
    assert page.evaluate(where) == before


def _ids(server: Server, last: str | None, count: int) -> list[str]:
    """Read so many changes of the stream, then break the connection."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/api/stream", headers={"Last-Event-ID": last} if last else {})
    answer = connection.getresponse()
    found: list[str] = []
    block: dict[str, str] = {}
    while len(found) < count:
        line = answer.readline().decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
        else:
            if block.get("event") in {"change", "reset"}:
                found.append(f"{block['id']} {block['event']} {block['data']}")
            block = {}
    connection.close()
    return found


def test_a_broken_stream_resumes_without_loss_or_doubling(server: Server) -> None:
    live = server.live
    first = f"{live.changes.epoch}.-1"
    for number in range(20):
        row = metric("axis", START, 0.1 + number / 1000, 0.0)
        live._take("coalition.metrics.v1", "axis|ewm30d", json.dumps(row).encode())
    heard = _ids(server, first, 7)
    last = heard[-1].split()[0]
    heard += _ids(server, last, 13)
    assert [int(line.split()[0].split(".")[1]) for line in heard] == list(range(20))
    assert _ids(server, "another-life.3", 1)[0].split()[1] == "reset"

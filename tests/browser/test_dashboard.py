"""The dashboard in a real Chromium: every view, live updates, drill-down, faults, accessibility, phones."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from pipeline.web.sources import FolderSource
from tests.browser.sample import DAYS, START, event, metric, write, write_sample
from tests.browser.serving import Server, clean_page, open_view

playwright = pytest.importorskip("playwright.sync_api", reason="LEFT OUT: Playwright is not installed")
from tests.browser.chromium import available  # noqa: E402 - needs Playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(available() is not None, reason=f"LEFT OUT: {available()}"),
]
VIEWS = {
    "/": "article.card .uplot canvas",
    "/coalition/axis": "table.matrix a",
    "/dyad/CHN/RUS": "article.happening mark.trigger",
    "/network?coalition=axis": "svg line",
    "/blocs": "article.card caption",
    "/map/axis": "svg path[data-code=RUS]",
    "/method": "dl code",
}
TABLES_ONLY = ("/blocs", "/method")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    write_sample(tmp_path)
    with Server(FolderSource(tmp_path)) as running:
        yield running


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    with clean_page(browser, server.address) as shown:
        yield shown


@pytest.mark.parametrize(("path", "wanted"), VIEWS.items())
def test_each_view_is_clean_in_light_dark_and_on_a_phone(page: Any, path: str, wanted: str) -> None:
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        open_view(page, path, wanted)
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [v for v in found["violations"] if v["impact"] in {"serious", "critical"}]
        assert not [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in grave]
    page.set_viewport_size({"width": 360, "height": 740})
    open_view(page, path, wanted)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_view_is_chosen_and_kept_from_page_to_page(page: Any, tmp_path: Path) -> None:
    history = [metric("axis", START, 0.1, 0.0), metric("axis", START, 0.2, 0.0) | {"view": "ewm7d"}]
    write(tmp_path / "metrics.jsonl", [metric(name, START, 0.3, 0.0) for name in ("axis", "west")] + history)
    open_view(page, "/", "article.card")
    page.wait_for_selector("#view option[value=ewm7d]", state="attached")
    page.select_option("#view", "ewm7d")
    page.wait_for_function("() => document.querySelectorAll('article.card').length === 1")
    assert page.url.endswith("/?view=ewm7d")
    page.click("#card-axis h3 a")
    page.wait_for_selector("text=half-life 7 days", state="attached")
    assert page.url.endswith("/coalition/axis?view=ewm7d")
    assert "view=ewm7d" in page.get_attribute("main .tools a:has-text('CSV')", "href")


def test_the_network_is_thinned_focused_and_marked_by_address(page: Any) -> None:
    open_view(page, "/network?most=3", "svg line")
    assert page.locator("svg line").count() == 3
    page.select_option("#focus", "RUS")
    page.wait_for_function("() => document.querySelectorAll('svg line').length === 7")
    assert "focus=RUS" in page.url
    page.select_option("#bloc", "bloc-chn-rus")
    page.wait_for_function("() => document.querySelectorAll('svg circle[r=\"9\"]').length === 3")


def test_a_live_update_arrives_within_two_seconds(page: Any, tmp_path: Path) -> None:
    open_view(page, "/dyad/CHN/RUS", "article.happening")
    took = []
    for number in range(3):  # the best of three: a busy machine may hold one up, never all by design
        sentence = f"Russia praised China warmly, {number}."
        row = event(10 + number, sentence, "praised", DAYS - 1 - number) | {"type": "SUPPORT"}
        began = time.monotonic()
        write(tmp_path / "events.jsonl", [event(1, "Russia met China in Moscow.", "met"), row])
        page.wait_for_function("s => document.body.innerText.includes(s)", arg=sentence)
        took.append(time.monotonic() - began)
    assert min(took) < 2, took


def test_drill_down_from_the_first_view_to_the_sentence(page: Any) -> None:
    open_view(page, "/", "article.card")
    page.click("#card-axis h3 a")
    page.click("table.matrix a[href='/dyad/CHN/RUS']")
    quote = page.wait_for_selector("blockquote:has-text('Russia met China in Moscow.')")
    assert quote.query_selector("mark.source").inner_text() == "Russia"
    assert quote.query_selector("mark.trigger").inner_text() == "met"
    page.go_back()
    page.wait_for_selector("table.matrix")


def test_hostile_titles_are_text(page: Any) -> None:
    open_view(page, "/dyad/CHN/RUS", "article.happening")
    text = page.inner_text("#events")
    assert "<script>window.hacked=1</script>" in text
    assert "The <b>Wire</b>" in text
    assert "⟨U+202E⟩" in text
    assert "\u202e" not in text
    assert page.evaluate("window.hacked") is None
    assert page.query_selector("#events img, #events script, #events b") is None
    assert page.query_selector("a[href^=javascript]") is None


def test_every_chart_can_be_saved_and_cited(page: Any) -> None:
    for path, wanted in VIEWS.items():
        if path in TABLES_ONLY:
            continue
        open_view(page, path, wanted)
        with page.expect_download() as saved:
            page.click("main .tools button:has-text('PNG')")
        assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
        page.click("main .tools button:has-text('Cite this')")
        assert page.url in page.inner_text(".cite")
        assert page.query_selector("main .tools a:has-text('CSV')")


def test_all_of_it_works_by_keyboard(page: Any) -> None:
    open_view(page, "/", "article.card")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#card-axis h3 a")
    page.keyboard.press("Enter")
    page.wait_for_selector("table.matrix a")
    page.wait_for_function("document.activeElement.id === 'main'")


def test_places_in_the_network_stay_through_an_update(page: Any, tmp_path: Path) -> None:
    where = (
        "() => [...document.querySelectorAll('svg g')].map(g => [g.dataset.code, g.dataset.x, g.dataset.y])"
    )
    open_view(page, "/network", "svg line")
    before, ready = page.evaluate(where), page.get_attribute("main", "data-ready")
    end = START.replace(month=5, day=1)
    clock = {"stage": "aggregator", "frontier": f"{end:%Y-%m-%d}T01:00:00Z", "events": 3,
             "watermark": f"{end:%Y-%m-%d}T00:00:00Z", "tick": f"{end:%Y-%m-%d}T01:00:00Z",
             "ledger_digest": "cd" * 32}  # fmt: skip
    write(tmp_path / "clock.jsonl", [clock])
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

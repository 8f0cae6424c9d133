"""The dashboard in Chromium over a real broker: what is sent is on the page, down to its sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pipeline.contract.codec import decode
from pipeline.contract.topics import EVENTS
from pipeline.transport.files import FILE_OF, read_lines
from pipeline.transport.kafka import KafkaPublisher
from pipeline.transport.layout import Layout, apply
from pipeline.web.readmodel import FOLDED
from pipeline.web.sources import KafkaSource
from tests.browser.sample import DAYS, event, write_sample
from tests.browser.serving import Server, clean_page, open_view

pytest.importorskip("playwright.sync_api", reason="LEFT OUT: Playwright is not installed")
from tests.browser.chromium import available

pytestmark = [
    pytest.mark.browser,
    pytest.mark.kafka,
    pytest.mark.skipif(available() is not None, reason=f"LEFT OUT: {available()}"),
]
_WAKE = "nobody"


def test_a_message_is_on_the_page_within_two_seconds(browser: Any, broker: str, tmp_path: Path) -> None:
    write_sample(tmp_path)
    apply(broker, {topic.name: Layout(1, 1, {}) for topic in FOLDED})
    publisher = KafkaPublisher(broker, 8_000_000, 30)
    for topic, key, value in _sample(tmp_path):
        publisher.send(topic, key, value)
    publisher.flush()
    with Server(KafkaSource(broker)) as server, clean_page(browser, server.address) as page:
        open_view(page, "/", "article.card")
        page.click("#card-axis h3 a")
        page.click("table.matrix a[href^='/dyad/CHN/RUS']")
        page.wait_for_selector("blockquote:has-text('Russia met China in Moscow.')")
        took = []
        for number in range(3):  # the best of three: a busy machine may hold one up, never all by design
            sentence = f"Russia praised China warmly, {number}."
            row = event(10 + number, sentence, "praised", DAYS - 1 - number) | {"type": "SUPPORT"}
            began = time.monotonic()
            publisher.send(EVENTS.name, "CHN|RUS", json.dumps(row).encode())
            publisher.flush()
            page.wait_for_function("s => document.body.innerText.includes(s)", arg=sentence)
            took.append(time.monotonic() - began)
        quote = page.wait_for_selector("blockquote:has-text('Russia praised China warmly, 2.')")
        assert quote.query_selector("mark.trigger").inner_text() == "praised"
        assert min(took) < 2, took
        server.live._stop.set()
        publisher.send(EVENTS.name, _WAKE, b"{}")  # whoever waits for a message sees that it is over
        publisher.close()


def _sample(folder: Path) -> Iterable[tuple[str, str, bytes]]:
    """The sample's files as messages."""
    for topic in FOLDED:
        if (path := folder / FILE_OF[topic.name]).is_file():
            for _, line in read_lines(path):
                yield topic.name, topic.key(decode(topic.model, line)), line

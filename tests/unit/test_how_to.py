"""The pages for subscribers: links that lead somewhere, topics, options and fields that exist."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from pipeline.client import subscribe
from pipeline.client.choice import SHORT_NAMES
from pipeline.contract.codec import headers
from pipeline.contract.examples import EMITTED_AT
from pipeline.contract.topics import CLOCK, TOPICS

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "docs" / "contract" / "README.md"], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_the_page_tells_every_argument_header_and_topic() -> None:
    page = (ROOT / "docs" / "how-to" / "subscribe.md").read_text(encoding="utf-8")
    for name in set(inspect.signature(subscribe).parameters) - {"kafka"}:
        assert re.search(rf"`{name}[`=]", page), name
    for name, _ in headers(CLOCK, "k", b"v", EMITTED_AT):
        assert f"`{name}`" in page
    assert all(f"`{short}`" in page for short in SHORT_NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_topics_that_are_named_exist(page: Path) -> None:
    known = {topic.name for topic in TOPICS}
    assert set(re.findall(r"coalition\.[a-z-]+\.v1", page.read_text(encoding="utf-8"))) <= known

"""feeds.yaml: every fault at once, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.articles.feed import Feed
from pipeline.articles.feedlist import load_feeds
from pipeline.contract.errors import ConfigError

SHIPPED = Path(__file__).parent.parent.parent / "config" / "feeds.yaml"


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_feeds("feeds.yaml", text)
    return caught.value.faults


def test_feeds_in_their_order_with_defaults() -> None:
    text = """feeds:
  - {feed_id: b, url: 'https://example.org/b', outlet: B}
  - feed_id: a
    url: http://localhost:8/a
    outlet: A
    country: GBR
    language: fr
    interval_s: 60
"""
    assert load_feeds("feeds.yaml", text) == (
        Feed("b", "https://example.org/b", "B", None, "en", None),
        Feed("a", "http://localhost:8/a", "A", "GBR", "fr", 60),
    )


def test_every_fault_is_listed_with_its_line() -> None:
    found = faults(
        """feeds:
  - feed_id: Not An Id
    url: ftp://example.org/a
    outlet: A
    country: XX
  - feed_id: b
    outlet: B
    interval_s: 0
    speed: 3
"""
    )
    assert len(found) == 6
    lines = {int(fault.split(":")[1]) for fault in found}
    assert lines == {2, 3, 5, 6, 8, 9}
    assert any("alpha-3" in fault for fault in found)
    assert any("remove this unknown key" in fault for fault in found)


def test_names_and_addresses_stand_once() -> None:
    entry = "  - feed_id: a\n    url: https://example.org/a\n    outlet: A\n"
    found = faults(f"feeds:\n{entry}{entry}")
    assert [fault.split(" ")[0] for fault in found] == ["feeds.yaml:5:", "feeds.yaml:6:"]


@pytest.mark.parametrize(
    "text", ["", "feeds: []", "feeds: 3", "- a", "feeds: [", "other: 1", "feeds:\n  - null\n"]
)
def test_what_is_no_list_of_feeds(text: str) -> None:
    assert faults(text)[0].startswith("feeds.yaml:")


def test_the_shipped_list_is_sound() -> None:
    feeds = load_feeds("feeds.yaml", SHIPPED.read_text(encoding="utf-8"))
    assert len(feeds) >= 45
    assert len({feed.country for feed in feeds}) >= 25
    assert {feed.language for feed in feeds} == {"en"}

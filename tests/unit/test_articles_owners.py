"""Who owns which outlet, and what is wrong with a file that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.articles.feedlist import load_feeds
from pipeline.articles.owners import load_owners
from pipeline.contract.errors import ConfigError

CONFIG = Path(__file__).parents[2] / "config"


def test_each_owner_of_the_shipped_file_has_an_outlet_with_a_feed() -> None:
    owners = load_owners("owners.yaml", (CONFIG / "owners.yaml").read_text(encoding="utf-8"))
    assert owners["TASS"] == owners["RT"] == "russian-state"
    assert owners["France 24"] == owners["RFI"]
    assert "The Guardian" not in owners
    feeds = load_feeds("feeds.yaml", (CONFIG / "feeds.yaml").read_text(encoding="utf-8"))
    outlets = {feed.outlet for feed in feeds}
    assert {owners[outlet] for outlet in outlets & owners.keys()} == set(owners.values())


def test_every_fault_is_listed_with_its_line() -> None:
    text = """owners:
  Big Media:
    title: Big
    outlets: [A, B]
  one:
    title: One
    outlets: [C]
  more:
    titel: More
    outlets: [D, E]
"""
    with pytest.raises(ConfigError) as caught:
        load_owners("owners.yaml", text)
    told = " ".join(caught.value.faults)
    assert all(line in told for line in ("owners.yaml:2", "owners.yaml:7", "owners.yaml:9"))


def test_an_outlet_has_one_owner() -> None:
    text = "owners:\n  a: {title: A, outlets: [X, Y]}\n  b:\n    title: B\n    outlets:\n    - Z\n    - X\n"
    with pytest.raises(ConfigError) as caught:
        load_owners("owners.yaml", text)
    assert caught.value.faults == ["owners.yaml:7: 'X' belongs to 'a' already; remove one"]


def test_no_owners_are_fine() -> None:
    assert load_owners("owners.yaml", "owners: {}") == {}

"""Lists share what is said of their members; guests of one host did not meet each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.events.lists import listed
from pipeline.events.relations import Relations, Scored
from tests.unit.test_events_extract import article

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


@pytest.fixture(scope="module")
def relations() -> Relations:
    return Relations()


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("Norway thanked Chile, Peru and Japan.", [{"CHL", "PER", "JPN"}]),
        ("Norway and Chile accused Peru.", [{"NOR", "CHL"}]),
        ("Norway accused Chile after Peru left.", []),
    ],
)
def test_who_stands_in_one_list(coder: Coder, relations: Relations, text: str, lists: list[set[str]]) -> None:
    item = article(text, "A day in Lima")
    reading = coder._read(item.document, item.published_at.date(), None)
    assert reading is not None
    windows = [w for w in relations.framer.windows(reading.reads) if w.read.sentence.text == text]
    seen = [Scored(window, None, None) for window in windows]  # type: ignore[arg-type]  # scores play no part
    assert [group for one in seen for group in listed(one)] == lists


def test_guests_of_one_host_do_not_meet_each_other(coder: Coder) -> None:
    text = "Norway's premier met the presidents of Chile and Peru in Oslo on Tuesday."
    found = coder.extract(article(text, "Busy day in Oslo"))
    pairs = {frozenset((e.source.code, e.target.code)) for e in found.events if e.type == "CONSULT"}
    assert pairs == {frozenset(("NOR", "CHL")), frozenset(("NOR", "PER"))}

"""Who says "we": the outlet's state, a group with one voice, or whose turn it is in a transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.events.turns import speaking, turns
from tests.unit.test_events_extract import article

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

SITE = "https://www.state.gov/talks"


def test_turns_of_a_transcript() -> None:
    text = (
        "Talks\n\nSECRETARY HILL: We met.\nFOREIGN MINISTER RUIZ: (Via translation) We did.\nQUESTION: Why?"
    )
    known = {"Foreign Minister Ruiz": {"CHL"}}
    found = turns(text, "USA", lambda who: set(known.get(who, ())))
    assert [state for _, state in found] == ["USA", "CHL", None]
    assert speaking(found, 3, "USA") == "USA"
    assert speaking(found, len(text), "USA") is None


def test_one_label_is_no_transcript() -> None:
    assert turns("Talks\n\nNOTE: We met.", "USA", lambda who: set()) == []


@pytest.mark.parametrize(
    ("title", "url", "voice"),
    [
        ("Statement on Chile", SITE, "USA"),
        ("G7 Leaders' Statement on Chile", SITE, "IGO:G7"),
        ("Statement by NATO Foreign Ministers", SITE, "IGO:NATO"),
        ("G7 and NATO leaders' statement", SITE, "USA"),
        ("Statement on Chile", "https://example.org/a", None),
    ],
)
def test_who_says_we(coder: Coder, title: str, url: str, voice: str | None) -> None:
    item = article("We met.", title).model_copy(update={"url": url})
    assert coder._voice(item, title, item.published_at.date()) == voice


def test_a_guest_speaks_for_his_own_state(coder: Coder) -> None:
    text = (
        "SECRETARY BLINKEN: Thank you.\n"
        "FOREIGN MINISTER KULEBA: We condemn the attack that Iran carried out on the embassy.\n"
        "QUESTION: Thanks."
    )
    item = article(text, "Remarks to the press").model_copy(update={"url": SITE})
    moment = item.published_at.replace(year=2022, month=5)
    found = coder.extract(item.model_copy(update={"published_at": moment}))
    assert {e.source.code for e in found.events if e.type == "ACCUSE"} == {"UKR"}

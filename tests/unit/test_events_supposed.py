"""What is only thought of; who no longer holds an office; people and towns named like states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.events.namesakes import is_namesake
from tests.unit.test_events_extract import told

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Analysts expect Chile to attack Peru.", ["CHL ASSAULT PER hypothetical"]),
        ("Chile will attack Peru, economists predict.", ["CHL ASSAULT PER hypothetical"]),
        ("Bookmakers doubled the odds of a Chilean attack on Peru.", ["CHL ASSAULT PER hypothetical"]),
        ("Rumours that Chile signed a treaty with Peru spread fast.", ["CHL AGREE PER hypothetical"]),
        ("Should Chile invade Peru, nobody would help.", ["CHL ASSAULT PER hypothetical"]),
        ("Chile will attack Peru if the talks fail.", ["CHL ASSAULT PER hypothetical"]),
        ("Chile allegedly attacked Peru.", ["CHL ASSAULT PER hypothetical"]),
        ("Chile attacked Peru, analysts said.", ["CHL ASSAULT PER"]),
        ("Norway reaffirmed its support for Chile if Peru attacks.", ["NOR SUPPORT CHL"]),
        ("Chile will send tanks to Peru, its minister said.", ["CHL AID PER intended"]),
    ],
)
def test_guesses_and_conditions(rules: Coder, text: str, expected: list[str]) -> None:
    assert [line for line in told(rules, text) if line.split()[2] != "NOR"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Former presidents of Chile, Peru and Norway met in Lisbon.", []),
        ("The ex-presidents of Chile and Peru met in Oslo.", []),
        ("The late Norwegian king praised Chile.", []),
        ("Retired ministers of Chile and Peru met in Oslo.", []),
        ("A former adviser to Chile's president went home. He accused Norway of arrogance.", []),
        ("An ousted Norwegian minister condemned Chile.", []),
        ("The presidents of Chile and Peru met in Oslo.", ["CHL CONSULT PER"]),
        ("Late on Monday Norway condemned Chile.", ["NOR ACCUSE CHL"]),
        ("The singer Ann Berg came to Chile. She will travel to Norway.", []),
        ("Norway's foreign minister came to Oslo. She accused Chile of spying.", ["NOR ACCUSE CHL"]),
    ],
)
def test_who_holds_an_office_no_more(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Dinah Washington praised Chile.", "Washington", True),
        ("On Monday Washington praised Chile.", "Washington", False),
        ("President Trump left Washington.", "Washington", False),
        ("Angrily Washington replied.", "Washington", False),
        ("Minister Visits Jordan After Talks", "Jordan", False),
        ("Athens, Georgia, rejects a bypass.", "Athens", False),
        ("Paris, Texas, rejects a bypass.", "Paris", True),
        ("Moscow, Washington maintain talks.", "Moscow", False),
        ("Chad Berg came. Berg sang.", "Chad", True),
        ("Israel Defence Forces struck.", "Israel", False),
    ],
)
def test_people_and_towns_named_like_states(text: str, name: str, expected: bool) -> None:
    assert is_namesake(text, text.index(name), name) is expected


def test_a_namesake_stays_one_through_its_text(rules: Coder) -> None:
    assert told(rules, "Dinah Washington met fans in Oslo. Washington praised Chile.") == []

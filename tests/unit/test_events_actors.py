"""Who: names, demonyms, capitals, offices by date, and what is no actor."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.events.actors import Gazetteer
from pipeline.ontology.load import load_ontology

DAY = date(2024, 3, 21)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(load_ontology())


def named(gazetteer: Gazetteer, text: str, day: date = DAY) -> list[tuple[str, str]]:
    return [(m.code, m.rule) for m in gazetteer.find(text, day)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("North Korea spoke.", [("PRK", "name")]),
        ("Norwegian ships sailed.", [("NOR", "demonym")]),
        ("Oslo answered.", [("NOR", "capital")]),
        ("The Kremlin waited.", [("RUS", "metonym")]),
        ("Hamas left.", [("NSA:HAMAS", "name")]),
        ("Pro-Russian crowds and anti-Chinese slogans", []),
        ("Russia-US talks", [("RUS", "name"), ("USA", "name")]),
        ("@Russia #China", []),
        ("Thailandia is no word", []),
    ],
)
def test_names(gazetteer: Gazetteer, text: str, expected: list[tuple[str, str]]) -> None:
    assert named(gazetteer, text) == expected


def test_an_office_counts_while_it_is_held(gazetteer: Gazetteer) -> None:
    assert named(gazetteer, "Raisi spoke.", date(2021, 8, 2)) == []
    assert named(gazetteer, "Raisi spoke.", date(2021, 8, 3)) == [("IRN", "office")]
    assert named(gazetteer, "Raisi spoke.", date(2024, 5, 20)) == []
    (mention,) = gazetteer.find("Putin spoke.", DAY)
    assert (mention.role, mention.text) == ("president", "Putin")


@pytest.mark.parametrize(
    "text", ["former President Biden", "ex-President Biden", "the late Raisi", "Eric Biden", "former Russian"]
)
def test_who_no_longer_speaks_for_a_state(gazetteer: Gazetteer, text: str) -> None:
    assert named(gazetteer, text) == []

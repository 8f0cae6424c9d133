"""What is said against another, headlines by word order, places for states, what is carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.test_events_extract import article, told

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lavrov said that NATO was fuelling the war.", ["RUS ACCUSE IGO:NATO"]),
        (
            "Oslo said on Monday that the Chilean move was a flagrant breach of the treaty.",
            ["NOR ACCUSE CHL"],
        ),
        ("Tehran called the American strike a crime.", ["IRN ACCUSE USA"]),
        ("Norway's foreign ministry described the Polish plan as reckless.", ["NOR ACCUSE POL"]),
        ("A spokesman in Beijing called the American claims groundless.", ["CHN REJECT USA"]),
        ("Poland must open the border, Peskov told reporters.", ["RUS REQUEST POL"]),
        ("Oslo said that Chile had not provoked anybody.", []),
        ("Oslo said that Chile was a friend.", []),
    ],
)
def test_verdicts_in_sentences(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Chile broke the treaty and threatens peace – Norwegian minister", ["NOR ACCUSE CHL"]),
        ("Chilean raid a ‘blatant violation’ of law — Lavrov", ["RUS ACCUSE CHL"]),
        ("Lavrov: Chile provokes its neighbours", ["RUS ACCUSE CHL"]),
        ("Chile and Peru share a border – Lavrov", []),
    ],
)
def test_verdicts_of_whom_a_headline_names(rules: Coder, title: str, expected: list[str]) -> None:
    assert told(rules, "", title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Azerbaijani leader, Armenian PM meet in Abu Dhabi", ["AZE CONSULT ARM"]),
        ("Norway’s navy attacks alleged Chilean vessels", ["NOR ASSAULT CHL"]),
        ("Norway and Chile sign deal for missing rail link", ["NOR AGREE CHL"]),
        ("Norwegian general killed in Chilean strike", []),
        ("Norway accuses engineer of spying for Chilean company", []),
        ("Norway intercepts eight US-supplied missiles", []),
        (
            "Secretary Antony J. Blinken and Chilean Foreign Minister Before Their Meeting",
            ["USA CONSULT CHL"],
        ),
    ],
)
def test_headlines_by_word_order(rules: Coder, title: str, expected: list[str]) -> None:
    assert told(rules, "", title) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Russian missiles struck port works in and near Odesa overnight.", ["RUS ASSAULT UKR"]),
        (
            "A Russian drone hit a shop in the village of Hroza in Ukraine's Kharkiv region.",
            ["RUS ASSAULT UKR"],
        ),
        ("Belarus was hit by sanctions from Norway and Chile.", ["NOR SANCTION BLR", "CHL SANCTION BLR"]),
        ("Chile and Peru discussed Russia's war against Ukraine.", ["CHL CONSULT PER"]),
        ("Chile denied the likelihood of an invasion of Peru.", []),
        ("Norway dropped its tariffs on Chile.", ["NOR CONCEDE CHL"]),
        ("There are no signs that Norway attacked Chile.", ["NOR ASSAULT CHL denied"]),
        ("A NATO ally attacked Chile.", []),
        ("Norwegian and Chilean envoys held two days of talks.", ["NOR CONSULT CHL"]),
        ("Oslo confirmed plans to meet with Chilean envoys.", ["NOR CONSULT CHL intended"]),
        ("Norway demands that Chile release the crew.", ["NOR REQUEST CHL"]),
    ],
)
def test_who_does_what_to_whom(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


def test_they_who_met_discuss(rules: Coder) -> None:
    text = (
        "Chile's president met Peru's president. Japan looked on. The talks between the two lasted an hour."
    )
    assert told(rules, text) == ["CHL CONSULT PER"]


def test_an_answer_goes_to_all_who_acted(rules: Coder) -> None:
    text = "Norway and Chile bombed Peru. Lima condemned the attack."
    assert told(rules, text)[-2:] == ["PER ACCUSE NOR", "PER ACCUSE CHL"]


def test_brussels_acts_as_the_union_and_lies_in_belgium(rules: Coder) -> None:
    events = rules.extract(article("Brussels condemned Chile. Norway met Peru in Brussels.")).events
    assert [(e.source.code, e.place.country if e.place else None) for e in events] == [
        ("IGO:EUR", None),
        ("NOR", "BEL"),
    ]


def test_a_planned_word_is_dated_by_the_planned_meeting(rules: Coder) -> None:
    text = "Norway's prime minister will meet Chile's president on March 25. They will sign a treaty."
    days = {(e.type.value, str(e.occurred_on), e.date_rule) for e in rules.extract(article(text)).events}
    assert days == {("CONSULT", "2024-03-25", "date"), ("AGREE", "2024-03-25", "scene")}

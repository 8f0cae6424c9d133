"""Texts and sentences of other kinds are refused, with a reason; those that only touch them are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.events.genre import foreign_sentence, foreign_text
from tests.unit.test_events_extract import article, told

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        ("Chile beat Peru", "Chile's striker hit the winner in stoppage time.", "a text of sport"),
        ("Tennis: Chile meet Peru", "Chile won the Davis Cup tie 3-1.", "a text of sport"),
        ("A new thriller", "In her second novel Chile attacks Peru. The plot is thin.", "a text of fiction"),
        ("Theatre: border", "Chile meets Peru in this comedy. The actors shine.", "a text of fiction"),
        ("Chile meets Peru in a bowl", "The chef serves ceviche with rice and soup.",
         "a text of food, travel or art"),
        ("The big quiz", "Which state sanctioned Chile? Answers on page three.", "a text of a quiz"),
    ],
)  # fmt: skip
def test_other_kinds_are_told_by_several_signs(title: str, text: str, reason: str) -> None:
    assert foreign_text(title, text) == reason


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "EU sanctions hit Russian football",
            "The European Union froze the assets of a football club's owner.",
        ),
        ("Norway boycotts Games", "Norway's government will send no diplomat to the Olympics in Chile."),
        (
            "Missile hits restaurant",
            "A Russian missile hit a restaurant and a hotel, killing a chef and two cooks.",
        ),
        ("Leaders meet", "The summit was a game of thrones, a diplomat in Oslo said, and no drama at all."),
        ("Tariffs on wine and cheese", "China put tariffs on French wine, cheese and chocolate."),
        (
            "Norway frees player",
            "Norway freed a Chilean basketball player from prison in exchange for a spy.",
        ),
        ("Norway accuses Chile", "Norway accused Chile of spying."),
    ],
)
def test_news_that_touches_another_kind_is_read(title: str, text: str) -> None:
    assert foreign_text(title, text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("In the novel's last chapter, in the spy thriller, Chile attacks Peru.", "a sentence of fiction"),
        ("In a simulation run by researchers, Chile attacks Peru.", "a sentence of supposition"),
        ("Chile beat Peru 3-1 in the semi-final.", "a sentence of sport"),
        ("Chile accused Peru of playing a long game.", None),
        ("In the film industry, Chile competes with Peru.", None),
        ("Chile and Peru agreed on a series of steps.", None),
    ],
)
def test_sentences_of_other_kinds(text: str, reason: str | None) -> None:
    assert foreign_sentence(text) == reason


def test_the_reason_is_given(rules: Coder) -> None:
    found = rules.extract(
        article("Chile beat Peru 3-1. The striker scored twice in Oslo.", "World Cup: Chile win")
    )
    assert not found.events
    assert [refusal.reason for refusal in found.refused] == ["a text of sport"]
    found = rules.extract(
        article("Norway accused Chile of spying. In a simulation by a model, Chile attacks Peru.")
    )
    assert len(found.events) == 1
    assert "a sentence of supposition" in [refusal.reason for refusal in found.refused]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Will Norway condemn Chile?", ["NOR ACCUSE CHL hypothetical"]),
        ("Did Chile accuse Peru of theft?", ["CHL ACCUSE PER hypothetical"]),
        ("When will Chile sign a treaty with Peru?", ["CHL AGREE PER hypothetical"]),
        ("Chile accused Peru of theft, and who will pay?", ["CHL ACCUSE PER"]),
    ],
)
def test_a_question_tells_nothing_that_happened(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected

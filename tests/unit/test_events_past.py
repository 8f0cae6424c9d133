"""What lies long before publication, in a sentence and through a text; what only mentions the past."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.events.past import carried
from pipeline.events.sentences import split
from tests.unit.test_events_extract import told

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 1879 Chile attacked Peru.", ["CHL ASSAULT PER historical"]),
        ("In the nineteenth century Chile attacked Peru.", ["CHL ASSAULT PER historical"]),
        ("During the Cold War, Norway warned Chile.", ["NOR THREATEN CHL historical"]),
        ("Forty years ago Norway accused Chile of spying.", ["NOR ACCUSE CHL historical"]),
        ("Chile fought Peru for twelve years.", ["CHL ASSAULT PER historical"]),
        ("Oslo is silent on the anniversary of the Chilean attack on Peru.", ["CHL ASSAULT PER historical"]),
        ("Norway attacked Chile.", ["NOR ASSAULT CHL"]),
        ("Marking 30 years of ties, the foreign ministers of Norway and Chile met in Oslo on Monday.",
         ["NOR CONSULT CHL"]),
        ("Norway suspended its 2018 trade agreement with Chile on Monday.", ["NOR SANCTION CHL"]),
        ("Norway's prime minister met Chile's president in Oslo, the first such visit since 2010.",
         ["NOR CONSULT CHL"]),
        ("Norway warned Chile against a Cold War mentality.", ["NOR THREATEN CHL"]),
    ],
)  # fmt: skip
def test_a_time_dates_the_clause_on_which_it_hangs(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("In June 1879 Chile raided Peru. Peru struck back. Bolivia had joined.", [False, True, True]),
        ("In June 1879 Chile raided Peru. On Monday Peru met Chile. Peru paid.", [False, False, False]),
        ("Peru met Chile on Monday. In 1879 Chile raided Peru. A day later Peru struck back.",
         [False, False, True]),
        ("Peru met Chile on Monday. In 1879 Chile raided Peru. Peru wants a treaty.", [False, False, False]),
        ("Peru accused Chile of a raid. Chile denied it.", [False, False]),
    ],
)  # fmt: skip
def test_a_past_time_is_carried_on(text: str, past: list[bool]) -> None:
    told_so = carried(split("Raids\n\n" + text), date(2024, 3, 21))
    assert [sentence.past for sentence in told_so][1:] == past


def test_a_carried_past_makes_only_past_tenses_historical(rules: Coder) -> None:
    text = "In June 1879 Chile raided Peru. Chile accused Peru of treason. Norway accuses Chile."
    assert told(rules, text, "Old raids") == [
        "CHL ASSAULT PER historical",
        "CHL ACCUSE PER historical",
        "NOR ACCUSE CHL",
    ]

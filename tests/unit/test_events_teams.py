"""A country with a plural verb is its team."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.test_events_extract import told

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chile meet Norway in Oslo on Monday.", []),
        ("Chile meets Norway in Oslo on Monday.", ["CHL CONSULT NOR"]),
        ("Chile and Norway meet in Oslo on Monday.", ["CHL CONSULT NOR"]),
        ("The United States accuse Chile of spying.", ["USA ACCUSE CHL"]),
        ("Norway does accuse Chile of spying.", ["NOR ACCUSE CHL"]),
        ("Norway accused Chile of spying.", ["NOR ACCUSE CHL"]),
    ],
)
def test_a_plural_verb_tells_a_team(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text, "Talks in Oslo") == expected

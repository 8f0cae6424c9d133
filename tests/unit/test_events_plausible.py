"""What the model proposes and the sentence plainly contradicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.contract.event import Status
from tests.unit.test_events_extract import article

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

COUNTING = (Status.OCCURRED, Status.INTENDED)


@pytest.mark.parametrize(
    "text",
    [
        "A Norwegian couple attacked a Chilean tourist in Lima.",
        "Former presidents of Norway and Chile met in Lima.",
        "Will Norway bomb Chile?",
        "In 1887 Norway attacked Chile.",
    ],
)
def test_what_cannot_be_news(coder: Coder, text: str) -> None:
    found = coder.extract(article(text, "A day in Lima"))
    assert [event for event in found.events if event.status in COUNTING] == []


def test_who_is_named_in_the_sentence_acts_alone(coder: Coder) -> None:
    text = "Peru's president was in Lima. On Tuesday Norway accused Chile of spying."
    found = coder.extract(article(text, "Norway faults Chile; Peru looks on"))
    told = {(e.source.code, e.target.code) for e in found.events if e.type == "ACCUSE"}
    assert told == {("NOR", "CHL")}

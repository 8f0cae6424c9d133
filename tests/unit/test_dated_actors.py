"""Who speaks for a state on a day: office holders before, in and after their term, and unknown ones."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.events.actors import Gazetteer, Mention
from pipeline.ontology.load import load_ontology

FILE = Path(__file__).parents[1] / "golden/dated_actors.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(load_ontology())


def persons(gazetteer: Gazetteer, row: dict[str, Any]) -> set[tuple[str, str | None]]:
    """The states and offices for which somebody acts within the phrase."""
    start = row["sentence"].index(row["mention"])
    end = start + len(row["mention"])
    found = gazetteer.find(row["sentence"], date.fromisoformat(row["published"]))
    return {(m.code, m.role) for m in found if m.start < end and m.end > start and _speaks(m)}


def _speaks(mention: Mention) -> bool:
    return mention.acts and mention.role is not None


def share(gazetteer: Gazetteer, kind: str) -> tuple[float, str]:
    rows = [row for row in ROWS if row["kind"] == kind]
    wrong = [
        f"{row['id']} {row['published']} {row['sentence']}: {found}"
        for row in rows
        if (found := persons(gazetteer, row)) != ({(row["code"], row["role"])} if row["code"] else set())
    ]
    return 1 - len(wrong) / len(rows), "\n".join(["", *wrong])


def test_three_hundred_phrases() -> None:
    assert len(ROWS) == len({row["id"] for row in ROWS}) == 300
    assert 0.55 <= sum(row["kind"] == "known" for row in ROWS) / len(ROWS) <= 0.65


def test_known_office_holders_speak_during_their_term_only(gazetteer: Gazetteer) -> None:
    right, wrong = share(gazetteer, "known")
    assert right >= 0.97, wrong


def test_nationality_and_title_name_the_state_of_the_unknown(gazetteer: Gazetteer) -> None:
    right, wrong = share(gazetteer, "unknown")
    assert right >= 0.90, wrong

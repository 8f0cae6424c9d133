"""The model beside the rules: what it adds, what it refuses, and that its files are the ones we shipped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.cli.extract import document_article
from pipeline.cli.recompute import parse_moment
from pipeline.contract.errors import BadRecordError
from pipeline.events.pairs import PairTyper
from pipeline.events.reader import load_reader
from pipeline.events.relations import SHIPPED, Relations

if TYPE_CHECKING:
    from pipeline.events.extract import Coder, Extraction

LIMIT_MB = 30


def extract(coder: Coder, title: str, text: str, url: str = "") -> Extraction:
    moment = parse_moment("2024-03-04T12:00:00Z")
    return coder.extract(document_article("t", title, text, moment, url, "Test Wire", None))


@pytest.fixture(scope="module")
def typer(coder: Coder) -> PairTyper:
    return PairTyper(coder._lexicon, load_reader(), Relations())


def test_what_ships_is_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < LIMIT_MB * 1_000_000


@pytest.mark.parametrize("name", ["relations.onnx", "tokenizer.json"])
def test_a_file_that_was_changed_is_not_loaded(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ValueError, match=name):
        Relations(folder)


def test_every_look_tells_who_was_named_and_what_was_considered(coder: Coder) -> None:
    found = extract(coder, "Norway and Latvia hold talks", "Norway hailed Latvia. The two will meet in Oslo.")
    assert found.looks
    for look in found.looks:
        assert look.pairs
        assert all(0 <= act.chance <= 1 for act in look.pairs)
        assert [act.chance for act in look.pairs] == sorted((a.chance for a in look.pairs), reverse=True)


def test_confidence_is_the_models_chance(coder: Coder) -> None:
    found = extract(coder, "Norway accuses Latvia of dumping", "")
    assert [(e.source.code, e.type, e.target.code) for e in found.events] == [("NOR", "ACCUSE", "LVA")]
    chances = {round(act.chance, 3) for look in found.looks for act in look.pairs}
    assert found.events[0].confidence in chances


def test_a_states_own_site_says_we(coder: Coder) -> None:
    text = "We condemn the attack that Iran carried out on our embassy."
    told = extract(coder, "Statement", text, "https://www.state.gov/statement/")
    assert ("USA", "IRN") in {(e.source.code, e.target.code) for e in told.events if e.type == "ACCUSE"}


@pytest.mark.parametrize(
    ("sentence", "source", "target", "kind"),
    [
        ("Norway's premier condemned the Latvian decision.", "Norway's premier", "Latvian", "ACCUSE"),
        ("Chad sent blankets and flour to Niger.", "Chad", "Niger", "AID"),
        ("Peru imposed sanctions on Chile.", "Peru", "Chile", "SANCTION"),
        ("The rebels shelled the army's barracks.", "The rebels", "the army's barracks", "ASSAULT"),
        ("Ghana's president met the Togolese leader.", "Ghana's president", "Togolese leader", "CONSULT"),
    ],
)
def test_plain_pairs_are_typed(typer: PairTyper, sentence: str, source: str, target: str, kind: str) -> None:
    assert typer.type(sentence, source, target).type == kind


def test_who_is_not_named_is_taken_for_the_subject_or_object(typer: PairTyper) -> None:
    assert typer.type("Norway condemned the decision.", "Norway", "a recipient").type == "ACCUSE"
    with pytest.raises(ValueError, match="no word for both"):
        typer.type("Norway", "Norway", "Estonia")


def test_type_pairs_reports_faulty_lines(typer: PairTyper) -> None:
    from pipeline.cli.typepairs import typed_row

    line = {"id": 7, "sentence": "Norway met Latvia.", "source": "Norway", "target": "Latvia"}
    row = typed_row(typer, json.dumps(line).encode())
    assert row["id"] == 7
    assert set(row) == {"id", "type", "quad", "confidence"}
    with pytest.raises(BadRecordError, match="lacks 'target'"):
        typed_row(typer, b'{"id": 1, "sentence": "x", "source": "x"}')
    with pytest.raises(BadRecordError, match="cannot be typed"):
        typed_row(typer, b"[]")


def test_somebody_named_elsewhere_does_not_take_the_part_of_one_named_here(coder: Coder) -> None:
    title = "US blacklists 400 firms and people over Russia's war, Chinese suppliers included"
    text = (
        "Washington imposed sanctions on nearly four hundred people and entities on Friday for helping "
        "Russia's war effort. Companies in China are on the list for shipping machine tools."
    )
    told = extract(coder, title, text)
    assert not [e for e in told.events if (e.source.code, e.type) == ("CHN", "SANCTION")]

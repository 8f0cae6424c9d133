"""The example overlay in config/ontology: it adds a name, and a broken copy tells file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.contract.errors import ConfigError
from pipeline.events.actors import Gazetteer
from pipeline.ontology.load import load_ontology

if TYPE_CHECKING:
    from pipeline.settings import Settings

OVERLAY = Path(__file__).parents[2] / "config/ontology"
DAY = date(2024, 3, 21)


def test_the_configuration_folder_finds_it(settings: Settings) -> None:
    assert settings.ontology_overlay == OVERLAY


def test_it_adds_an_actor_that_texts_can_name() -> None:
    text = "Francesco La Camera of IRENA spoke."
    assert [m.code for m in Gazetteer(load_ontology()).find(text, DAY)] == []
    ontology = load_ontology(OVERLAY)
    assert [m.code for m in Gazetteer(ontology).find(text, DAY)] == ["IGO:IRENA", "IGO:IRENA"]
    assert ontology.host("www.irena.org") == "IGO:IRENA"


def test_a_broken_copy_tells_file_and_line(tmp_path: Path) -> None:
    shutil.copytree(OVERLAY, tmp_path / "ontology")
    file = tmp_path / "ontology/actors/irena.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    number = lines.index("kind: group")
    lines[number] = "kind: club"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_ontology(tmp_path / "ontology")
    (fault,) = caught.value.faults
    assert fault.startswith(f"{file}:{number + 1}: kind: ")

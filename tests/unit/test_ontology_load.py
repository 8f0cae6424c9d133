"""Concept files: what is shipped, overlays, office dates, and every fault with its file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.contract.errors import ConfigError
from pipeline.contract.event import QUAD_OF, EventType
from pipeline.ontology.load import Ontology, load_ontology


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def overlaid(folder: Path, **files: str) -> Ontology:
    for name, text in files.items():
        kind = "types" if name.startswith("type_") else "actors"
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_ontology(folder)


def test_every_type_is_there_with_a_sign_that_fits_its_quad_class(ontology: Ontology) -> None:
    assert set(ontology.types) == set(EventType)
    for kind, spec in ontology.types.items():
        sign = 1 if QUAD_OF[kind].endswith("COOP") else -1
        assert all(sign * value > 0 for value in (spec.goldstein, *spec.modes.values())), kind


@pytest.mark.parametrize(
    ("kind", "mode", "value"),
    [
        (EventType.AID, "military", 8.3),
        (EventType.CONSULT, None, 1.0),
        (EventType.ACCUSE, None, -2.0),
        (EventType.AGREE, "ready", 4.0),
        (EventType.CONSULT, "phone", 1.0),
    ],
)
def test_intensities_of_the_worked_example(
    ontology: Ontology, kind: EventType, mode: str | None, value: float
) -> None:
    assert ontology.types[kind].intensity(mode) == value


@pytest.mark.parametrize("code", ["RUS", "CHN", "PRK", "TWN", "PSE", "IGO:EUR", "IGO:NATO", "NSA:HAMAS"])
def test_actors_of_the_guide(ontology: Ontology, code: str) -> None:
    assert ontology.actors[code].code == code


def test_an_office_is_held_from_its_first_to_its_last_day(ontology: Ontology) -> None:
    (raisi,) = (o for o in ontology.actors["IRN"].offices if "Raisi" in o.person)
    assert [
        raisi.held(day) for day in (date(2021, 8, 2), date(2021, 8, 3), date(2024, 5, 19), date(2024, 5, 20))
    ] == [False, True, True, False]


def test_an_overlay_adds_and_replaces_and_changes_the_version(tmp_path: Path, ontology: Ontology) -> None:
    new = overlaid(tmp_path, xaa="code: XAA\nkind: state\nname: Ruritania\ndemonyms: [Ruritanian]\n")
    assert new.actors["XAA"].demonyms == ("Ruritanian",)
    assert new.actors["RUS"] == ontology.actors["RUS"]
    assert new.version != ontology.version
    assert load_ontology().version == ontology.version


def test_every_fault_is_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        overlaid(
            tmp_path,
            bad_code="code: ruritania\nkind: state\nname: Ruritania\n",
            bad_kind="code: XAA\nkind: kingdom\nname: Ruritania\ncolour: red\n",
            bad_office="code: XAB\nkind: state\nname: Graustark\noffices:\n"
            "  - {person: Prince Danton, role: prince, from: 2024-01-02, to: 2024-01-01, unverified: true}\n"
            "  - {person: Yetive, role: princess}\n",
            bad_yaml="code: [XAC\n",
            type_bad="type: AID\ncameo_root: '07'\ngoldstein: 70\nverbs:\n  - {words: [give], at: [to]}\n",
            type_mode="type: AID\ncameo_root: '07'\ngoldstein: 7\n"
            "verbs:\n  - {words: [give], at: [to], mode: x}\n",
        )
    told = "\n".join(caught.value.faults)
    for part in (
        "bad_code.yaml:1:",
        "bad_kind.yaml:2:",
        "bad_kind.yaml:4: colour: remove this unknown key",
        "bad_office.yaml:5: offices.0: 'to' lies before 'from'",
        "bad_office.yaml:6: offices.1: give 'ground' or 'unverified: true'",
        "bad_yaml.yaml:",
        "type_bad.yaml:3: goldstein",
        "type_mode.yaml:1: file: the mode 'x' of 'give' is not among 'modes'",
    ):
        assert part in told, told


def test_clashes_between_files_are_faults(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        overlaid(
            tmp_path,
            first="code: XAA\nkind: state\nname: Ruritania\n",
            second="kind: state\ncode: XAA\nname: Graustark\n",
            third="code: XAB\nkind: state\nname: Russia\n",
            fourth="code: IGO:XLEAGUE\nkind: group\nname: League\nmembers:\n  - {state: RUS}\n"
            "  - {state: XZZ}\n",
            fifth="code: NSA:XBAND\nkind: nonstate\nname: Band\nbase: XYY\n",
        )
    told = "\n".join(caught.value.faults)
    for part in (
        f"{tmp_path}/actors/second.yaml:2: XAA stands in {tmp_path}/actors/first.yaml too: keep one",
        "third.yaml:3: 'Russia' already names RUS: choose another name",
        "fourth.yaml:6: add an actor with the code XZZ, or remove it here",
        "fifth.yaml:4: add an actor with the code XYY, or remove it here",
    ):
        assert part in told, told


def test_the_version_does_not_depend_on_where_the_overlay_lies(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    text = "code: XAA\nkind: state\nname: Ruritania\n"
    assert overlaid(one, xaa=text).version == overlaid(other, xaa=text).version

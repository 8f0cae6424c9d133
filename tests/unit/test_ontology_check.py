"""Each kind of finding in an ontology, with its file and line; and that ours has none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.ontology.check import check_ontology, ungrounded
from pipeline.ontology.coalition import Coalition, Member
from pipeline.ontology.load import load_ontology

if TYPE_CHECKING:
    from pipeline.settings import Settings

STATE = "code: XAA\nkind: state\nname: Ruritania\n"
OFFICE = "  - {{person: {}, role: {}, from: {}, to: {}, unverified: true}}\n"


def found(folder: Path, *texts: str) -> list[str]:
    (folder / "actors").mkdir()
    for number, text in enumerate(texts):
        (folder / f"actors/{number}.yaml").write_text(text, encoding="utf-8")
    return [str(f).removeprefix(f"{folder}/actors/") for f in check_ontology(load_ontology(folder))]


def offices(*rows: tuple[str, str, str, str]) -> str:
    return STATE + "offices:\n" + "".join(OFFICE.format(*row) for row in rows)


def test_what_we_ship_has_no_finding(settings: Settings) -> None:
    assert [str(f) for f in check_ontology(load_ontology(), settings.coalitions)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (STATE + "aliases: [Kremlin]\n", "0.yaml:4: error: 'Kremlin' names RUS too: it is taken for neither"),
        (
            STATE + "places: [Kremlin]\n",
            "0.yaml:4: warning: the place 'Kremlin' never counts, as RUS is called so",
        ),
        (
            STATE + "aliases: [Strelsau, Strelsau]\n",
            "0.yaml:4: warning: 'Strelsau' stands here twice: keep one",
        ),
        (
            offices(("Vladimir Putin", "king", "2022-01-01", "null")),
            "0.yaml:5: error: 'Vladimir Putin' is in office for RUS (president) on the same days: choose one",
        ),
        (
            offices(("Moscow", "king", "2022-01-01", "null")),
            "0.yaml:5: warning: 'Moscow' never stands for this person, as it names RUS",
        ),
        (
            offices(("Rudolf Elphberg", "king", "2012-01-01", "2019-12-31")),
            "0.yaml:5: warning: Rudolf Elphberg left before 2020: no text can mean this office",
        ),
        (
            offices(
                ("Rudolf Elphberg", "king", "2021-01-01", "2022-01-02"),
                ("Michael Strelsau", "king", "2022-01-01", "null"),
            ),
            "0.yaml:6: error: Michael Strelsau and Rudolf Elphberg are both king on the same days: "
            "mend the dates",
        ),
        (
            "code: IGO:XLEAGUE\nkind: group\nname: League of Hentzau\n",
            "0.yaml:1: warning: the group has no members: list them",
        ),
    ],
)
def test_each_kind_of_finding(tmp_path: Path, text: str, told: str) -> None:
    assert found(tmp_path, text) == [told]


def test_what_is_no_finding(tmp_path: Path) -> None:
    handover = offices(
        ("Rudolf Elphberg", "king", "2021-01-01", "2022-01-01"),
        ("Michael Strelsau", "king", "2022-01-01", "null"),
        ("Fritz Tarlenheim", "acting king", "2021-06-01", "2021-07-01"),
        ("Sapt Zenda", "ambassador to Russia", "2021-01-01", "null"),
        ("Flavia Hentzau", "ambassador to Russia", "2021-01-01", "null"),
    )
    group = "code: IGO:XLEAGUE\nkind: group\nname: League of Hentzau\nmembers: []\n"
    assert found(tmp_path, handover, group) == []


def test_a_coalition_of_unknown_actors(settings: Settings) -> None:
    coalition = Coalition("ghosts", "Ghosts", (Member("FRA"), Member("XZZ")))
    (finding,) = check_ontology(load_ontology(), [coalition])
    assert str(finding) == "coalition ghosts: error: add an actor with the code XZZ"


def test_offices_without_ground_are_counted(tmp_path: Path) -> None:
    bare, total = ungrounded(load_ontology())
    (tmp_path / "actors").mkdir()
    (tmp_path / "actors/x.yaml").write_text(
        STATE + "offices:\n  - {person: Rudolf, role: king, unverified: true}\n"
        "  - {person: Michael, role: duke, ground: a letter}\n"
    )
    assert ungrounded(load_ontology(tmp_path)) == (bare + 1, total + 2)


def test_the_command_exits_with_one_on_errors_only(tmp_path: Path) -> None:
    (tmp_path / "ontology/actors").mkdir(parents=True)
    for file in (Path(__file__).parents[2] / "config").glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    for text, code in ((STATE + "places: [Kremlin]\n", 0), (STATE + "aliases: [Kremlin]\n", 1)):
        (tmp_path / "ontology/actors/xaa.yaml").write_text(text)
        result = CliRunner().invoke(app, ["ontology", "check", "--config", str(tmp_path)])
        assert result.exit_code == code, result.output
        assert f"{tmp_path}/ontology/actors/xaa.yaml:4: " in result.output
        assert "offices (" in result.output

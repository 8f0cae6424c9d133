"""`blocwatch explain` on the events of the sample feeds, and on a CSV."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.contract.errors import PipelineError
from tests.command import blocwatch

LINE = re.compile(r"^ +([+-]?\d\.\d{4})  \S")
"""A contribution; where its number ends tells how far in it stands."""
HEAD = re.compile(r": \w+ +([+-]?\d\.\d{4}) +90 % interval")
CHANGE = re.compile(r"→ \S+, +([+-]?\d\.\d{4})$")


def explain(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(app, ["explain", *map(str, arguments)], env=environment)


def units(text: str) -> int:
    return round(float(text) * 10_000)


def children(lines: list[str]) -> list[tuple[int, int]]:
    """How far in each contribution stands, and what it is."""
    found = [match for match in map(LINE.match, lines) if match]
    return [(match.end(1), units(match.group(1))) for match in found]


def check_sums(told: list[tuple[int, int]]) -> None:
    """Whatever stands next further in below a line adds up to it."""
    for index, (depth, value) in enumerate(told):
        below = []
        for deeper, part in told[index + 1 :]:
            if deeper <= depth:
                break
            below.append((deeper, part))
        if below:
            nearest = min(deeper for deeper, _ in below)
            assert sum(part for deeper, part in below if deeper == nearest) == value


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


ASKED = (
    ("axis",),
    ("axis", "--since", "2024-06-01", "--top", "6"),
    ("axis", "--at", "2024-03-22", "--view", "w7d"),
    ("brics", "--at", "2024-01-02", "--since", "2023-12-20"),
    ("RUS|USA", "--at", "2024-03-22", "--since", "2024-03-15"),
    ("aukus", "--at", "2019-01-01"),
    ("west", "--at", "1999-01-01"),
)


@pytest.mark.parametrize("asked", ASKED)
def test_printed_contributions_add_up(demo: Path, asked: tuple[str, ...]) -> None:
    done = explain(*asked, "--events", demo / "events.jsonl")
    assert done.exit_code == 0, done.output
    made, changed = done.output.split("What changed it since")
    head, change = HEAD.search(made), CHANGE.search(changed.splitlines()[0])
    assert head
    assert change
    check_sums(children(made.splitlines()))
    check_sums([(0, units(change.group(1))), *children(changed.splitlines()[1:])])
    rows = [line.split() for line in made.splitlines() if re.search(r"\S {2,}[+-]?\d\.\d{4} ?$", line)]
    parts = [units(row[-1]) for row in rows if row[0] != "cohesion"]
    if parts:
        assert sum(parts) == units(head.group(1))
    assert all(len(line.rstrip()) <= 100 for line in done.output.splitlines() if "https://" not in line)


def test_it_tells_the_sentence_the_outlet_and_the_link(demo: Path) -> None:
    told = " ".join(
        explain("RUS|USA", "--at", "2024-03-22", "--events", demo / "events.jsonl").output.split()
    )
    assert "2024-03-19 RUS ACCUSE USA occurred, sure 0." in told
    assert "“At the meeting Russia and China both accused the United States and its allies of raising" in told
    assert "1 report by Meridian Wire: https://meridian-wire.example/2024/03/21/b-seed" in told


def test_json_explains_the_published_number(demo: Path) -> None:
    done = explain("axis", "--json", "--events", demo / "events.jsonl")
    found = json.loads(done.output)
    published = next(
        row
        for row in records(demo / "metrics.jsonl")
        if (row["coalition"], row["view"]) == ("axis", "ewm30d")
    )
    assert found["value"] == pytest.approx(published["cohesion"], abs=1e-9)
    assert found["ci90"] == pytest.approx(published["ci90"], abs=1e-9)
    assert found["ledger_digest"] == published["ledger_digest"]
    assert found["members"] == published["members"]
    assert sum(pair["weight"] * pair["tie"] for pair in found["dyads"]) == pytest.approx(
        found["value"], abs=1e-12
    )
    assert sum(pair["change"] for pair in found["dyads"]) == pytest.approx(found["change"], abs=1e-12)
    sentences = {row["event_id"]: row["evidence"]["sentence"] for row in records(demo / "events.jsonl")}
    for pair in found["dyads"]:
        news = pair["happenings"]
        assert sum(row["value"] for row in news) == pytest.approx(pair["value"], abs=1e-12)
        rest = pair["change_by_habits"] + pair["change_by_membership"]
        assert sum(row["change"] for row in news) + rest == pytest.approx(pair["change"], abs=1e-12)
        assert all(row["sentence"] == sentences[row["event_id"]] for row in news)
        assert all(row["reports"] >= len(row["outlets"]) >= 1 for row in news)
    assert any(row["reports"] > 1 for pair in found["dyads"] for row in pair["happenings"])


def test_without_a_file_the_embedded_log_is_read(demo: Path) -> None:
    named = explain("axis", "--events", demo / "events.jsonl")
    found = explain("axis", BLOCWATCH_STATE=str(demo / "state"))
    assert found.exit_code == 0
    assert found.output == named.output


@pytest.mark.parametrize("asked", [("usa|rus",), ("USA", "RUS"), ("rus usa",), ("RUS, USA",)])
def test_a_dyad_may_be_written_in_many_ways(demo: Path, asked: tuple[str, ...]) -> None:
    events = ("--events", demo / "events.jsonl")
    assert explain(*asked, *events).output == explain("RUS|USA", *events).output


def test_a_csv_tells_numbers_without_sentences(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("date,source,target,goldstein\n2022-01-01,IRN,RUS,1\n2022-01-01,IRN,RUS,4\n")
    done = explain("IRN", "RUS", "--view", "w7d", "--json", "--events", path)
    (pair,) = json.loads(done.output)["dyads"]
    (large, small) = pair["happenings"]
    assert (large["impulse"], small["impulse"], large["sentence"]) == (4, 1, None)
    assert large["value"] == pytest.approx(4 * small["value"], rel=1e-12), "one kind shares by mass"
    assert "IRN cooperation RUS" in explain("IRN", "RUS", "--events", path).output


def test_bad_lines_are_named_and_the_rest_explained(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes((demo / "events.jsonl").read_bytes() + b"{broken\n")
    done = explain("axis", "--events", path)
    assert done.exit_code == 1
    assert "axis: cohesion" in done.stdout
    assert f"{path}:{len(path.read_bytes().splitlines())}: no Event" in done.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("axsi",), "there is axis"),
        (("RUS",), "RUS is one actor; name two"),
        (("RUS", "USX"), "no event names 'USX'; near it there are USA"),
        (("RUS", "USA", "CHN"), "name two actors"),
        (("axis", "--view", "w8d"), "no view is called 'w8d'; there are w1d, w7d"),
        (("axis", "--at", "soon"), "write it like 2024-03-21"),
        (("axis", "--at", "2024-03-01", "--since", "2024-03-01"), "--since must lie before --at"),
    ],
)
def test_errors_say_what_to_do(demo: Path, asked: tuple[str, ...], said: str) -> None:
    error = explain(*asked, "--events", demo / "events.jsonl").exception
    assert isinstance(error, PipelineError)
    assert said in str(error)


def test_without_events_it_says_how_to_get_some(tmp_path: Path) -> None:
    done = blocwatch("explain", "axis", BLOCWATCH_STATE=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "blocwatch run --embedded" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists(), "asking leaves nothing behind"
    (tmp_path / "empty.jsonl").touch()
    error = explain("axis", "--events", tmp_path / "empty.jsonl").exception
    assert "holds no events" in str(error)
    assert "No such file" in str(explain("axis", "--events", tmp_path / "gone.jsonl").exception)

"""The back-test's arithmetic on made-up pasts, and its command on a small file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.backtest.alarms import detected, read_turns
from pipeline.backtest.claims import correlation, coverage, mean_tie_with, shock, spearman
from pipeline.backtest.daily import read_dyad_days
from pipeline.backtest.past import Past, relive
from pipeline.backtest.replays import digests, disturbed
from pipeline.cli.main import app
from pipeline.contract.errors import BadRecordError
from pipeline.metrics.entry import entry_of
from pipeline.metrics.params import MetricParams
from pipeline.metrics.rows import read_rows
from pipeline.ontology.coalition import Coalition, Member
from tests.strategies import NOON, make_event

PARAMS = MetricParams(placebo_sets=50)
SIDES = (
    Coalition("axis", "east", (Member("CHN"), Member("RUS")), "west"),
    Coalition("west", "west", (Member("GBR"), Member("USA")), "axis"),
)
BREAK = 90


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 days: two camps, friendly inside, at odds across; on day 90 Russia and the west fall out."""
    path = tmp_path_factory.mktemp("backtest") / "days.csv"
    dice = np.random.Generator(np.random.PCG64(7))
    rows = ["date,a,b,net"]
    for n in range(120):
        day = date(2021, 11, 26) + timedelta(days=n)
        for a, b, usual in (("RUS", "CHN", 20), ("USA", "GBR", 20), ("RUS", "USA", 2), ("GBR", "RUS", 2)):
            across = "RUS" in (a, b) and "CHN" not in (a, b)
            net = usual + 8 * dice.standard_normal() - (400 if across and n >= BREAK else 0)
            rows.append(f"{day},{a},{b},{net:.3f}")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="module")
def past(table: Path) -> Past:
    return relive(read_dyad_days(table), SIDES, PARAMS)


def test_a_file_is_read_by_dyad_and_day(table: Path) -> None:
    found = read_dyad_days(table, since=date(2021, 12, 1), until=date(2021, 12, 3))
    assert found.dyads == ("CHN|RUS", "GBR|RUS", "GBR|USA", "RUS|USA")
    assert len(found.days) == 8
    assert found.reported.tolist() == sorted(set(found.days.tolist()))
    assert len(found.reported) == 2


@pytest.mark.parametrize(
    ("text", "word"),
    [("date,a,b\n2022-01-01,RUS,USA\n", "net"), ("x,y\n1,2\n", "lacks"), (None, "cannot read")],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str | None, word: str) -> None:
    path = tmp_path / "x.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadRecordError, match=word):
        read_dyad_days(path)


def test_a_break_is_a_shock_and_an_alarm_and_a_quiet_day_is_none(past: Past, tmp_path: Path) -> None:
    day = date(2021, 11, 26) + timedelta(days=BREAK)
    series = mean_tie_with(past, "RUS", ("USA", "GBR"))
    z = shock(past, series, day)
    assert z is not None
    assert z < -3
    quiet = shock(past, series, day - timedelta(days=10))
    assert quiet is not None
    assert abs(quiet) < abs(z)
    assert shock(past, series, date(1999, 1, 1)) is None
    known = tmp_path / "known.csv"
    known.write_text(f"a,b,date,sign,what\nRUS,USA,{day},-1,a break\nZWE,USA,{day},-1,not in the data\n")
    found = {(d.detector[:6], d.threshold): d for d in detected(past, read_turns(known))}
    assert found["robust", 5.0].found == found["robust", 5.0].known == 1
    assert found["log-ra", 1.3].found == 1


def test_coalitions_are_seen_as_such(past: Past) -> None:
    axis = past.coalitions["axis"]
    assert axis["cohesion"][-1] > 0 > -axis["opposition"][-1]
    assert axis["frustration"][-1] < 0.1


def test_intervals_cover_halves_of_the_same_days(past: Past) -> None:
    share, pairs = coverage(past, 30)["all"]
    assert pairs > 0
    assert share > 0.8


def test_rank_correlation_by_hand() -> None:
    """Ranks 1 2.5 2.5 4 against 1 3 2 4: 1 − 6·.5/(4·15) with ties corrected is .9486833."""
    assert spearman(np.array([1.0, 2, 2, 3]), np.array([10.0, 30, 20, 40])) == pytest.approx(0.9486833)


def test_correlation_of_months_and_of_their_differences() -> None:
    one = {f"2022-{m:02d}": float(m) for m in range(1, 8)}
    two = {f"2022-{m:02d}": float(m * m) for m in range(1, 9)}
    r, differences, months = correlation({k: v**2 + 1 for k, v in one.items()}, two)
    assert (months, r, differences) == (7, pytest.approx(1.0), pytest.approx(1.0))


def test_no_delivery_changes_a_digest() -> None:
    entries = [
        entry_of(make_event("RUS", other, published_at=NOON + timedelta(hours=n), goldstein=-1.0 - n % 9))
        for n in range(60)
        for other in ("USA", "CHN")
    ]
    assert len(disturbed(entries, 2022)) > len(entries)
    assert len(set(digests(entries, PARAMS).values())) == 1


@pytest.mark.shared
def test_icews_has_one_digest_however_it_is_delivered(shared: Path) -> None:
    """Shuffled, twice, split over four and merged, late, withdrawn and asserted again, three restarts."""
    with (shared / "metrics/icews22_state_dyads_goldstein.csv").open(encoding="utf-8", newline="") as lines:
        entries, faults = read_rows(lines)
    assert (len(entries), faults) == (58_498, [])
    assert len(set(digests(entries, MetricParams()).values())) == 1


def test_the_command_writes_a_report_and_fails_where_a_claim_does(table: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text("a,b,date,sign,what\nRUS,USA,2022-02-24,-1,invasion\n")
    done = CliRunner().invoke(
        app,
        ["backtest", "--data", str(tmp_path), "--gdelt", str(table), "--known-dates", str(known),
         "--report", str(tmp_path / "out")],
    )  # fmt: skip
    assert done.exit_code in (0, 1), done.output
    assert "mean tie of Russia with the west" in done.output
    text = (tmp_path / "out/report.md").read_text()
    assert "## Claims" in text
    assert (tmp_path / "out/cohesion.png").stat().st_size > 1000


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["backtest", "--data", str(tmp_path)])
    assert done.exit_code != 0
    assert "--gdelt" in str(done.exception)

"""`blocwatch recompute` on CSV files and coalitions of one's own."""

from __future__ import annotations

import csv
import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.cli.recompute import read_entries, recompute_outputs
from pipeline.contract.errors import BadRecordError, ConfigError
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MetricParams
from pipeline.settings import Settings

ROWS = [
    "2022-01-01,PRK,RUS,8.3", "2022-01-01,RUS,CHN,1", "2022-01-01,RUS,USA,-2", "2022-01-01,CHN,USA,-2",
    "2022-01-01,IRN,RUS,1", "2022-01-01,IRN,RUS,4", "2022-01-01,RUS,CHN,1",
]  # fmt: skip
"""The hand-checked example of docs/explanation/metrics.md; RUS and CHN consult twice."""


def recompute(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["recompute", *map(str, arguments)])


def write(path: Path, rows: list[str], header: str = "date,source,target,goldstein") -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def printed_digest(done: Result) -> str:
    return next(line.split()[-1] for line in done.stdout.splitlines() if line.startswith("digest"))


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_worked_example_gives_the_tones_of_the_specification(tmp_path: Path) -> None:
    done = recompute("--events", write(tmp_path / "events.csv", ROWS), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    tones = {
        row["dyad"]: row["tone"] for row in records(tmp_path / "out/dyads.jsonl") if row["view"] == "w1d"
    }
    assert tones == pytest.approx(
        {"PRK|RUS": 0.3562, "IRN|RUS": 0.25, "CHN|RUS": 0.1176, "RUS|USA": -0.1176, "CHN|USA": -0.1176},
        abs=5e-5,
    )


def test_permuted_rows_and_columns_give_the_same_bytes(tmp_path: Path) -> None:
    first = recompute("--events", write(tmp_path / "a.csv", ROWS), "--out", tmp_path / "a")
    turned = [",".join(reversed(row.split(","))) for row in random.Random(1).sample(ROWS, len(ROWS))]
    other = write(tmp_path / "b.CSV", turned, header="GOLDSTEIN,Target,Source,Date")
    second = recompute("--events", other, "--out", tmp_path / "b")
    assert printed_digest(first) == printed_digest(second)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_bad_rows_are_named_by_line_and_the_rest_is_computed(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", [*ROWS, "soon,USA,RUS,1", "2022-01-01,USA,Moscow,1"])
    done = recompute("--events", path, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert f"{path}:9: no date: 'soon'" in done.stderr
    assert f"{path}:10: target 'Moscow' is no actor" in done.stderr
    assert records(tmp_path / "out/clock.jsonl")[0]["events"] == len(ROWS)


def test_a_header_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", [], header="day,source,target,goldstein")
    with pytest.raises(BadRecordError, match=r"events\.csv: the header lacks date"):
        read_entries(path)


def test_a_byte_order_mark_and_old_encodings_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"\xef\xbb\xbfdate,source,target,goldstein,place\r\n2022-01-01,USA,RUS,1,Orl\xe9ans\r\n")
    entries, faults = read_entries(path)
    assert (len(entries), faults) == (1, [])


def test_as_of_leaves_out_later_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", [*ROWS, "2022-01-03,USA,RUS,1"])
    done = recompute("--events", path, "--as-of", "2022-01-02", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert records(tmp_path / "out/clock.jsonl")[0]["events"] == len(ROWS)


def test_coalitions_of_one_s_own_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("north:\n  title: Two of them\n  rival: west\n  members: [RUS, PRK]\n")
    events = write(tmp_path / "events.csv", ROWS)
    done = recompute("--events", events, "--coalitions", own, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    rows = records(tmp_path / "out/metrics.jsonl")
    assert {"north", "axis"} <= {row["coalition"] for row in rows}
    (north,) = [row for row in rows if row["coalition"] == "north" and row["view"] == "w1d"]
    dyads = records(tmp_path / "out/dyads.jsonl")
    (tie,) = [row["tie"] for row in dyads if (row["dyad"], row["view"]) == ("PRK|RUS", "w1d")]
    assert north["cohesion"] == tie > 0, "its one pair is PRK|RUS"


def test_faults_of_a_coalition_file_are_told_by_file_and_line(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("north:\n  title: Two\n  rival: nobody\n  members:\n    - RUS\n    - Prk\n")
    events = write(tmp_path / "events.csv", ROWS)
    error = recompute("--events", events, "--coalitions", own, "--out", tmp_path / "out").exception
    assert isinstance(error, ConfigError)
    assert any(fault.startswith(f"{own}:6: ") for fault in error.faults)
    own.write_text(own.read_text().replace("Prk", "PRK"))
    error = recompute("--events", events, "--coalitions", own, "--out", tmp_path / "out").exception
    assert isinstance(error, ConfigError)
    assert [fault.startswith(f"{own}:3: name a rival") for fault in error.faults] == [True]
    gone = recompute("--events", events, "--coalitions", tmp_path / "gone.yaml").exception
    assert isinstance(gone, ConfigError)
    assert gone.faults == [f"{tmp_path / 'gone.yaml'}:1: cannot be read: No such file or directory"]


@pytest.mark.shared
@pytest.mark.timeout(60)
def test_a_year_of_icews_shuffled_or_in_four_parts_gives_one_digest(
    shared: Path, tmp_path: Path, settings: Settings
) -> None:
    started = time.monotonic()
    path = shared / "metrics" / "icews22_state_dyads_goldstein.csv"
    header, *rows = path.read_text().splitlines()
    entries, faults = read_entries(path)
    assert (len(entries), faults) == (len(rows), [])
    whole = recompute_outputs(settings, entries).clock
    assert whole is not None
    assert whole.events == len(rows) == 58_498
    shuffled = random.Random(3).sample(rows, len(rows))
    assert set(read_entries(write(tmp_path / "shuffled.csv", shuffled, header))[0]) == set(entries)
    parts = [Ledger(MetricParams()) for _ in range(4)]
    for number, entry in enumerate(random.Random(4).sample(entries, len(entries))):
        parts[number % 4].fold(entry)
    merged = Ledger(MetricParams())
    for part in parts:
        merged.merge(part)
    assert merged.digest() == whole.ledger_digest
    merged.settle()
    assert masses(merged) == summed(path), "every row counts once, whole"
    assert time.monotonic() - started < 60


def masses(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """Cooperation and conflict of each dyad, micro Goldstein units."""
    cells = {dyad: ledger.cells(dyad).values() for dyad in ledger.dyads}
    return {dyad: (sum(c.coop for c in row), sum(c.conflict for c in row)) for dyad, row in cells.items()}


def summed(path: Path) -> dict[str, tuple[int, int]]:
    """The same by plain addition over the file."""
    coop: Counter[str] = Counter()
    conflict: Counter[str] = Counter()
    with path.open(newline="") as lines:
        for row in csv.DictReader(lines):
            dyad, g = "|".join(sorted((row["S"], row["O"]))), round(float(row["g"]) * 1_000_000)
            coop[dyad] += max(g, 0)
            conflict[dyad] += max(-g, 0)
    return {dyad: (coop[dyad], conflict[dyad]) for dyad in coop}

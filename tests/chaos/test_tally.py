"""What a tally of runs says."""

from __future__ import annotations

from pathlib import Path

from tests.chaos import tally
from tests.chaos.schedule import plan_of


def test_a_table_counts_runs_and_what_they_kept_by_family(tmp_path: Path) -> None:
    file = tmp_path / "runs" / "tally.jsonl"
    for seed, faults in ((1, {}), (10, {"once": ["twice"]}), (2, {})):
        tally.add(file, seed, plan_of(seed), faults, 60.4)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in tally.table(file).splitlines()[2:]]
    assert [(family, runs, seeds, kept) for family, runs, seeds, _, kept in rows] == [
        ("kill", "2", "1 to 10", "1"),
        ("broker", "1", "2 to 2", "1"),
        ("all", "3", "1 to 10", "2"),
    ]

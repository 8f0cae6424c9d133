"""What a tick, a fold and an update of the metrics cost, and how that grows: measured on one thread.

python -m benchmarks.metrics
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from random import Random

from pipeline.metrics.aggregate import Aggregate, uncollected
from pipeline.metrics.board import Table
from pipeline.metrics.coalitions import measure
from pipeline.metrics.entry import HOUR_US, Entry, Mark, entry_of
from pipeline.metrics.ledger import Cell, Ledger
from pipeline.metrics.params import MetricParams
from pipeline.metrics.roster import Roster
from pipeline.metrics.rows import read_rows
from pipeline.metrics.trail import trail_of
from pipeline.metrics.world import rows_of, world_at
from pipeline.ontology.coalition import Coalition, Member
from tests.strategies import NOON, make_event

STATES = [f"{a}{b}{c}" for a in "ABCDEF" for b in "ABCDEF" for c in "ABCDEF"][:200]
FOUR_VIEWS = MetricParams(windows_d=(30,), half_lives_d=(7, 30, 90))
ICEWS = Path("../shared/data/metrics/icews22_state_dyads_goldstein.csv")


def coalitions(number: int = 100) -> list[Coalition]:
    """Coalitions of 4 to 32 members, each with a rival."""
    dice = Random(1)
    return [
        Coalition(
            f"c{n:03d}",
            "drawn",
            tuple(Member(code) for code in sorted(dice.sample(STATES, dice.randrange(4, 33)))),
            f"c{(n + 1) % number:03d}",
        )
        for n in range(number)
    ]


def tick() -> dict[str, float]:
    """All 19,900 dyads of 200 states with twenty hours of news each, 100 coalitions with rivals, 4 views."""
    dice, now = Random(2), 470_000
    roster, table = Roster(coalitions()), Table(FOUR_VIEWS)
    trails = {}
    for pair in combinations(STATES, 2):
        hours = sorted(dice.sample(range(now - 9600, now), 20))
        cells = {
            (h, "="): Cell(1, dice.randrange(8 * 10**6), dice.randrange(4 * 10**6), 10, 10) for h in hours
        }
        told = [replace(entry_of(make_event()), marks=(Mark(1, hours[-1] * HOUR_US, hours[-1]),))]
        trails["|".join(pair)] = trail_of(cells, told, FOUR_VIEWS)
    table.change({**dict.fromkeys(roster.dyads), **trails})
    rows = rows_of(table.dyads)
    roster.at(now, rows)
    world_at(table, rows, now, FOUR_VIEWS)
    worlds, sets = [], []
    for step in range(1, 12):
        began = time.perf_counter()
        world = world_at(table, rows, now + step, FOUR_VIEWS)
        between = time.perf_counter()
        measure(world, roster.at(now + step, rows), FOUR_VIEWS)
        worlds.append(between - began)
        sets.append(time.perf_counter() - between)
    return {
        "ms, dyads": 1000 * statistics.median(worlds),
        "ms, coalitions": 1000 * statistics.median(sets),
        "ms, whole tick": 1000 * statistics.median(a + b for a, b in zip(worlds, sets, strict=True)),
    }


def fold(entries: list[Entry]) -> dict[str, float]:
    """Events a second into the ledger, cells up to date."""
    params = MetricParams()

    def once() -> None:
        ledger = Ledger(params)
        with uncollected():
            for entry in entries:
                ledger.fold(entry)
            ledger.settle()

    return {"events/s": len(entries) / _median(once, 5)}


def update(cells: int) -> dict[str, float]:
    """One more event and all that is published of it at once, by how much the ledger already holds."""
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    dice = Random(3)
    live = Aggregate(coalitions(12), MetricParams(), "bench")
    first, pairs = entry_of(make_event()), list(combinations(STATES[:100], 2))
    for number in range(cells):
        one, other = pairs[number % len(pairs)]
        live.fold(_told(first, number, one, other, first.bucket - 24 - dice.randrange(9000)))
    live.outputs()
    gc.freeze()  # as an aggregator does with what it recovered
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    def once() -> None:
        nonlocal number
        number += 1
        one, other = pairs[dice.randrange(len(pairs))]
        live.fold(_told(first, number, one, other, first.bucket))
        list(live.outputs(settle=False).records())

    once()
    return {"ms an update": 1000 * _median(once, 15), "bytes a cell": 1024 * grown / cells}


def _told(first: Entry, number: int, one: str, other: str, hour: int) -> Entry:
    moment = hour * HOUR_US
    return replace(
        first, event_id=f"{number:032x}", source=one, target=other, type=f"T{number}", bucket=hour,
        published_us=moment, day=NOON.date(), marks=(Mark(1, moment, hour),),
    )  # fmt: skip


def _median(work: Callable[[], None], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Measure and print; written to out/bench/metrics.json too."""
    found = {"tick": tick()}
    if ICEWS.exists():
        with ICEWS.open(encoding="utf-8", newline="") as lines:
            found["fold"] = fold(read_rows(lines)[0])
    for cells in (10_000, 100_000, 1_000_000):
        found[f"update at {cells:,} cells"] = update(cells)
    small, large = (found[f"update at {n:,} cells"]["ms an update"] for n in (10_000, 1_000_000))
    found["growth"] = {"times as slow at 1,000,000 cells as at 10,000": large / small}
    for name, values in found.items():
        print(f"{name:28s}", ", ".join(f"{key} {value:,.1f}" for key, value in values.items()))
    out = Path("out/bench/metrics.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

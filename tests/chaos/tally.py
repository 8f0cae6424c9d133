"""Verdicts of chaos runs in a file, one line a run; a table by family out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.chaos.schedule import FAMILIES, Plan


def add(file: Path, seed: int, plan: Plan, faults: Mapping[str, Sequence[str]], seconds: float) -> None:
    """Add one run; a file that is not there is begun."""
    file.parent.mkdir(parents=True, exist_ok=True)
    run = {
        "seed": seed,
        "family": plan.family,
        "struck": len(plan.steps) + sum(len(lives) for lives in plan.armed.values()),
        "faults": {check: list(found) for check, found in faults.items()},
        "seconds": round(seconds),
    }
    with file.open("a") as out:
        out.write(json.dumps(run, ensure_ascii=False) + "\n")


def table(file: Path) -> str:
    """Markdown: a line a family: its runs, seeds, how often it was struck, how many kept all promises."""
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in file.read_text().splitlines():
        run = json.loads(line)
        runs[run["family"]].append(run)
    lines = ["| family | runs | seeds | done to them | kept all promises |", "|---|---:|---|---:|---:|"]
    for family in (*(f for f in FAMILIES if f in runs), "all"):
        mine = runs[family] if family != "all" else [run for some in runs.values() for run in some]
        seeds = sorted({run["seed"] for run in mine})
        struck, kept = sum(run["struck"] for run in mine), sum(not run["faults"] for run in mine)
        lines.append(f"| {family} | {len(mine)} | {seeds[0]} to {seeds[-1]} | {struck} | {kept} |")
    return "\n".join(lines)

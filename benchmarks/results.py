"""Numbers of several runs in; their median and how far they differ, printed and kept under out/bench, out."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

KEPT = Path("out/bench")
Result = dict[str, float]
Spread = dict[str, tuple[float, float, float]]


def spread(runs: Sequence[Result]) -> Spread:
    """Least, median and most of each number."""
    values = {name: [run[name] for run in runs if name in run] for name in runs[0]}
    return {name: (min(of), statistics.median(of), max(of)) for name, of in values.items()}


def show(title: str, found: Spread) -> None:
    """Print one table."""
    print(f"\n{title}")
    for name, (low, middle, high) in found.items():
        print(f"  {name:44s} {middle:12.2f}   ({low:.2f} to {high:.2f})", flush=True)


def keep(name: str, found: Mapping[str, Any]) -> None:
    """Write out/bench/NAME.json, from which docs/benchmarks.md is made."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

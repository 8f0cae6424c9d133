"""out/bench/*.json in; docs/benchmarks.md out: medians, how far runs differ, and the command of each.

python -m benchmarks.report
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.results import KEPT

BENCH, PAGE = KEPT, Path("docs/benchmarks.md")
_HEAD = """# Benchmarks

Medians, least and most; where these are equal, it was measured once. Everything on one machine:
{cores} cores, {model}, Python {python}; a broker, where one takes part, is a real
Apache Kafka on the same cores. Written by `python -m benchmarks.report` from what the commands named
below left in `out/bench/`.

The articles are drawn from the measuring data: lengths lognormal around 2,300 characters, seven in ten
without diplomacy, four in ten word for word another outlet's copy ([mix](../benchmarks/mix.py)).
"""
_PARTS = (
    ("extraction", "The extractor, one core", "python -m benchmarks.extraction", """\
Processor time. The parser alone is the floor of anything that parses; the stages add up to the whole."""),
    ("endtoend", "End to end on a real broker", "make bench-load", """\
Open loop: an article is sent when planned, whatever became of those before it. Its latency counts from
the plan to the broker's own stamp: on its receipt, and on the clock record behind the metrics that its events
moved. A queue that grows says that the rate is not sustained; latency then tells how long the run was."""),
    ("folding", "Events into metrics", "python -m benchmarks.folding", """\
The newcomer's table adds one number a dyad and sends it on at every event; it has no time, no intervals, no
coalitions, and counts twice what comes twice."""),
    ("beside", "The extractor beside other libraries", "make bench-peers", """\
The same articles, function and broker; each peer written as a newcomer would. Then each is killed
(SIGKILL) amid as many articles again and started anew. An event that is there twice has the same id twice,
which the aggregator takes for one."""),
    ("metrics", "What the metrics cost as state grows", "python -m benchmarks.metrics", "One thread."),
    ("polling", "Feeds", "python -m benchmarks.polling", "Beside lemon24/reader on the same server."),
)  # fmt: skip


_GOALS = (
    ("extractor, articles/s a core", "extraction", ("articles/s",), 60),
    ("extractor, sentences/s a core", "extraction", ("sentences/s, gated ones included",), 300),
    ("aggregator on Kafka, events/s", "folding", ("events/s, aggregator on Kafka",), 5_000),
    ("aggregator, times a newcomer's faust table", "folding", ("times the newcomer",), 5),
    ("recompute, events/s", "folding", ("events/s, recompute: whole",), 100_000),
    ("end to end at 58 articles/s, handled", "endtoend", ("58", "articles/s handled while sending"), 58),
    ("folding in one process, events/s", "metrics", ("fold", "events/s"), 100_000),
    ("unchanged feeds/s", "polling", ("ours, plain feeds", "unchanged feeds/s"), 250),
    ("changed feeds/s, by feedparser", "polling", ("ours, odd feeds", "changed feeds/s"), 40),
    ("changed feeds/s, on the fast path", "polling", ("ours, plain feeds", "changed feeds/s"), 200),
)  # fmt: skip
"""What we want, where it is found, and the least that will do."""
_LIMITS = (
    ("a tick of 19,900 dyads and 100 coalitions, ms", "metrics", ("tick", "ms, whole tick"), 50),
    ("an update at a million cells, times one at ten thousand", "metrics",
     ("growth", "times as slow at 1,000,000 cells as at 10,000"), 1.3),
)  # fmt: skip
"""The same, and the most that will do."""


def main() -> int:
    """Write the page; parts without figures are left out. Returns the exit code."""
    lines = [_HEAD.format(cores=os.cpu_count(), model=_processor(), python=platform.python_version())]
    lines += _goals()
    for name, title, command, words in _PARTS:
        if (path := BENCH / f"{name}.json").exists():
            lines += [f"## {title}\n", f"`{command}`\n", f"{words}\n", *_tables(json.loads(path.read_text()))]
            if name == "extraction":
                lines += _needed(json.loads(path.read_text()))
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return 0


def _goals() -> Iterator[str]:
    yield "## What we want\n"
    yield "| | wanted | measured | |"
    yield "|---|---:|---:|---|"
    asked = [(*goal, "at least") for goal in _GOALS] + [(*limit, "at most") for limit in _LIMITS]
    for words, name, path, bound, side in asked:
        if (value := _found(name, path)) is not None:
            reached = value >= bound if side == "at least" else value <= bound
            verdict = "reached" if reached else "not reached"
            yield f"| {words} | {side} {bound:,} | {_told(value)} | {verdict} |"
    yield ""


def _found(name: str, path: Sequence[str]) -> float | None:
    """The median that a benchmark left, if it ran."""
    file = BENCH / f"{name}.json"
    found: Any = json.loads(file.read_text()) if file.exists() else None
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    value = found[1] if isinstance(found, list) else found
    return None if value is None else float(value)


def _tables(found: Mapping[str, Any]) -> Iterator[str]:
    """One table, or one for each group of numbers."""
    flat = {name: value for name, value in found.items() if not isinstance(value, Mapping)}
    if flat:
        yield from _table(flat)
    for group, values in found.items():
        if isinstance(values, Mapping):
            yield (
                f"**{group}**\n"
                if not group.replace(".", "").isdigit()
                else f"**{group} articles/s planned**\n"
            )
            yield from _table(values)


def _table(values: Mapping[str, Any]) -> Iterator[str]:
    yield "| | median | |"
    yield "|---|---:|---|"
    for name, value in values.items():
        if isinstance(value, list | tuple):
            low, middle, high = value
            yield f"| {name} | {_told(middle)} | {_told(low)} to {_told(high)} |"
        else:
            yield f"| {name} | {_told(value)} | |"
    yield ""


def _needed(found: Mapping[str, Any]) -> Iterator[str]:
    """What larger streams need, from what one core does: at most seven tenths busy, bursts queue."""
    rate = found["articles/s"][1]
    yield f"At {rate:.1f} articles/s a core and cores at most 70 % busy, the extractor alone needs:\n"
    yield "| articles a day | articles/s | cores |"
    yield "|---:|---:|---:|"
    for day in (400_000, 1_000_000, 5_000_000, 50_000_000):
        each = day / 86_400
        yield f"| {day:,} | {each:.1f} | {ceil(each / rate / 0.7)} |"
    yield (
        "\nExtractors share nothing: one partition and one process a core, until the aggregator's limit "
        "([folding](#events-into-metrics)) is reached.\n"
    )


def _told(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    raise SystemExit(main())

"""JSONL files: tables of records out, in an order that never depends on arrival; lines of bytes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

FILE_OF = {
    "coalition.articles.v1": "articles.jsonl",
    "coalition.events.v1": "events.jsonl",
    "coalition.receipts.v1": "receipts.jsonl",
    "coalition.dyads.v1": "dyads.jsonl",
    "coalition.metrics.v1": "metrics.jsonl",
    "coalition.metrics-history.v1": "metrics-history.jsonl",
    "coalition.drift.v1": "drift.jsonl",
    "coalition.blocs.v1": "blocs.jsonl",
    "coalition.alerts.v1": "alerts.jsonl",
    "coalition.clock.v1": "clock.jsonl",
}
"""Under which file name a topic's records are written."""


def write_lines(path: Path, values: Iterable[bytes]) -> int:
    """Write one record a line, whole or not at all; returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".part")
    count = 0
    with draft.open("wb") as out:
        for value in values:
            out.write(value + b"\n")
            count += 1
    draft.replace(path)
    return count


def write_table(path: Path, table: Mapping[str, bytes]) -> int:
    """Write the values of a compacted topic in order of their keys; returns how many."""
    return write_lines(path, (table[key] for key in sorted(table)))


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number (from 1) and bytes of each line that is not blank."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line := line.strip():
                yield number, line

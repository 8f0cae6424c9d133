"""An event file (JSONL or CSV) in; every record of the aggregator out, as JSONL and Parquet, and a digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import typer
from dateutil import parser as dates

from pipeline.articles.zones import offset_of
from pipeline.cli.progress import shown, working
from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.contract.topics import TOPICS
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.outputs import Outputs
from pipeline.metrics.rows import read_rows
from pipeline.ontology.load import load_ontology
from pipeline.settings import Settings, load_settings, read_coalitions
from pipeline.transport.files import FILE_OF, read_lines, write_table
from pipeline.transport.parquet import write_parquet
from pipeline.workers.plausible import require_known


def run_recompute(
    events: Path, out: Path, as_of: str | None, config: Path | None, coalitions: Path | None = None
) -> None:
    """Compute and write; bad lines are named, left out, and make the exit code 1."""
    settings = load_settings(config)
    if coalitions is not None:
        settings = replace(settings, coalitions=read_coalitions(coalitions))
    entries, faults = read_entries(events)
    with working(f"Computing all metrics of {len(entries)} events …"):
        outputs = recompute_outputs(settings, entries, parse_moment(as_of) if as_of else None)
        written = write_outputs(outputs, out)
    for name, count in written.items():
        typer.echo(f"{count:8d}  {out / name}")
    typer.echo(f"digest    {outputs.clock.ledger_digest if outputs.clock else '-'}")
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)


def read_entries(path: Path) -> tuple[list[Entry], list[str]]:
    """Read ledger entries of an event file: rows where its name ends in .csv, else events as JSONL.

    A line that cannot be read becomes a fault with its number. Raises BadRecordError for a file that
    cannot be read at all.
    """
    try:
        entries, faults = _read_csv(path) if path.suffix.lower() == ".csv" else _read_jsonl(path)
    except OSError as error:
        raise BadRecordError(f"cannot read {path}: {error.strerror}") from error
    return entries, [f"{path}:{number}: {reason}" for number, reason in faults]


def recompute_outputs(settings: Settings, entries: list[Entry], as_of: datetime | None = None) -> Outputs:
    """Every record that the aggregator would have published for these entries."""
    version = load_ontology(settings.ontology_overlay).version
    return recompute(entries, settings.coalitions, settings.pipeline.metrics, version, as_of=as_of)


def write_outputs(outputs: Outputs, out: Path) -> dict[str, int]:
    """Write a JSONL and a Parquet file a topic, in order of keys; returns the number of records by file."""
    tables: dict[str, dict[str, bytes]] = {}
    for topic, key, record in outputs.records():
        if record is not None:
            tables.setdefault(topic.name, {})[key] = encode(record)
    written = {}
    for topic in TOPICS:
        if topic.compacted:
            table, path = tables.get(topic.name, {}), out / FILE_OF[topic.name]
            written[path.name] = write_table(path, table)
            write_parquet(path.with_suffix(".parquet"), topic.model, (table[key] for key in sorted(table)))
    return written


def parse_moment(text: str) -> datetime:
    """Read a date or time; without a zone it is UTC, with a zone's name (EST) that zone's.

    Raises BadRecordError with an example.
    """
    try:
        moment = dates.parse(text, tzinfos=_zone)
    except (ValueError, OverflowError) as error:
        raise BadRecordError(f"cannot read the time {text!r}; write it like 2024-03-21T18:30:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_jsonl(path: Path) -> tuple[list[Entry], list[tuple[int, str]]]:
    entries: list[Entry] = []
    faults: list[tuple[int, str]] = []
    now = datetime.now(
        UTC
    ).timestamp()  # a file does not tell when its lines were written: not later than now
    for number, line in shown(read_lines(path), f"Reading {path.name}"):
        try:
            event = decode(Event, line)
            require_known(event.published_at, now)
            entries.append(entry_of(event))
        except BadRecordError as error:
            faults.append((number, str(error)))
    return entries, faults


def _read_csv(path: Path) -> tuple[list[Entry], list[tuple[int, str]]]:
    """Bytes that are not UTF-8 matter only where they stand in a column that is read."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        try:
            return read_rows(lines)
        except BadRecordError as error:
            raise BadRecordError(f"{path}: {error}") from error


def _zone(name: str | None, seconds: int | None) -> tzinfo | None:
    """A zone as feeds name it; nobody's name is no zone."""
    ahead = (
        offset_of(name)
        if name and seconds is None
        else None
        if seconds is None
        else timedelta(seconds=seconds)
    )
    return None if ahead is None else timezone(ahead)

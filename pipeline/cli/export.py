"""A topic, on a broker or in a folder of JSONL outputs, in; one Parquet, CSV or JSONL file of it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from pipeline.cli.recompute import parse_moment
from pipeline.client.choice import SHORT_NAMES, topic_of
from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.record import Record
from pipeline.contract.topics import Topic
from pipeline.settings import load_settings
from pipeline.transport.csvfile import write_csv
from pipeline.transport.files import FILE_OF, read_lines, write_lines
from pipeline.transport.parquet import write_parquet
from pipeline.transport.span import Span

FORMATS = ("parquet", "csv", "jsonl")
_Value = tuple[str, bytes]
"""Where a record lies, for a fault, and its bytes."""


def run_export(
    topic: str, span: tuple[str | None, str | None], to: str, source: Path | str, out: Path | None,
    config: Path | None,
) -> None:  # fmt: skip
    """Write one file; what cannot be read is named, left out, and makes the exit code 1.

    `source` is a folder or file of JSONL, or the prefix of the topics on the broker.
    """
    if to not in FORMATS:
        raise typer.BadParameter(f"--to takes one of {', '.join(FORMATS)}")
    found = topic_of(topic)
    wanted = span_of(*span)
    values = _in_folder(source, found) if isinstance(source, Path) else _on_broker(source, found, config)
    short = next(name for name, one in SHORT_NAMES.items() if one is found)
    path = out or Path("out/export") / f"{short}.{to}"
    faults: list[str] = []
    counted = _Counted(_records(found, values, wanted, faults.append))
    if to == "csv":
        write_csv(path, found.model, counted)
    elif to == "parquet":
        write_parquet(path, found.model, map(encode, counted))
    else:
        write_lines(path, map(encode, counted))
    typer.echo(f"{counted.count:8d}  {path}")
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)


def span_of(since: str | None, until: str | None) -> Span:
    """Read the two ends of a span; BadRecordError with an example, or when nothing lies between them."""
    span = Span(parse_moment(since) if since else None, parse_moment(until) if until else None)
    if span.since and span.until and span.since >= span.until:
        raise BadRecordError(f"nothing lies between --since {since} and --until {until}: --until is left out")
    return span


def _on_broker(prefix: str, topic: Topic, config: Path | None) -> Iterator[_Value]:
    """Yield what a topic of the configured broker holds now; of a compacted one the newest by key."""
    from pipeline.transport.kafka import latest, tail

    kafka, name = load_settings(config).pipeline.kafka, prefix + topic.name
    if topic.compacted:
        table = latest(kafka, name)
        yield from ((f"{name}: {key}", table[key]) for key in sorted(table))
        return
    for message in tail(kafka, [name]):
        yield f"{name}[{message.partition}]@{message.offset}", message.value or b""


def _in_folder(source: Path, topic: Topic) -> Iterator[_Value]:
    """Yield the lines of a file, or of the topic's file in a folder; BadRecordError where there is none."""
    path = source / FILE_OF[topic.name] if source.is_dir() else source
    try:
        for number, line in read_lines(path):
            yield f"{path}:{number}", line
    except OSError as error:
        raise BadRecordError(f"cannot read {path}: {error.strerror}") from error


def _records(
    topic: Topic, values: Iterator[_Value], span: Span, tell: Callable[[str], None]
) -> Iterator[Record]:
    for place, value in values:
        try:
            record = decode(topic.model, value)
        except BadRecordError as error:
            tell(f"{place}: {error}")
            continue
        if record in span:
            yield record


class _Counted:
    """Records, counted as they pass."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self.count = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            yield record

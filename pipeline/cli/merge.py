"""An event file in; one line for each happening with the number of its reports out."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.metrics.happenings import merged
from pipeline.transport.files import read_lines


def run_merge(events: Path) -> None:
    """Print happenings as JSON lines; bad lines are named, left out, and make the exit code 1."""
    found: list[Event] = []
    faults = 0
    for number, line in read_lines(events):
        try:
            found.append(decode(Event, line))
        except BadRecordError as error:
            faults += 1
            typer.echo(f"{events}:{number}: {error}", err=True)
    for happening in merged(found):
        typer.echo(encode(happening).decode())
    if faults:
        raise typer.Exit(1)

"""How far each stage is behind: position, end, records and seconds behind by partition, and the watermark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.exits import OVER_LIMIT
from pipeline.contract.record import format_utc
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.contract.metric import Clock
    from pipeline.kafkasettings import KafkaSettings
    from pipeline.transport.lag import PartitionLag

READERS = {"extractor": ARTICLES.name, "aggregator": EVENTS.name}


def run_lag(max_s: float | None, as_json: bool, config: Path | None) -> None:
    """Print a table; exit code 3 when a stage is more than `max_s` seconds behind, or nobody knows."""
    from pipeline.transport.lag import group_lag

    kafka = load_settings(config).pipeline.kafka
    lags = {stage: group_lag(kafka, f"blocwatch-{stage}", topic) for stage, topic in READERS.items()}
    clock = _clock(kafka)
    if as_json:
        rows = [{"stage": stage, **asdict(lag)} for stage, of_stage in lags.items() for lag in of_stage]
        watermark = None if clock is None else format_utc(clock.watermark)
        typer.echo(json.dumps({"watermark": watermark, "partitions": rows}, indent=1))
    else:
        _print(lags, clock)
    everything = [lag for of_stage in lags.values() for lag in of_stage]
    if max_s is not None and over(everything, max_s):
        typer.echo(f"blocwatch: more than {max_s:g} s behind", err=True)
        raise typer.Exit(OVER_LIMIT)


def over(lags: Sequence[PartitionLag], max_s: float) -> bool:
    """Whether a partition is further behind than `max_s` seconds, or its age could not be read."""
    return any(lag.behind and (lag.behind_s is None or lag.behind_s > max_s) for lag in lags)


def duration(seconds: float | None) -> str:
    """Write seconds for people.

    >>> [duration(s) for s in (0, 42.4, 312, 7300, 200000, None)]
    ['0 s', '42 s', '5 min 12 s', '2 h 1 min', '2 d 7 h', '?']
    """
    if seconds is None:
        return "?"
    whole = round(seconds)
    for size, unit, smaller, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // smaller} {part}"
    return f"{whole} s"


def _clock(kafka: KafkaSettings) -> Clock | None:
    from pipeline.contract.codec import decode
    from pipeline.contract.metric import Clock
    from pipeline.transport.kafka import latest

    clocks = [decode(Clock, value) for value in latest(kafka, CLOCK.name).values()]
    return max(clocks, key=lambda clock: clock.frontier, default=None)


def _print(lags: dict[str, list[PartitionLag]], clock: Clock | None) -> None:
    typer.echo(f"{'stage':11s} {'partition':26s} {'position':>10s} {'end':>10s} {'records':>9s}  behind")
    for stage, of_stage in lags.items():
        for lag in of_stage:
            name = f"{lag.topic}[{lag.partition}]"
            position = "none yet" if lag.position is None else str(lag.position)
            words = f"{position:>10s} {lag.end:10d} {lag.behind:9d}  {duration(lag.behind_s)}"
            words += f"  {lag.lost} LOST to retention before they were read" if lag.lost else ""
            typer.echo(f"{stage:11s} {name:26s} {words}")
    if clock is None:
        typer.echo("watermark   none yet: the aggregator has published nothing")
    else:
        seen = f"latest publication time seen {format_utc(clock.frontier)}, {clock.events} events"
        typer.echo(f"watermark   {format_utc(clock.watermark)} ({seen})")

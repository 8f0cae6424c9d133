"""Follow output topics in the terminal, from Kafka."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console

from pipeline.cli.board import HEADS, follow
from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.contract.metric import CoalitionMetric, DyadMetric
from pipeline.contract.topics import DYADS, EVENTS, METRICS
from pipeline.settings import load_settings
from pipeline.transport.kafka import tail


def run_watch(what: str, once: bool, as_json: bool, config: Path | None) -> None:
    """Print each record as one readable line; what cannot be read is named and passed over."""
    shown: dict[str, tuple[str, Callable[[bytes], str]]] = {
        "events": (EVENTS.name, _event),
        "metrics": (METRICS.name, _metric),
        "dyads": (DYADS.name, _dyad),
    }
    if what not in shown:
        raise typer.BadParameter(f"watch one of {', '.join(shown)}")
    topic, line_of = shown[what]
    if what in HEADS and not once and not as_json and sys.stdout.isatty():
        _live(what, topic, config)
        return
    try:
        for message in tail(load_settings(config).pipeline.kafka, [topic], follow=not once):
            if not message.value:
                continue  # a deletion: what is shown line by line cannot be taken back
            try:
                typer.echo((message.value or b"").decode() if as_json else line_of(message.value or b""))
            except (BadRecordError, UnicodeDecodeError) as error:
                typer.echo(f"{topic}[{message.partition}]@{message.offset}: passed over: {error}", err=True)
    except KeyboardInterrupt:
        return


def _live(what: str, topic: str, config: Path | None) -> None:
    kafka = load_settings(config).pipeline.kafka
    records = ((m.key or b"", m.value or b"") for m in tail(kafka, [topic], follow=True))
    console = Console()
    with contextlib.suppress(KeyboardInterrupt):
        follow(what, records, console, lambda reason: console.print(f"passed over: {reason}"))


def _event(value: bytes) -> str:
    event = decode(Event, value)
    mark = " retracted" if event.retracted else ""
    day = event.occurred_on or event.published_at
    return (
        f"{day:%Y-%m-%d}  {event.source.code} {event.type} {event.target.code}"
        f"  {event.goldstein:+.1f} {event.status}{mark}  “{event.evidence.sentence}” ({event.outlet})"
    )


def _metric(value: bytes) -> str:
    metric = decode(CoalitionMetric, value)
    opposition = "" if metric.opposition is None else f"  opposition {metric.opposition:+.3f}"
    return (
        f"{metric.as_of:%Y-%m-%d %H:%M}  {metric.coalition:10s} {metric.view:7s} "
        f"cohesion {metric.cohesion:+.3f}"
        f" [{metric.ci90[0]:+.3f}, {metric.ci90[1]:+.3f}]{opposition}  events {metric.n_events}"
        f"  {'final' if metric.final else 'provisional'}"
    )


def _dyad(value: bytes) -> str:
    dyad = decode(DyadMetric, value)
    return (
        f"{dyad.as_of:%Y-%m-%d %H:%M}  {dyad.dyad:16s} {dyad.view:7s} tie {dyad.tie:+.3f}"
        f" [{dyad.tie_ci90[0]:+.3f}, {dyad.tie_ci90[1]:+.3f}]  tone {dyad.tone:+.3f}"
        f"  coop {dyad.coop:.1f} conflict {dyad.conflict:.1f}"
        f"  events {dyad.n_events}"
    )

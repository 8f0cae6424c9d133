"""The main job on the bundled sample feeds: polls, extracts, aggregates, then shows what came out."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from pipeline.articles.samples import SAMPLE_FEEDS
from pipeline.cli.plot import draw
from pipeline.contract.codec import decode
from pipeline.contract.event import Event
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.topics import ARTICLES, EVENTS, HISTORY, METRICS
from pipeline.embedded import Embedded, export
from pipeline.settings import load_settings
from pipeline.telemetry import configure_logging
from pipeline.transport.store import EmbeddedStore
from pipeline.workers.coder import load_coder
from pipeline.workers.poller import Poller
from pipeline.workers.polling import new_sample_poller

HEADLINE = "ewm30d"
PICTURE = "ewm90d"
SHOWN = ("axis", "brics", "sco", "quad", "aukus")


def run_demo(out: Path, config: Path | None) -> None:
    """Run, and leave JSONL files and a picture in `out`; an earlier run's files there are replaced."""
    began = time.monotonic()
    console = Console() if sys.stdout.isatty() else Console(width=100)
    settings = load_settings(config)
    configure_logging("warning", "console")
    state = out / "state"
    for old in (*state.glob("embedded.sqlite*"), *state.glob("poller.sqlite*")):
        old.unlink()
    console.print(f"Polling {len(SAMPLE_FEEDS)} bundled feeds …")
    store = EmbeddedStore(state / "embedded.sqlite")
    poller = new_sample_poller(settings, store, state / "poller.sqlite")
    asyncio.run(_poll(poller))
    with console.status("Loading ontology and parser …"):
        stages = Embedded(settings, store, load_coder(settings.ontology_overlay), lambda: datetime.now(UTC))
    _drain(stages, len(store.read(ARTICLES.name)), console)
    events = [decode(Event, message.value) for message in store.read(EVENTS.name)]
    metrics = [decode(CoalitionMetric, value) for value in store.latest(METRICS.name).values()]
    history = _history(store)
    written = export(store, out)
    store.close()
    draw([row for row in history if row.view == PICTURE], events, SHOWN, out / "coalitions.png")
    console.print(_table(metrics, [row for row in history if row.view == HEADLINE]))
    console.print(f"\nThe latest events behind {SHOWN[0]}:")
    _print_events(console, events, metrics)
    console.print(f"\nWritten to {out}/ in {time.monotonic() - began:.0f} s:")
    for name, count in written.items():
        console.print(f"  {name:24s} {count:7d} records")
    console.print("  coalitions.png           the picture")


async def _poll(poller: Poller) -> None:
    await poller.poll_once(datetime.now(UTC))
    await poller.close()


def _history(store: EmbeddedStore) -> list[CoalitionMetric]:
    wanted = {HEADLINE, PICTURE}
    rows = store.latest(HISTORY.name).items()
    return [decode(CoalitionMetric, value) for key, value in rows if key.split("|")[1] in wanted]


def _drain(stages: Embedded, articles: int, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        extracting = progress.add_task("Extracting events from articles", total=articles)

        def told(stage: str, read: int, made: int) -> None:
            if stage == "extract":
                progress.update(extracting, completed=read, description=f"Extracting events ({made} so far)")

        counts = stages.drain(told)
    console.print(
        f"{counts.articles} articles → {counts.events} events → {counts.published} metric records"
        + (f"; {counts.dead_letters} dead letters" if counts.dead_letters else "")
    )


def _table(metrics: Sequence[CoalitionMetric], history: Sequence[CoalitionMetric]) -> Table:
    rows = sorted((m for m in metrics if m.view == HEADLINE), key=lambda m: -m.n_events)
    as_of = rows[0].as_of if rows else None
    title = f"Coalitions as of {as_of:%Y-%m-%d} (half-life 30 days)" if as_of else "No metrics"
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
    table.add_column("coalition", no_wrap=True)
    for name in ("cohesion", "90 % interval", "30 d ago", "opposition", "strength", "events", "prior"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        before = [h for h in history if h.coalition == row.coalition and (row.as_of - h.as_of).days >= 30]
        earlier = max(before, key=lambda h: h.as_of).cohesion if before else None
        table.add_row(
            row.coalition,
            f"{row.cohesion:+.3f}",
            f"{row.ci90[0]:+.2f} … {row.ci90[1]:+.2f}",
            "–" if earlier is None else f"{earlier:+.3f}",
            "–" if row.opposition is None else f"{row.opposition:+.3f} to {row.rival}",
            f"{row.strength:.2f}",
            str(row.n_events),
            f"{row.prior_share:.0%}",
        )
    return table


def _print_events(console: Console, events: Sequence[Event], metrics: Sequence[CoalitionMetric]) -> None:
    members = {code for m in metrics if m.coalition == SHOWN[0] for code in m.members}
    own = [e for e in events if {e.source.code, e.target.code} <= members and not e.retracted]
    for event in sorted(own, key=lambda e: (e.published_at, e.event_id))[-5:]:
        day = event.occurred_on or event.published_at.date()
        console.print(
            f"  {day}  {event.source.code} {event.type} {event.target.code} ({event.status}): "
            f"“{event.evidence.sentence}” [{event.outlet}]",
            markup=False,
            highlight=False,
        )

"""A coalition or dyad and a time in; the events that make up its value and its change out."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import typer
from rich.console import Console

from pipeline.cli.account import Account
from pipeline.cli.explained import Teller
from pipeline.cli.recompute import parse_moment, read_entries
from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event, dyad_of
from pipeline.contract.topics import EVENTS
from pipeline.metrics.aggregate import Aggregate
from pipeline.metrics.clock import microseconds
from pipeline.metrics.entry import HOUR_US, Entry, entry_of
from pipeline.metrics.explanation import explain_coalition, explain_dyad
from pipeline.metrics.frame import Frame
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.params import HOURS_A_DAY
from pipeline.settings import Settings, load_settings
from pipeline.transport.files import read_lines
from pipeline.transport.store import EmbeddedStore

_WIDTH = 100
_NAMED = 8
"""Names that an error lists at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user wants explained, as written."""

    what: Sequence[str]
    at: str | None = None
    since: str | None = None
    view: str | None = None
    top: int = 3


@dataclass(frozen=True, slots=True)
class News:
    """All events that are known, from a file or the embedded log."""

    entries: Sequence[Entry]
    events: Mapping[str, Event]
    """The newest revision of each by event_id; none where only rows of a CSV are known."""
    faults: Sequence[str]


def run_explain(asked: Asked, events: Path | None, as_json: bool, config: Path | None) -> None:
    """Explain, in words or as JSON; bad lines are named, left out, and make the exit code 1."""
    settings = load_settings(config)
    news = read_news(settings, events)
    account = account_for(asked, settings, news)
    if as_json:
        typer.echo(json.dumps(account.record(), ensure_ascii=False, indent=1))
    else:
        screen = Console(highlight=False)
        narrow = sys.stdout.isatty() and screen.width < _WIDTH
        console = screen if narrow else Console(highlight=False, width=_WIDTH)
        Teller(console, account, asked.top).tell()
    for fault in news.faults:
        typer.echo(fault, err=True)
    if news.faults:
        raise typer.Exit(1)


def read_news(settings: Settings, path: Path | None) -> News:
    """Read a file of events, or else what `run --embedded` has collected; raises BadRecordError for none."""
    store = settings.state / "embedded.sqlite"
    if path is None and not store.is_file():
        raise BadRecordError(f"no events yet: {store} is not there; {_GET_SOME}")
    if path is not None and path.suffix.lower() == ".csv":
        entries, faults = read_entries(path)
        news = News(entries, {}, faults)
    else:
        news = _decoded(_lines(path) if path is not None else _stored(store))
    if not news.entries:
        what = store if path is None else path
        raise BadRecordError("\n".join([f"{what} holds no events; {_GET_SOME}", *news.faults[:_NAMED]]))
    return news


_GET_SOME = (
    "collect some with `blocwatch run --embedded`, or name a file with --events "
    "(`blocwatch demo` leaves out/demo/events.jsonl)"
)


def account_for(asked: Asked, settings: Settings, news: News) -> Account:
    """Work out what was asked; raises BadRecordError that says what could be asked instead."""
    params = settings.pipeline.metrics
    views = [view.name for view in params.views]
    view = params.headline if asked.view is None else _named(asked.view, views, "view")
    aggregate = Aggregate(settings.coalitions, params)
    for entry in news.entries:
        aggregate.fold(entry)
    frame, ledger = aggregate.frame(), aggregate.ledger
    tick = frame.tick if asked.at is None else _tick(asked.at)
    since = tick - HOURS_A_DAY if asked.since is None else _tick(asked.since)
    if since >= tick:
        raise BadRecordError(f"--since must lie before --at, by an hour or more; {asked.since!r} does not")

    told: dict[str, Impulses] = {}

    def impulses(dyad: str) -> Impulses:
        if dyad not in told:
            told[dyad] = Impulses(ledger.contributions(dyad), params)
        return told[dyad]

    name = _wanted(" ".join(asked.what), frame)
    explain = explain_dyad if "|" in name else explain_coalition
    return Account(explain(frame, impulses, name, (since, tick), view), frame, ledger, news.events)


def _named(wanted: str, known: Sequence[str], kind: str) -> int:
    if wanted not in known:
        raise BadRecordError(f"no {kind} is called {wanted!r}; there are {', '.join(known)}")
    return known.index(wanted)


def _tick(text: str) -> int:
    """The last full hour."""
    return microseconds(parse_moment(text)) // HOUR_US


def _wanted(text: str, frame: Frame) -> str:
    """The coalition or dyad that is meant, in any case, actors in any order, between them a bar or blank."""
    coalitions = {name.lower(): name for name in frame.roster.names}
    if text.lower() in coalitions:
        return coalitions[text.lower()]
    codes = [code.upper() for code in re.split(r"[|\s,]+", text.strip(" |,"))]
    if codes[0] in frame.rows.actors and len(codes) == 1:
        raise BadRecordError(f"{codes[0]} is one actor; name two, like: blocwatch explain RUS USA")
    if len(codes) != 2:
        near = get_close_matches(text.lower(), coalitions, _NAMED) or coalitions
        raise BadRecordError(
            f"no coalition is called {text!r}; there {_are([coalitions[name] for name in near])}. "
            "Or name two actors, like: blocwatch explain RUS USA"
        )
    for code in codes:
        if code not in frame.rows.actors:
            near = get_close_matches(code, frame.rows.actors, _NAMED, cutoff=0.5)
            raise BadRecordError(
                f"no event names {code!r}" + (f"; near it there {_are(near)}" if near else "")
            )
    dyad = dyad_of(*codes)
    if dyad not in frame.rows.dyads:
        known = [name for name in frame.rows.dyads if set(codes) & set(name.split("|"))]
        raise BadRecordError(f"no event is about {dyad}; of these actors there {_are(known)}")
    return dyad


def _are(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    verb = "is" if len(names) == 1 else "are"
    return f"{verb} {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")


def _lines(path: Path) -> list[tuple[str, bytes]]:
    try:
        return [(f"{path}:{number}", line) for number, line in read_lines(path)]
    except OSError as error:
        raise BadRecordError(f"cannot read {path}: {error.strerror}") from error


def _stored(path: Path) -> list[tuple[str, bytes]]:
    store = EmbeddedStore(path)
    try:
        return [(f"{path}@{message.offset}", message.value or b"") for message in store.read(EVENTS.name)]
    finally:
        store.close()


def _decoded(lines: Sequence[tuple[str, bytes]]) -> News:
    entries: list[Entry] = []
    events: dict[str, Event] = {}
    faults: list[str] = []
    for where, line in lines:
        try:
            event = decode(Event, line)
            entries.append(entry_of(event))
        except BadRecordError as error:
            faults.append(f"{where}: {error}")
            continue
        known = events.get(event.event_id)
        if known is None or event.revision >= known.revision:
            events[event.event_id] = event
    return News(entries, events, faults)

"""Dead letters: a list with their reasons, one in full, and their records sent again to their topic."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pipeline.cli.recompute import parse_moment
from pipeline.cli.visible import visible, visible_lines
from pipeline.client.choice import topic_of
from pipeline.contract.deadletter import READ_TOPICS, REPLAYED, replayed_headers
from pipeline.contract.errors import BadRecordError, ConfigError, DependencyError
from pipeline.contract.record import format_utc
from pipeline.settings import Settings, load_settings
from pipeline.workers.freshness import kind_of

if TYPE_CHECKING:
    from pipeline.contract.topics import Topic
    from pipeline.transport.base import Publisher
    from pipeline.transport.letters import Letter, Place, Read, Wanted

MOST_REPLAYS = 3
"""A record that died again so often is not sent once more unless that is forced."""
Filters = tuple[str, str, str | None, str | None]
"""Stage, reason, since, until, as they were typed."""


def run_list(topic: str | None, filters: Filters, as_json: bool, embedded: bool, config: Path | None) -> None:
    """Print how many there are by stage and kind of reason, then a line each; or JSON, one object a line."""
    wanted = _wanted(filters)
    kinds: Counter[tuple[str, str]] = Counter()
    lines = []
    with _letters(_topics(topic), embedded, config) as read:
        for letter in read():
            if letter in wanted:
                kinds[letter.refusal.stage, kind_of(letter.refusal.reason)] += 1
                lines.append(json.dumps(_facts(letter)) if as_json else _line(letter))
    if not as_json:
        typer.echo(f"{sum(kinds.values())} dead letters")
        for (stage, kind), count in kinds.most_common():
            typer.echo(f"{count:8d}  {visible(stage) or '?'}: {kind}")
    for line in lines:
        typer.echo(line)


def run_show(position: str, raw: bool, embedded: bool, config: Path | None) -> None:
    """Print one letter, or with `raw` only its bytes as they are; BadRecordError where there is none."""
    place = _place(position)
    with _letters(_topics(place[0]), embedded, config) as read:
        letter = next((one for one in read() if one.place == place), None)
    if letter is None:
        raise BadRecordError(f"no dead letter lies at {position}")
    value = letter.message.value or b""
    if raw:
        sys.stdout.buffer.write(value)
        return
    facts = _facts(letter)
    for name, fact in facts.items():
        typer.echo(f"{name:12s} {visible('-' if fact is None else str(fact))}")
    typer.echo(f"{'key':12s} {visible((letter.message.key or b'').decode('utf-8', 'backslashreplace'))}")
    typer.echo("headers of the record")
    for name, text in letter.refusal.headers:
        typer.echo(f"  {visible(name)}: {visible(text.decode('utf-8', 'backslashreplace'))}")
    typer.echo("value")
    for line in visible_lines(value):
        typer.echo(f"  | {line}")


def run_replay(
    position: str | None, topic: str | None, filters: Filters, how: tuple[bool, bool, bool],
    embedded: bool, config: Path | None,
) -> None:  # fmt: skip
    """Send records again: one, or all that the filters leave; `how` is dry run, unasked, forced.

    The same record is sent once, however many letters tell of it. Exit code 1 when one was held back.
    """
    dry_run, unasked, forced = how
    wanted, place = _wanted(filters), None if position is None else _place(position)
    settings = load_settings(config)
    with _letters(_topics(topic if place is None else place[0]), embedded, config) as read:
        chosen, held = _chosen(read, wanted, place, forced)
        if place is not None and not chosen and not held:
            raise BadRecordError(f"no dead letter lies at {position}")
        for other in held:
            typer.echo(
                f"held back: {_name(other)} died again after {MOST_REPLAYS} replays or more; "
                "--force sends it all the same",
                err=True,
            )
        typer.echo(f"{len(chosen)} records are to be sent again")
        if chosen and not dry_run:
            if not unasked:
                typer.confirm("Send them?", abort=True)
            with _publisher(settings, embedded) as publisher:
                _send(read, chosen, publisher)
            typer.echo(f"{len(chosen)} records sent")
    if held:
        raise typer.Exit(1)


def _chosen(read: Read, wanted: Wanted, place: Place | None, forced: bool) -> tuple[set[Place], list[Place]]:
    """Places of the letters to send, one a record; and of those whose record died too often."""
    meant: set[bytes] = set()
    newest: dict[bytes, tuple[int, Place]] = {}
    for letter in read():
        record, replayed = letter.record, letter.refusal.replayed
        if letter in wanted and place in (None, letter.place):
            meant.add(record)
        if record not in newest or replayed >= newest[record][0]:
            newest[record] = replayed, letter.place
    most = [newest[record] for record in newest if record in meant]
    held = [at for replayed, at in most if replayed >= MOST_REPLAYS and not forced]
    return {at for _, at in most} - set(held), held


def _send(read: Read, chosen: set[Place], publisher: Publisher) -> None:
    for letter in read():
        if letter.place in chosen:
            key = (letter.message.key or b"").decode("utf-8", "surrogateescape")
            value = letter.message.value or b""
            publisher.send(letter.source, key, value, replayed_headers(letter.refusal))
    publisher.flush()


def _facts(letter: Letter) -> dict[str, Any]:
    told = letter.refusal
    return {
        "position": _name(letter.place),
        "stage": told.stage,
        "kind": kind_of(told.reason),
        "reason": told.reason,
        "source": f"{told.topic}:{_or_unknown(told.partition)}:{_or_unknown(told.offset)}",
        "bytes": len(letter.message.value or b""),
        "refused_at": None if told.refused_at is None else format_utc(told.refused_at),
        "version": told.version or None,
        REPLAYED: told.replayed,
    }


def _line(letter: Letter) -> str:
    facts = _facts(letter)
    again = f"  replayed {facts[REPLAYED]}" if facts[REPLAYED] else ""
    return visible(
        f"{facts['position']}  {facts['refused_at'] or '-'}  {facts['stage'] or '?'}  {facts['bytes']} B  "
        f"from {facts['source']}{again}  {facts['reason']}"
    )


def _name(place: Place) -> str:
    return ":".join(map(str, place))


def _or_unknown(number: int | None) -> str:
    return "?" if number is None else str(number)


def _place(position: str) -> Place:
    """Read topic:partition:offset; the topic in full or short, with or without .dlq."""
    topic, _, rest = position.partition(":")
    partition, _, offset = rest.partition(":")
    if not all(part.isascii() and part.isdigit() for part in (partition, offset)):
        raise BadRecordError(
            f"{position!r} is no position; `blocwatch dlq list` writes it like {READ_TOPICS[0].dlq}:0:12"
        )
    return _topics(topic)[0].dlq, int(partition), int(offset)


def _topics(name: str | None) -> tuple[Topic, ...]:
    if name is None:
        return READ_TOPICS
    found = topic_of(name.removesuffix(".dlq"))
    if found not in READ_TOPICS:
        raise ConfigError([f"{found.name} has no dead letters: no worker reads it"])
    return (found,)


def _wanted(filters: Filters) -> Wanted:
    from pipeline.transport.letters import Wanted

    stage, reason, since, until = filters
    first, last = (parse_moment(end) if end else None for end in (since, until))
    return Wanted(stage, reason, kind_of, first, last)


@contextmanager
def _letters(topics: tuple[Topic, ...], embedded: bool, config: Path | None) -> Iterator[Read]:
    from pipeline.transport.letters import in_store, on_broker
    from pipeline.transport.store import EmbeddedStore

    settings = load_settings(config)
    if not embedded:
        yield on_broker(settings.pipeline.kafka, topics)
        return
    path = settings.state / "embedded.sqlite"
    if not path.is_file():
        raise ConfigError([f"{path} is not there: no `blocwatch run --embedded` has worked in this folder"])
    with closing(EmbeddedStore(path)) as store:
        yield in_store(store, topics)


@contextmanager
def _publisher(settings: Settings, embedded: bool) -> Iterator[Publisher]:
    publisher: Publisher
    if embedded:
        from pipeline.transport.store import EmbeddedStore

        publisher = EmbeddedStore(settings.state / "embedded.sqlite")
    else:
        from pipeline.transport.kafka import KafkaPublisher

        kafka = settings.pipeline.kafka
        publisher = KafkaPublisher(kafka, kafka.in_flight_bytes, kafka.delivery_timeout_s)
    with closing(publisher):
        try:
            yield publisher
        except sqlite3.OperationalError as error:
            raise DependencyError(f"the embedded log is busy ({error}); try again") from error

"""A topic and filters in; every change of its table or log out, deletions included, with key and place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pipeline.client.access import broker_of
from pipeline.client.choice import Wanted, choice_for, topic_of
from pipeline.client.errors import ForeignRecordError, SubscriptionError
from pipeline.client.reading import read
from pipeline.contract.codec import Headers, decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.record import Record
from pipeline.contract.topics import Topic
from pipeline.transport.base import Message

R = TypeVar("R", bound=Record)
Foreign = Literal["raise", "skip"]


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """One record as it came; `record` is None where a key was deleted."""

    key: str
    record: R | None
    topic: str
    partition: int
    offset: int
    headers: Headers
    """CloudEvents attributes: ce_id, ce_time and so on."""


def changes(
    topic: str,
    *,
    coalition: Wanted = None,
    dyad: Wanted = None,
    actor: Wanted = None,
    type: Wanted = None,
    view: Wanted = None,
    follow: bool = True,
    foreign: Foreign = "raise",
    bootstrap: str | None = None,
    prefix: str = "",
    timeout_s: float = 30.0,
    **kafka: Any,
) -> Iterator[Change[Any]]:
    """Yield the present state of a topic, then every change; the arguments are those of `subscribe`.

    Of a compacted topic the state is the newest record of each key, in order of keys; of the others it is
    every record that the broker still has. A deletion is told once its key has been told.
    """
    found = topic_of(topic)
    if foreign not in ("raise", "skip"):
        raise SubscriptionError(f"foreign is 'raise' or 'skip', not {foreign!r}")
    choice = choice_for(found, coalition=coalition, dyad=dyad, actor=actor, type=type, view=view)
    messages = read(broker_of(bootstrap, kafka, os.environ), prefix + found.name, follow, timeout_s, kafka)
    return _changes(found, messages, choice.fits, foreign)


def _changes(
    topic: Topic, messages: Iterator[Message | None], fits: Callable[[Record], bool], foreign: Foreign
) -> Iterator[Change[Any]]:
    state: dict[str, Change[Any]] | None = {} if topic.compacted else None
    told: set[str] = set()
    for message in messages:
        if message is None:
            for key in sorted(state or {}):
                yield (state or {})[key]
            told, state = set(state or {}), None
            continue
        try:
            change = _read(topic, message)
        except ForeignRecordError:
            if foreign == "raise":
                raise
            continue
        wanted = change.record is not None and fits(change.record)
        if state is not None:
            _keep(state, change, wanted)
        elif wanted:
            told.update([change.key] if topic.compacted else [])
            yield change
        elif topic.compacted and change.key in told:
            told.discard(change.key)
            yield Change(change.key, None, change.topic, change.partition, change.offset, change.headers)


def _keep(state: dict[str, Change[Any]], change: Change[Any], wanted: bool) -> None:
    if wanted:
        state[change.key] = change
    else:
        state.pop(change.key, None)


def _read(topic: Topic, message: Message) -> Change[Any]:
    place = (message.topic, message.partition, message.offset)
    try:
        key = (message.key or b"").decode()
        if not message.value:
            if not topic.compacted:
                raise BadRecordError("empty value")
            return Change(key, None, *place, message.headers)
        return Change(key, decode(topic.model, message.value), *place, message.headers)
    except (BadRecordError, UnicodeDecodeError) as error:
        raise ForeignRecordError(*place, str(error)) from error

"""Logs in; what is wrong with the logs as logs, with offsets and with the processes, out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

from pipeline.contract.codec import decode, headers
from pipeline.contract.errors import BadRecordError
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS, TOPICS
from tests.chaos.logs import Footprint, Logs
from tests.chaos.standard import Standard

GROUPS = {"blocwatch-extractor": ARTICLES.name, "blocwatch-aggregator": EVENTS.name}
_ROOM = 0.05
"""By how much a process may hold more after the faults than before."""


def unbroken(logs: Logs, standard: Standard) -> Iterator[str]:
    """Offsets rise by one in every partition: nothing was taken out of a log, nothing put in."""
    for topic, messages in logs.topics.items():
        following: dict[int, int] = defaultdict(int)
        for message in messages:
            if message.offset != following[message.partition]:
                yield f"{topic}[{message.partition}]: {message.offset} follows {following[message.partition]}"
            following[message.partition] = message.offset + 1


def sealed(logs: Logs, standard: Standard) -> Iterator[str]:
    """The CloudEvents id is that of key and value, and the key is the value's own."""
    sent = {value for _, value in logs.acknowledged}
    for topic in TOPICS:
        for message in logs.of(topic.name):
            key, value = (message.key or b"").decode("utf-8", "surrogateescape"), message.value or b""
            if value in sent:
                continue
            told = dict(message.headers).get("ce_id")
            if told != dict(headers(topic, key, value, _ANY_TIME))["ce_id"]:
                yield f"{topic.name}[{message.partition}]@{message.offset}: not the record that was sealed"
            elif value and key != _key(topic.name, value):
                yield f"{topic.name}[{message.partition}]@{message.offset}: key {key} of another record"


def once(logs: Logs, standard: Standard) -> Iterator[str]:
    """Where nothing was done to the run, nothing came twice."""
    if not logs.calm:
        return
    for topic in (ARTICLES.name, EVENTS.name, RECEIPTS.name, ARTICLES.dlq, EVENTS.dlq):
        counts = Counter((message.key, message.value) for message in logs.of(topic))
        yield from (f"{topic} has {value!r:.80} {n} times" for (_, value), n in counts.items() if n > 1)


def read_to_the_end(logs: Logs, standard: Standard) -> Iterator[str]:
    """Both groups have acknowledged all that lies on their topics, and nothing beyond."""
    for group, topic in GROUPS.items():
        ends: dict[int, int] = defaultdict(int)
        for message in logs.of(topic):
            ends[message.partition] = max(ends[message.partition], message.offset + 1)
        for partition, end in ends.items():
            if logs.committed.get((group, topic, partition), 0) != end:
                committed = logs.committed.get((group, topic, partition), 0)
                yield f"{group} stands at {committed} of {end} of {topic}[{partition}]"


def back_to_normal(logs: Logs, standard: Standard) -> Iterator[str]:
    """Every process that lived through it all holds as much as before, within 5 %."""
    for name, before in logs.before.items():
        after = logs.after.get(name)
        if after is None:
            yield f"{name} was measured before and not after"
        else:
            yield from (f"{name}: {fault}" for fault in grown(before, after))


def grown(before: Footprint, after: Footprint) -> list[str]:
    """Name each thing of which there is more than 5 % more."""
    return [
        f"{field.name} from {getattr(before, field.name)} to {getattr(after, field.name)}"
        for field in fields(Footprint)
        if getattr(after, field.name) > getattr(before, field.name) * (1 + _ROOM)
    ]


def _key(topic: str, value: bytes) -> str | None:
    found = next(known for known in TOPICS if known.name == topic)
    try:
        return found.key(decode(found.model, value))
    except BadRecordError:
        return None


_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # no part of the id

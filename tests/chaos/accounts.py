"""Logs in; every article that did not end in exactly one of events, receipt of none, or dead letter out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.contract.receipt import Receipt
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS, Topic
from pipeline.transport.base import Message
from tests.chaos.logs import Logs
from tests.chaos.standard import Coded, Standard


def arrived(logs: Logs, standard: Standard) -> Iterator[str]:
    """What was acknowledged, or shown by a feed, lies on its topic."""
    for topic, value in logs.acknowledged:
        if all(message.value != value for message in logs.of(topic)):
            yield f"{topic} has lost {value[:60]!r}"
    found = {coded.guid for coded in _coded(logs, standard)}
    for guid in sorted(logs.served - found):
        yield f"the entry {guid} was shown, but is no article"


def accounted(logs: Logs, standard: Standard) -> Iterator[str]:
    """Every article has a receipt and no dead letter, or a dead letter and no receipt; nothing else has."""
    receipts: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    for message in logs.of(RECEIPTS.name):
        try:
            receipt = decode(Receipt, message.value)
            receipts[receipt.article_id, receipt.version].add(message.value or b"")
        except BadRecordError as error:
            yield f"receipt at {message.offset}: {error}"
    dead = {message.value for message in logs.of(ARTICLES.dlq)}
    expected = {coded.identity: coded for coded in _coded(logs, standard)}
    for message in logs.of(ARTICLES.name):
        coded = standard.coded(message.value or b"")
        if coded is None and (message.value or b"") not in {value or b"" for value in dead}:
            yield f"no dead letter of {_place(message)}"
        if coded is not None and message.value in dead:
            yield f"{_place(message)} can be coded, but is a dead letter"
    for identity, coded in expected.items():
        found = receipts.pop(identity, set())
        counts = [(decode(Receipt, value).events, decode(Receipt, value).retracted) for value in found]
        if counts != [(len(coded.events) - coded.retracted, coded.retracted)]:
            yield f"article {identity}: receipts of {counts} events, {len(coded.events)} came of it"
    for identity in receipts:
        yield f"a receipt of an article that there is not: {identity}"


def coded(logs: Logs, standard: Standard) -> Iterator[str]:
    """The events on the topic are, byte for byte, those that `extract` gives for the distinct articles."""
    sent = {value for topic, value in logs.acknowledged if topic == EVENTS.name}
    want = {event for one in _coded(logs, standard) for event in one.events} | sent
    have = {message.value or b"" for message in logs.of(EVENTS.name)}
    for value in sorted(want - have):
        yield f"no event {_event_name(value)}"
    for value in sorted(have - want):
        yield f"an event that no article tells: {_event_name(value)}"


def dead_letters(logs: Logs, standard: Standard) -> Iterator[str]:
    """Every dead letter is a bad record's bytes and says where it lay; every bad event has one."""
    for topic in (ARTICLES, EVENTS):
        yield from _misplaced(logs, topic)
    dead = {message.value or b"" for message in logs.of(EVENTS.dlq)}
    for message in logs.of(EVENTS.name):
        bad = standard.entry(message.value or b"") is None
        if bad != ((message.value or b"") in dead):
            yield f"{_place(message)} is {'bad without a' if bad else 'good, but has a'} dead letter"


def _misplaced(logs: Logs, topic: Topic) -> Iterator[str]:
    lying = {(message.partition, message.offset): message for message in logs.of(topic.name)}
    for letter in logs.of(topic.dlq):
        marks = dict(letter.headers)
        try:
            source = lying.get((int(marks["source_partition"]), int(marks["source_offset"])))
        except (KeyError, ValueError):
            source = None
        if source is None or (source.value or b"") != (letter.value or b"") or not marks.get("reason"):
            yield f"the dead letter at {letter.offset} of {topic.dlq} does not say where it comes from"
        elif source.key != letter.key and (source.key or b"") != (letter.key or b""):
            yield f"the dead letter at {letter.offset} of {topic.dlq} has another key than its record"


def _coded(logs: Logs, standard: Standard) -> list[Coded]:
    values = {message.value or b"": None for message in logs.of(ARTICLES.name)}
    return [coded for value in values if (coded := standard.coded(value)) is not None]


def _event_name(value: bytes) -> str:
    try:
        event = decode(Event, value)
    except BadRecordError:
        return repr(value[:60])
    return f"{event.event_id} revision {event.revision} of {event.dyad}"


def _place(message: Message) -> str:
    return f"{message.topic}[{message.partition}]@{message.offset}"

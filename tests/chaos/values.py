"""Logs in; every published value that is not what the events say, or that went back in time, out."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.topics import CLOCK, DYADS, EVENTS, HISTORY, METRICS, TOPICS
from pipeline.metrics.entry import Entry
from tests.chaos.logs import Logs
from tests.chaos.standard import Said, Standard

COMPACTED = tuple(topic for topic in TOPICS if topic.compacted)
_CLOSE = 5e-9
"""Published values are rounded to nine decimals; sums of a few of them differ by so much at most."""


def recomputed(logs: Logs, standard: Standard) -> Iterator[str]:
    """The newest value of every key equals `recompute` over the events, byte for byte; the digest too."""
    expected = standard.recompute(_entries(logs, standard))
    for topic in COMPACTED:
        have, want = logs.table(topic.name), expected[topic.name]
        wrong = sorted(key for key in have.keys() | want.keys() if have.get(key) != want.get(key))
        if wrong:
            named = ", ".join(f"{key} ({_how(key, have, want)})" for key in wrong[:3])
            yield f"{len(wrong)} of {len(want)} values of {topic.name} differ from recompute: {named}"


def true_once(logs: Logs, standard: Standard) -> Iterator[str]:
    """Every value ever published was right after some prefix of the events: none mixes two states."""
    entries = _entries(logs, standard)
    clocks = frozenset(decode(Clock, message.value).ledger_digest for message in logs.of(CLOCK.name))
    left = _said(logs) - standard.ever_true(entries, clocks).union(_deletions(logs))
    if left:  # published, but its publication never came as far as the clock
        left -= standard.ever_true(entries)
    for topic, key, value in sorted(left):
        yield f"{topic} {key} was right after no prefix of the events: {value[:60]!r}"


def only_rises(logs: Logs, standard: Standard) -> Iterator[str]:
    """The revision of a value at one moment, and the clock, never go back."""
    for topic in (METRICS, HISTORY, DYADS):
        highest: dict[tuple[str, object], int] = {}
        for message in logs.of(topic.name):
            record = _metric(topic.model, message.value)
            if record is None:
                continue
            name = (topic.key(record), record.as_of)
            if record.revision < highest.get(name, 0):
                yield f"{topic.name} {name[0]} at {message.offset}: revision {record.revision} after more"
            highest[name] = max(record.revision, highest.get(name, 0))
    last: Clock | None = None
    for message in logs.of(CLOCK.name):
        clock = decode(Clock, message.value)
        if last is not None and any(
            getattr(clock, name) < getattr(last, name) for name in ("frontier", "watermark", "tick", "events")
        ):
            yield f"the clock goes back at {message.offset}"
        last = clock


def whole(logs: Logs, standard: Standard) -> Iterator[str]:
    """Parts add up: within a record, between a coalition and its rival, and between metrics and clock."""
    clocks = [decode(Clock, value) for value in logs.table(CLOCK.name).values()]
    metrics = [decode(CoalitionMetric, value) for value in logs.table(METRICS.name).values()]
    rows = [decode(CoalitionMetric, value) for value in logs.table(HISTORY.name).values()]
    for metric in metrics:
        if any((metric.as_of, metric.ledger_digest) != (c.tick, c.ledger_digest) for c in clocks):
            yield f"{metric.key} is of another moment than the clock"
    for found in (metrics, rows):
        by_name = {(metric.coalition, metric.view, metric.as_of): metric for metric in found}
        for metric in found:
            rival = by_name.get((metric.rival or "", metric.view, metric.as_of))
            yield from (f"{metric.history_key}: {fault}" for fault in _apart(metric, rival))
    for value in logs.table(DYADS.name).values():
        dyad = decode(DyadMetric, value)
        if abs(dyad.coop - dyad.conflict - dyad.net) > _CLOSE:
            yield f"{dyad.key}: cooperation less conflict is not net"


def _apart(metric: CoalitionMetric, rival: CoalitionMetric | None) -> Iterator[str]:
    if metric.drivers is not None:
        parts = sum(driver.contribution for driver in metric.drivers.dyads) + metric.drivers.rest
        if abs(parts - metric.drivers.change) > _CLOSE:
            yield "drivers do not add up to the change"
    if rival is None or metric.polarisation is None or metric.opposition is None:
        return
    if metric.ledger_digest != rival.ledger_digest:
        yield f"its rival {rival.coalition} is of other events"
    mean = (metric.cohesion + rival.cohesion) / 2
    if abs(mean + metric.opposition - metric.polarisation) > _CLOSE:
        yield f"polarisation is not the mean cohesion with {rival.coalition} plus opposition"


def _said(logs: Logs) -> Said:
    """All that was published; a clock that still had dyads to tell says the same as one that is settled."""
    return {
        (
            topic.name,
            (message.key or b"").decode("utf-8", "surrogateescape"),
            (message.value or b"").replace(b'"settled":false', b'"settled":true', topic is CLOCK),
        )
        for topic in COMPACTED
        for message in logs.of(topic.name)
    }


def _deletions(logs: Logs) -> Said:
    """A deletion is never wrong by itself: whether one is missing or was too many, `recomputed` tells."""
    return {said for said in _said(logs) if not said[2]}


def _entries(logs: Logs, standard: Standard) -> list[Entry]:
    found = (standard.entry(message.value or b"") for message in logs.of(EVENTS.name))
    return [entry for entry in found if entry is not None]


def _metric(model: type, value: bytes | None) -> CoalitionMetric | DyadMetric | None:
    try:
        record = decode(model, value) if value else None
    except BadRecordError:
        return None  # `recomputed` and `true_once` name it
    assert record is None or isinstance(record, CoalitionMetric | DyadMetric)
    return record


def _how(key: str, have: dict[str, bytes], want: dict[str, bytes]) -> str:
    return "missing" if key not in have else "too many" if key not in want else "another value"

"""Event bytes in, ledger changes and metric bytes out: what every aggregator does, wherever it runs."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipeline.contract.codec import decode, encode, headers
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.contract.metric import SPEC_VERSION
from pipeline.contract.topics import BY_NAME, CLOCK, EVENTS, TOPICS
from pipeline.metrics.aggregate import Aggregate, uncollected
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.outputs import Outputs
from pipeline.settings import Settings
from pipeline.transport.base import Message
from pipeline.workers.extraction import Outgoing, dead_letter
from pipeline.workers.plausible import require_known, written

COMPACTED = tuple(topic.name for topic in TOPICS if topic.compacted)
"""Topics that hold one value a key: what the aggregator says."""
Place = tuple[str, str]
"""A topic's name and a key."""
MARK = "!published"  # lies beside the ledger's entries; sorts before every entry's key and is none


def new_aggregate(settings: Settings, ontology_version: str) -> Aggregate:
    """An empty aggregate for the configured coalitions and parameters."""
    return Aggregate(settings.coalitions, settings.pipeline.metrics, ontology_version)


def fold_batch(
    aggregate: Aggregate, messages: Sequence[Message], at: datetime
) -> tuple[list[Entry], list[Outgoing]]:
    """Fold every event of a batch, at the moment `at`; what must be remembered of it, and dead letters."""
    changed: dict[str, Entry] = {}
    dead: list[Outgoing] = []
    for message in messages:
        try:
            event = decode(Event, message.value)
            require_known(event.published_at, written(message))
            entry = entry_of(event)
        except BadRecordError as error:
            dead.append(dead_letter("aggregator", EVENTS, message, str(error), at))
            continue
        if aggregate.fold(entry):
            changed[entry.key] = aggregate.stored(entry)
    return list(changed.values()), dead


def outgoing_of(outputs: Outputs, emitted_at: datetime, known: Iterable[Place] = ()) -> Iterator[Outgoing]:
    """Encode what is to be published, in the order in which a reader should see it.

    With everything there is to say comes `known`, what lies on the topics from a former life: what of it
    is not said any more is deleted, before the clock tells that all is done.
    """
    left = set(known)
    for topic, key, record in outputs.records():
        if topic is CLOCK:
            for name, old in sorted(left - {(CLOCK.name, key)}):
                yield Outgoing(name, old, b"", headers(BY_NAME[name], old, b"", emitted_at))
        left.discard((topic.name, key))
        value = b"" if record is None else encode(record)
        yield Outgoing(topic.name, key, value, headers(topic, key, value, emitted_at))


def recover(aggregate: Aggregate, entries: Iterable[bytes]) -> None:
    """Fold remembered entries back in; whether what follows from them was published is not known yet."""
    with uncollected():
        for entry in entries:
            aggregate.fold(Entry.load(entry))
    gc.freeze()  # what was recovered stays: no collection needs to look at it again


def published_mark(aggregate: Aggregate, settings: Settings, ontology_version: str) -> bytes:
    """Name everything that a published value depends on: ledger, coalitions, parameters, versions.

    When the mark in the aggregator's memory differs from this, something was folded or configured
    that never reached the topics, and all of them are published again.
    """
    parts = (
        aggregate.digest(),
        repr(settings.coalitions),
        settings.pipeline.metrics.model_dump_json(),
        ontology_version,
        SPEC_VERSION,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest().encode()

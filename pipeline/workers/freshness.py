"""What a batch tells of time: how old its records were when their outcome was acknowledged, as metrics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipeline.contract.codec import FETCHED_AT
from pipeline.contract.deadletter import moment_of
from pipeline.telemetry import DEAD_LETTERS, LATENCY, RECORDS_READ
from pipeline.transport.base import Message

ORIGINS = {"published_at": "published", "fetched_at": "fetched"}
"""Fields of a record that tell when it came to be, and the `origin` under which their age is counted."""
_HEADERS = {"ce_time": "written", FETCHED_AT: "fetched"}
_MOMENTS = re.compile(rb'"(published_at|fetched_at)": ?"([^"\\\\]{1,40})"')
"""No text can feign it: inside one, quotes stand behind a backslash."""
_REASONS = (
    ("empty value", "empty"),
    ("no ", "invalid"),
    ("implausible time", "implausible"),
    ("cannot encode", "unencodable"),
    ("the extractor failed", "failed"),
    ("the article took too long", "timeout"),
    ("the article needed too much memory", "memory"),
    ("the article killed its process", "killed"),
)


def ages(message: Message, now: datetime) -> Iterator[tuple[str, float]]:
    """Yield (origin, seconds) for every moment that a record names first; nothing for what cannot be read.

    The record was read once already; a second reading would cost as much as folding it. Clocks of outlets
    run ahead at times: an age is at least 0.
    """
    marks = dict(message.headers)
    told = {origin: marks[name] for name, origin in _HEADERS.items() if marks.get(name)}
    for field, moment in _MOMENTS.findall(message.value or b""):
        told.setdefault(ORIGINS[field.decode()], moment)
    for origin, moment in told.items():
        if (aware := moment_of(moment.decode("ascii", "replace"))) is not None:
            yield origin, max(0.0, (now - aware).total_seconds())


def kind_of(reason: str) -> str:
    """Sort a dead letter's reason, a sentence, into one of a few kinds.

    >>> kind_of("no Article: url: field required")
    'invalid'
    """
    return next((kind for start, kind in _REASONS if reason.startswith(start)), "other")


def count_batch(
    stage: str, messages: Sequence[Message], reasons: Iterable[str | None], now: datetime
) -> None:
    """Count a batch whose outcome was acknowledged at `now`; `reasons` are those of its dead letters."""
    RECORDS_READ.labels(stage).inc(len(messages))
    for kind, dead in Counter(kind_of(reason) for reason in reasons if reason is not None).items():
        DEAD_LETTERS.labels(stage, kind).inc(dead)
    for message in messages:
        for origin, seconds in ages(message, now):
            LATENCY.labels(stage, origin).observe(seconds)

"""Why a record could not be used, to headers of its dead letter, and back; how often it was sent again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipeline import __version__
from pipeline.contract.codec import Headers
from pipeline.contract.record import format_utc
from pipeline.contract.topics import ARTICLES, EVENTS

READ_TOPICS = (ARTICLES, EVENTS)
"""Topics that a worker reads, and so may refuse records of."""
REPLAYED = "replayed"
"""Header of a record that was sent again from the dead letters: how often."""
OWN_HEADERS = {
    "stage": "Which worker could not use the record.",
    "reason": "Why, in words.",
    "source_topic": "Where it lay.",
    "source_partition": "In which partition; empty if unknown.",
    "source_offset": "At which offset; empty if unknown.",
    "version": "Which version of blocwatch refused it.",
    "refused_at": "When, RFC 3339, UTC.",
}
"""Headers of a dead letter beside those that its record had, and what they say."""
FIRST_HEADERS = ("stage", "reason", "source_topic", "source_partition", "source_offset")
"""Those that every dead letter has; the others came later."""
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a dead letter's headers tell; what they do not tell is empty or None."""

    stage: str
    reason: str
    topic: str
    partition: int | None
    offset: int | None
    version: str
    refused_at: datetime | None
    replayed: int
    headers: Headers
    """Those that the record itself had, `replayed` among them."""


def dead_letter_headers(
    stage: str, reason: str, source: tuple[str, int | None, int | None], at: datetime, own: Headers = ()
) -> Headers:
    """Say why a record is a dead letter; `source` is topic, partition and offset, `own` its own headers.

    The value stays the original bytes. `at` is aware. Headers of the record that bear a name of ours go.
    """
    topic, partition, offset = source
    return (
        ("stage", stage.encode()),
        ("reason", reason[:_LONGEST_REASON].encode("utf-8", "replace")),
        ("source_topic", topic.encode()),
        ("source_partition", b"" if partition is None else str(partition).encode()),
        ("source_offset", b"" if offset is None else str(offset).encode()),
        ("version", __version__.encode()),
        ("refused_at", format_utc(at).encode()),
        *_foreign(own),
    )


def refusal_of(headers: Headers) -> Refusal:
    """Read headers back, also those of an older version, or of somebody else; never raises."""
    told = {name: (value or b"").decode("utf-8", "replace") for name, value in reversed(headers)}
    return Refusal(
        told.get("stage", ""),
        told.get("reason", ""),
        told.get("source_topic", ""),
        _number(told.get("source_partition", "")),
        _number(told.get("source_offset", "")),
        told.get("version", ""),
        moment_of(told.get("refused_at", "")),
        _number(told.get(REPLAYED, "")) or 0,
        tuple(_foreign(headers)),
    )


def replayed_headers(refusal: Refusal) -> Headers:
    """The record's own headers, counting one replay more."""
    others = tuple(mark for mark in refusal.headers if mark[0] != REPLAYED)
    return (*others, (REPLAYED, str(refusal.replayed + 1).encode()))


def _foreign(headers: Headers) -> Iterable[tuple[str, bytes]]:
    return ((name, value or b"") for name, value in headers if name not in OWN_HEADERS)


def _number(text: str) -> int | None:
    """A number as we write them: at most 19 ASCII digits.

    >>> [_number(text) for text in ("7", "", "-1", "٣")]
    [7, None, None, None]
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None


def moment_of(text: str) -> datetime | None:
    """A moment from ISO 8601; None for anything else, and where it has no zone.

    >>> moment_of("2024-05-01T12:00") is None
    True
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None

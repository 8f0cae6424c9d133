"""An event in; what the ledger keeps of it out, with a compact and lossless form in bytes.

Entries of one event form a join-semilattice: `join` is commutative, associative and idempotent, so
the ledger does not depend on the order or number of deliveries. The newest revision decides what is
counted; of every revision ever seen a mark stays (when it was published, which hour it fell in), so
that ticks, rows and revision numbers of the output never vanish or fall.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event, Status, dyad_of
from pipeline.metrics.params import HOURS_A_DAY, MICRO

HOUR_US = 3_600_000_000
_FIELDS_OF_0_1 = 15
"""What release 0.1 stored of an event: all but the story."""
LAST_YEAR = 9998
"""No event is published later: ticks after it must still be dates."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Mark(NamedTuple):
    """A revision that was seen: enough to say for ever that it came, and how late."""

    revision: int
    published_us: int
    """Publication, microseconds since 1970."""
    bucket: int
    """Hour that the event counts in, hours since 1970."""

    @property
    def published_hour(self) -> int:
        """Hour of publication since 1970."""
        return self.published_us // HOUR_US


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger needs of one event, as its newest revision tells it."""

    event_id: str
    revision: int
    retracted: bool
    source: str
    target: str
    type: str
    day: date
    """Day of the event (UTC), or of its publication where the text fixes none."""
    bucket: int
    """Hour that it counts in, hours since 1970."""
    published_us: int
    """Publication, microseconds since 1970."""
    g: int
    """Goldstein intensity, micro-units."""
    q: int
    """Confidence, micro-units."""
    status: Status
    owner: str
    """Who reported it: reports of one owner count once."""
    story: str
    """Which text tells it: near copies of one text count once; empty for a text of its own."""
    url: str
    marks: tuple[Mark, ...]
    """Every revision seen so far, sorted."""
    dyad: str = field(init=False, compare=False)
    """Both codes in alphabetical order."""

    def __post_init__(self) -> None:
        """Name the dyad once: it is asked for often."""
        object.__setattr__(self, "dyad", dyad_of(self.source, self.target))

    @property
    def key(self) -> str:
        """Identity in the ledger: dyad and event_id, `CHN|RUS|5f0c…`."""
        return f"{self.dyad}|{self.event_id}"

    @property
    def hours(self) -> tuple[int, int]:
        """First and last hour of the days that any revision put the event on.

        Reports of one day share happenings, so this is where any of them may change a cell.
        """
        days = [mark.bucket // HOURS_A_DAY for mark in self.marks]
        return min(days) * HOURS_A_DAY, max(days) * HOURS_A_DAY + HOURS_A_DAY - 1

    def join(self, other: Entry) -> Entry:
        """Combine two sightings of one event: the newer revision, and the marks of both.

        Two different contents under one revision are a fault upstream; the one with the larger
        canonical form wins, whichever came first.
        """
        newer = max(self, other, key=lambda entry: (entry.revision, entry._content()))
        marks = tuple(sorted({*self.marks, *other.marks}))
        return newer if newer.marks == marks else replace(newer, marks=marks)

    def dump(self) -> bytes:
        """Write as JSON, the same bytes for equal entries."""
        return json.dumps([*self._fields(), self.marks], separators=(",", ":")).encode()

    @classmethod
    def load(cls, value: bytes) -> Entry:
        """Read what `dump` wrote; raises BadRecordError for anything else."""
        try:
            values = json.loads(value)
            if len(values) == _FIELDS_OF_0_1:
                values.insert(-2, "")
            *fields, day, bucket, published, g, q, status, owner, story, url, marks = values
            event_id, revision, retracted, source, target, kind = fields
            return cls(
                str(event_id), int(revision), bool(retracted), str(source), str(target), str(kind),
                date.fromisoformat(day), int(bucket), int(published), int(g), int(q), Status(status),
                str(owner), str(story), str(url), tuple(Mark(int(r), int(p), int(b)) for r, p, b in marks),
            )  # fmt: skip
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise BadRecordError(f"not a ledger entry: {error}") from error

    def _fields(self) -> list[object]:
        return [
            self.event_id, self.revision, int(self.retracted), self.source, self.target, self.type,
            self.day.isoformat(), self.bucket, self.published_us, self.g, self.q, self.status.value,
            self.owner, self.story, self.url,
        ]  # fmt: skip

    def _content(self) -> str:
        return json.dumps(self._fields())


def entry_of(event: Event) -> Entry:
    """Take from an event what the ledger needs.

    An event of its publication day, or of no known day, counts in the hour of publication; any
    other in the first hour of its day, so that a scheduled one counts from its day on. A near copy
    of an earlier text counts as published when that was. Raises
    BadRecordError for a publication time that no tick can follow.
    """
    if event.published_at.year > LAST_YEAR:
        raise BadRecordError(f"published_at {event.published_at:%Y-%m-%d} is no plausible date")
    published_us = (event.published_at - _EPOCH) // timedelta(microseconds=1)
    told_at = event.published_at if event.story_since is None else min(event.story_since, event.published_at)
    day = event.occurred_on or told_at.date()
    if day == told_at.date():
        bucket = (told_at - _EPOCH) // timedelta(hours=1)
    else:
        bucket = (datetime.combine(day, time(), UTC) - _EPOCH) // timedelta(hours=1)
    return Entry(
        event_id=event.event_id,
        revision=event.revision,
        retracted=event.retracted,
        source=event.source.code,
        target=event.target.code,
        type=event.type.value,
        day=day,
        bucket=bucket,
        published_us=published_us,
        g=round(event.goldstein * MICRO),
        q=round(event.confidence * MICRO),
        status=event.status,
        owner=event.owner or event.outlet,
        story=event.story_id or "",
        url=event.url,
        marks=(Mark(event.revision, published_us, bucket),),
    )

"""A record in; the moment that it belongs to, and whether that lies in a span of time, out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.contract.article import Article
from pipeline.contract.event import Event
from pipeline.contract.metric import Clock, Measured
from pipeline.contract.receipt import Receipt
from pipeline.contract.record import Record


def moment_of(record: Record) -> datetime:
    """The record's own time: `published_at` of news, `as_of` of values, the clock's tick."""
    match record:
        case Article() | Event() | Receipt():
            return record.published_at
        case Measured():
            return record.as_of
        case Clock():
            return record.tick
    raise TypeError(f"{type(record).__name__} has no time of its own")


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` on, up to but without `until`; None leaves an end open."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, record: Record) -> bool:
        moment = moment_of(record)
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

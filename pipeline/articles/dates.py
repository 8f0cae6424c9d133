"""Date strings of an entry in; a publication time and how far it can be trusted out.

feedparser's own dates are not used: they read MSK and PKT as UTC and turn 30 February into March.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.articles.datetext import Moment, NoDate, interpret
from pipeline.contract.article import DateQuality

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No news feed is older."""
AHEAD = timedelta(days=1)
"""How far past the fetch a date may lie: clocks and zones differ, no more."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A publication time and where it comes from."""

    published_at: datetime
    quality: DateQuality


def date_entry(
    dates: Sequence[str], first_seen_at: datetime, fetched_at: datetime, country: str | None = None
) -> Dated:
    """Date one entry by the first of its strings that can be read, else by when it was first seen.

    What cannot be right (30 February, before 1995, over a day after the fetch) gives `first_seen_at`
    marked suspect; a moment that is not sure (see `Moment`) is kept and marked suspect. What is no date,
    and days in numbers whose order nobody settles, count as no date. `country` (alpha-3) is the outlet's.
    """
    wrong = False
    for text in dates:
        moment = interpret(text, country)
        if isinstance(moment, NoDate):
            wrong = wrong or moment is NoDate.IMPOSSIBLE
        elif EARLIEST <= moment.at <= fetched_at + AHEAD:
            return Dated(moment.at, DateQuality.FEED if moment.sure else DateQuality.SUSPECT)
        else:
            wrong = True
    return Dated(first_seen_at, DateQuality.SUSPECT if wrong else DateQuality.FIRST_SEEN)


def read_date(text: str, country: str | None = None) -> Moment | None:
    """Read one date string, sure or not; None where it names no moment.

    >>> read_date("Thu, 21 Mar 2024 21:30:00 MSK").at.isoformat()
    '2024-03-21T18:30:00+00:00'
    >>> read_date("March 21,2024").at.isoformat()
    '2024-03-21T00:00:00+00:00'
    >>> read_date("Fri, 30 Feb 2024 10:00:00 GMT") is None
    True
    """
    found = interpret(text, country)
    return None if isinstance(found, NoDate) else found

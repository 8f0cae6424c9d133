"""Date strings of a feed in; a publication time and how far it can be trusted out.

feedparser's own dates are not used: they read MSK and PKT as UTC and turn 30 February into March.
Grammar: RFC 822 section 5 with four-digit years (RFC 1123), RFC 3339 and W3C's profile of ISO 8601,
asctime, Unix seconds and milliseconds, and dates in English words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.articles.zones import offset_of
from pipeline.contract.article import DateQuality

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No news feed is older."""
AHEAD = timedelta(days=1)
"""How far past the fetch a date may lie: clocks and zones differ, no more."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE = r"(?P<zone>[+-]\d{1,2}:?\d\d|[+-]\d\d|[a-z]{1,5}(?:[+-]\d{1,2}(?::?\d\d)?)?)"
_TIME = rf"(?:[\s,]*(?:at\s+)?{_CLOCK}(?:\s*\(?{_ZONE}\)?)?)?(?:\s*\([^()]*\))?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_SHAPES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}}|\d\d){_TIME}",
        rf"(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:t|\s)?{_TIME}",
        rf"(?P<year>\d{{4}})[/.](?P<month>\d\d?)[/.](?P<day>\d\d?){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY}\s*,?\s*(?P<year>\d{{4}}){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        r"(?:t?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<zone>z|[+-]\d\d:?\d\d)?)?",
    )
)
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?P<millis>\d{3})?(?:\.\d*)?")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date string says: an aware time in UTC, and whether its zone was understood."""

    at: datetime
    sure: bool = True


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
    marked suspect; a zone nobody knows gives the time as if it were UTC, marked suspect. `country`
    (alpha-3) settles zone names that several places use, such as IST.
    """
    wrong = False
    for text in dates:
        moment = read_date(text, country)
        if moment is None:
            wrong = wrong or impossible(text)
            continue
        if not EARLIEST <= moment.at <= fetched_at + AHEAD:
            wrong = True
            continue
        return Dated(moment.at, DateQuality.FEED if moment.sure else DateQuality.SUSPECT)
    return Dated(first_seen_at, DateQuality.SUSPECT if wrong else DateQuality.FIRST_SEEN)


def read_date(text: str, country: str | None = None) -> Moment | None:
    """Read one date string; None where it is none or names a day or an hour that does not exist.

    A date without a time is midnight; a time without a zone is UTC.

    >>> read_date("Thu, 21 Mar 2024 21:30:00 MSK").at.isoformat()
    '2024-03-21T18:30:00+00:00'
    >>> read_date("March 21,2024").at.isoformat()
    '2024-03-21T00:00:00+00:00'
    >>> read_date("Fri, 30 Feb 2024 10:00:00 GMT") is None
    True
    """
    text = text.strip()
    found = _shape(text)
    if found is not None:
        return _moment(found, country)
    epoch = _EPOCH.fullmatch(text)
    if epoch is None or len(text) > _LONGEST:
        return None
    return Moment(datetime.fromtimestamp(int(epoch["seconds"]), UTC))


def impossible(text: str) -> bool:
    """Tell whether a string has the shape of a date, but names none: 30 February, 25 o'clock.

    >>> impossible("2024-02-30T10:00:00Z"), impossible("soon")
    (True, False)
    """
    found = _shape(text.strip())
    return found is not None and _moment(found, None) is None


def _shape(text: str) -> dict[str, str] | None:
    if len(text) > _LONGEST:
        return None
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            return {name: value for name, value in found.groupdict().items() if value is not None}
    return None


def _moment(parts: dict[str, str], country: str | None) -> Moment | None:
    month = parts["month"].lower()
    offset = offset_of(parts.get("zone", "UTC"), country)
    try:
        local = datetime(
            _year(parts["year"]),
            int(month) if month.isdigit() else _MONTHS.index(month) + 1,
            int(parts["day"]),
            _hour(int(parts.get("hour", 0)), parts.get("half", "")),
            int(parts.get("minute", 0)),
            min(int(parts.get("second", 0)), 59)
            if parts.get("second") == "60"
            else int(parts.get("second", 0)),
            tzinfo=UTC,
        )
        return Moment(local - (offset or timedelta()), offset is not None)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    """Two digits are 1950 to 2049 (RFC 2822, section 4.3)."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _hour(hour: int, half: str) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"no {hour} o'clock on a clock of twelve hours")
    return hour % 12 + (12 if half.lower() == "p" else 0)

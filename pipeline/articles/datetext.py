"""One date string in; the moment it names, or why it names none, out.

Grammar: RFC 822 section 5 with four-digit years (RFC 1123), RFC 850, asctime; RFC 3339, W3C's profile of
ISO 8601, its week and ordinal dates; Unix time in seconds, milli- and microseconds; what programming
languages print; dates in words of ten languages and in numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from pipeline.articles.daynames import month_of, weekday_of
from pipeline.articles.zones import zone_of

_CLOCK = (
    r"(?P<hour>\d{1,2})(?P<colon>[:.h])(?P<minute>\d\d)(?:(?P=colon)(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?|\s*(?:uhr|hrs?|h)\b)?"
)
_ZONE = (
    r"(?P<zone>[+-]\d{1,2}:?\d\d|[+-]\d\d|[a-z]{1,5}(?:[+-]\d{1,2}(?::?\d\d)?)?)"
    r"(?:\s+\(?(?P<alias>[a-z]{2,5})\b\)?)?"
)
_TIME = (
    r"(?:(?:\s*,)?(?:\s+[|–-])?[\s,]*(?:(?:at|à|um|alle|kl|a las|às|в|о|об)\s+)?"
    rf"{_CLOCK}(?:\s*\(?{_ZONE}\)?)?)?(?:\s*\([^()]*\)|\[[a-z_/]+\])?"
)
_WORD = r"[^\W\d_]+(?:-feira)?"
_WEEKDAY = rf"(?:(?P<weekday>{_WORD})\.?(?:,\s*|\s+))?"
_MONTH = r"(?P<month>[^\W\d_]+)\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|[º.])?"
_YEAR = r"(?P<year>\d{4}|\d\d)"
_FULL_YEAR = r"(?P<year>\d{4})(?!\d)"
_ISO_TIME = _TIME.replace(r"(?:\s*,)?", r"(?:t|\s*,)?", 1)
_SHAPES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}[\s-]*(?:de\s+)?{_MONTH},?[\s-]+(?:del?\s+)?{_YEAR}(?:\s+(?:г\.?|року|р\.))?{_TIME}",
        rf"{_FULL_YEAR}-(?P<month>\d\d?)-(?P<day>\d\d?){_ISO_TIME}",
        rf"{_FULL_YEAR}[/.](?P<month>\d\d?)[/.](?P<day>\d\d?)\.?{_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY}\s*,?\s*{_FULL_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_CLOCK}\s+(?:{_ZONE}\s+)?{_FULL_YEAR}",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        r"(?:t?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:\.\d+)?(?P<zone>z|[+-]\d\d:?\d\d)?)?",
        rf"{_FULL_YEAR}\s?[年년]\s?(?P<month>\d\d?)\s?[月월]\s?(?P<day>\d\d?)\s?[日일]{_TIME}",
        rf"{_FULL_YEAR}-?W(?P<week>\d\d)-?(?P<of_week>\d){_ISO_TIME}",
        rf"{_FULL_YEAR}-(?P<of_year>\d{{3}}){_ISO_TIME}",
        rf"{_WEEKDAY}(?P<first>\d\d?)(?P<mark>[/.-])(?P<other>\d\d?)(?P=mark){_YEAR}{_TIME}",
    )
)
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\d{3}){0,2}(?:\.\d*)?", re.ASCII)
_LONGEST = 100

# How states write a day in numbers, after Unicode CLDR's short formats. Everywhere else: day first.
_MONTH_FIRST = frozenset("USA ASM GUM MHL MNP PRI UMI VIR".split())
_BOTH = frozenset(
    "AFG BDI BLZ BTN CAN CHN ERI ETH FSM GHA HUN IRN JPN KEN KOR LBR LTU MNG NPL PAN PHL PLW PRK SAU"
    " SWE TGO TWN ZAF".split()
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date string says: an aware time in UTC.

    Not `sure` where its hour or day may be another: no zone beside a time, a zone that is unknown or
    means several offsets, a weekday that the day is not.
    """

    at: datetime
    sure: bool = True


class NoDate(StrEnum):
    """Why a string gives no moment."""

    UNREADABLE = "no date in a known form"
    IMPOSSIBLE = "a day or an hour that does not exist"
    AMBIGUOUS = "day and month may be swapped"


@lru_cache(maxsize=8192)
def interpret(text: str, country: str | None = None) -> Moment | NoDate:
    """Read one date string; the outlet's `country` (alpha-3) settles what states write differently.

    A date without a time is midnight UTC; 24:00 is the next midnight; a leap second is the second before.

    >>> interpret("03/04/2024"), interpret("03/04/2024", "USA").at.isoformat()
    (<NoDate.AMBIGUOUS: 'day and month may be swapped'>, '2024-03-04T00:00:00+00:00')
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(text) > _LONGEST:
        return NoDate.UNREADABLE
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            parts = {name: value for name, value in found.groupdict().items() if value is not None}
            try:
                read = _moment(parts, country)
            except (ValueError, OverflowError):
                return NoDate.IMPOSSIBLE
            if read is not NoDate.UNREADABLE:
                return read
    epoch = _EPOCH.fullmatch(text)
    return NoDate.UNREADABLE if epoch is None else Moment(datetime.fromtimestamp(int(epoch["seconds"]), UTC))


def _moment(parts: dict[str, str], country: str | None) -> Moment | NoDate:
    """Put the parts together; raises ValueError or OverflowError where they name nothing that exists."""
    day = _day(parts, country)
    if isinstance(day, NoDate):
        return day
    weekday = weekday_of(parts["weekday"]) if "weekday" in parts else day.weekday()
    if weekday is None:
        return NoDate.UNREADABLE
    sure = weekday == day.weekday()
    if "hour" not in parts:
        return Moment(datetime.combine(day, time(), UTC), sure)
    ahead, zone_sure = _ahead(parts, country, day)
    at = datetime.combine(day, time(), UTC) + _since_midnight(parts) - ahead
    if parts.get("second") == "60" and (at.hour, at.minute) != (23, 59):
        raise ValueError("leap seconds end a day of UTC")
    return Moment(at, sure and zone_sure)


def _day(parts: dict[str, str], country: str | None) -> date | NoDate:
    if "first" in parts:
        return _numbered(parts, country)
    year = _year(parts["year"])
    if "week" in parts:
        return date.fromisocalendar(year, int(parts["week"]), int(parts["of_week"]))
    if "of_year" in parts:
        day = date(year, 1, 1) + timedelta(days=int(parts["of_year"]) - 1)
        if day.year != year:
            raise ValueError("no such day in that year")
        return day
    month = int(parts["month"]) if parts["month"].isdecimal() else month_of(parts["month"])
    return NoDate.UNREADABLE if month is None else date(year, month, int(parts["day"]))


def _numbered(parts: dict[str, str], country: str | None) -> date | NoDate:
    """Read a day that is all numbers, year last: by its state's order, else only if one order fits.

    Two digits of a year may as well be a day, so that without a state's order nothing fits for sure.
    """
    year = _year(parts["year"])
    first, other = int(parts["first"]), int(parts["other"])
    day_first, month_first = _exists(year, other, first), _exists(year, first, other)
    if day_first is None and month_first is None:
        if len(parts["year"]) == 2:
            return NoDate.UNREADABLE
        raise ValueError("no such day in either order")
    usual = None
    if country and country not in _BOTH:
        usual = month_first if country in _MONTH_FIRST else day_first
    if len(parts["year"]) == 2:
        return usual or NoDate.AMBIGUOUS
    if usual is not None or day_first == month_first:
        return usual or day_first or NoDate.AMBIGUOUS
    return NoDate.AMBIGUOUS if day_first and month_first else day_first or month_first or NoDate.AMBIGUOUS


def _exists(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Two digits are 1950 to 2049 (RFC 2822, section 4.3)."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _ahead(parts: dict[str, str], country: str | None, day: date) -> tuple[timedelta, bool]:
    """How far the written time lies ahead of UTC; zero and not sure where nobody says, or two disagree."""
    zone = zone_of(parts["zone"], country, day) if "zone" in parts else None
    if zone is None:
        return timedelta(), False
    alias = zone_of(parts["alias"], country, day) if "alias" in parts else None
    return zone.ahead, zone.sure and (alias is None or not alias.sure or alias.ahead == zone.ahead)


def _since_midnight(parts: dict[str, str]) -> timedelta:
    """Raise ValueError for an hour, minute or second that no clock shows."""
    hour, minute = int(parts["hour"]), int(parts["minute"])
    second = int(parts.get("second", 0))
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(f"no {hour} o'clock on a clock of twelve hours")
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))

"""Words that date an act in; a day with its granularity and the rule that found it out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.contract.event import Granularity, Status

_MONTHS = "january february march april may june july august september october november december".split()
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = (
    r"(Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.|April|Apr\.|May|June|July|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_EXPRESSION = re.compile(
    rf"\b{_MONTH}\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y1>\d{{4}}))?"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH})\b(?:,?\s+(?P<y2>\d{{4}}))?"
    rf"|\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b"
    rf"|\b(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
    rf"|\b(?P<relative>yesterday|today|tonight|tomorrow)\b"
    rf"|\b(?P<vague>(?:this|last|next|earlier this|late last|previous) (?:week|month|year|weekend)"
    rf"|(?:recent|coming) (?:days|weeks|months))\b",
    re.IGNORECASE,
)


_FAR_DAYS = 45
"""What has happened is not dated by a day so far ahead: talks on the October vote."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, or None where only a vague time is given."""

    day: date | None
    granularity: Granularity
    rule: str


def date_of(sentence: str, near: int, published: date, status: Status) -> Dated:
    """Date an act told at character `near` of a sentence: the nearest expression, else the publication.

    A weekday is the latest one up to publication (the same day on its own day), or for what is
    intended the next one.
    """
    found = [(abs(match.start() - near), match) for match in _EXPRESSION.finditer(sentence)]
    for _, match in sorted(found, key=lambda item: (item[0], item[1].start())):
        dated = _read(match, published, status)
        if status is Status.OCCURRED and (_only_ranks(match) or _far_ahead(dated, published)):
            continue
        if dated is not None:
            return dated
    if status is Status.OCCURRED:
        return Dated(published, Granularity.DAY, "published")
    return Dated(None, Granularity.NONE, "none")


def _only_ranks(match: re.Match[str]) -> bool:
    """Tell whether a span of time dates nothing that has happened: their first call *this year*."""
    return (match["vague"] or "").lower().startswith(("this year", "next", "coming"))


def _far_ahead(dated: Dated | None, published: date) -> bool:
    return dated is not None and dated.day is not None and (dated.day - published).days > _FAR_DAYS


def _read(match: re.Match[str], published: date, status: Status) -> Dated | None:
    if iso := match["iso"]:
        return _day(int(iso[:4]), int(iso[5:7]), int(iso[8:]), "iso")
    if match["weekday"]:
        return Dated(_weekday(match["weekday"], published, status), Granularity.DAY, "weekday")
    if word := match["relative"]:
        shift = {"yesterday": -1, "tomorrow": 1}.get(word.lower(), 0)
        return Dated(published + timedelta(days=shift), Granularity.DAY, "relative")
    if vague := match["vague"]:
        unit = vague.lower().rsplit(maxsplit=1)[-1]
        size = {
            "week": Granularity.WEEK,
            "weekend": Granularity.WEEK,
            "days": Granularity.WEEK,
            "year": Granularity.YEAR,
        }
        return Dated(None, size.get(unit, Granularity.MONTH), "vague")
    day = int(match["d1"] or match["d2"])
    month = _month(match[1] or match["m2"])
    year = match["y1"] or match["y2"]
    if year:
        return _day(int(year), month, day, "date")
    near = [_day(published.year + shift, month, day, "date") for shift in (-1, 0, 1)]
    dated = [d for d in near if d is not None and d.day is not None]
    return min(dated, key=lambda d: abs((d.day or published) - published), default=None)


def _day(year: int, month: int, day: int, rule: str) -> Dated | None:
    try:
        return Dated(date(year, month, day), Granularity.DAY, rule)
    except ValueError:
        return None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3].lower()))


def _weekday(name: str, published: date, status: Status) -> date:
    wanted = _WEEKDAYS.index(name.lower())
    if status is Status.INTENDED:
        return published + timedelta(days=(wanted - published.weekday()) % 7)
    return published - timedelta(days=(published.weekday() - wanted) % 7)

"""A sentence in; the expressions of time in it, each with the day that it means, out.

Days, weekdays, "two days earlier", "overnight", ranges (their first day); weeks, months
and years give no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.contract.event import Granularity

_MONTHS = "january february march april may june july august september october november december".split()
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.|April|Apr\.|May|June|July|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_TH = r"(?:st|nd|rd|th)?"
_RANGE = rf"(?:\s?(?:[-–—/]|to|and|or|until|through)\s?(?:{_MONTH}\s?)?\d{{1,2}}{_TH}\b)?"
_WEEKDAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_COUNT = rf"(?:an?|\d{{1,3}}|{'|'.join(_NUMBERS[1:])})"
_EXPRESSION = re.compile(
    rf"\b(?P<m1>{_MONTH})\s(?:the\s)?(?P<d1>\d{{1,2}}){_TH}\b(?![:.]\d){_RANGE}(?:,?\s+(?P<y1>\d{{4}})\b)?"
    rf"|\b(?P<d2>\d{{1,2}}){_TH}{_RANGE}\s+(?:of\s+)?(?P<m2>{_MONTH})\b(?:,?\s+(?P<y2>\d{{4}})\b)?"
    rf"|\b(?P<d3>\d{{1,2}}){_TH}\s?[-–]\s?\d{{1,2}}{_TH}\s+(?P<m3>{_MONTH})\b(?:,?\s+(?P<y3>\d{{4}})\b)?"
    rf"|\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b"
    rf"|\b(?P<dotted>\d{{1,2}}\.\d{{1,2}}\.\d{{4}})\b"
    rf"|\b(?:(?P<shift>last|next|this past|this|coming|past)\s)?(?P<weekday>{_WEEKDAY})\b"
    rf"|\b(?P<ago>{_COUNT}) (?P<unit>day|night|week|month|year)s? "
    rf"(?P<way>ago|earlier|before|prior|later|from now)\b"
    rf"|\b(?P<before>the (?:day|night|evening) before yesterday)\b"
    rf"|\b(?P<eve>the (?:day|night|evening) before|the previous (?:day|night|evening)"
    rf"|the day after tomorrow)\b"
    rf"|\b(?P<relative>yesterday|today|tonight|tomorrow|overnight|last night|last evening|earlier in the day"
    rf"|this (?:morning|afternoon|evening)|in the early hours|at dawn|just now)\b"
    rf"|\bon the (?P<th>\d{{1,2}})(?:st|nd|rd|th)\b(?! (?:anniversary|session|of|floor|birthday|day|round))"
    rf"|\b(?P<vague>(?:this|last|next|earlier this|late last|later this|previous|past) "
    rf"(?:week|month|year|weekend|summer|autumn|fall|spring|winter)"
    rf"|(?:recent|coming|past few|last few|next few) (?:days|weeks|months|years))\b"
    rf"|\b(?:in|since|last|late|early|mid|mid-|until|by|during) ?(?P<month>{_MONTH})"
    rf"(?:,? (?:of )?\d{{4}})?\b(?! \d)|\b(?:in|since|during) (?P<year>(?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)
_SPANS = {
    "week": Granularity.WEEK, "weekend": Granularity.WEEK, "days": Granularity.WEEK,
    "weeks": Granularity.MONTH, "year": Granularity.YEAR, "years": Granularity.YEAR,
}  # fmt: skip
_SHIFTS = {"yesterday": -1, "last night": -1, "last evening": -1, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, or None where only a vague time is given."""

    day: date | None
    granularity: Granularity
    rule: str


@dataclass(frozen=True, slots=True)
class Expression:
    """Words that tell a time, where they stand in the sentence, and what they mean."""

    start: int
    end: int
    words: str
    dated: Dated

    @property
    def ranks(self) -> bool:
        """Whether it names a span that dates nothing done: their first call *this year*, *next week*."""
        return self.words.lower().startswith(("this year", "next", "coming", "later this", "by "))


def expressions(sentence: str, published: date, ahead: bool) -> Iterator[Expression]:
    """Every expression of time, in order; `ahead` reads weekdays forward, as plans mean them."""
    last: Expression | None = None
    for match in _EXPRESSION.finditer(sentence):
        dated = _read(match, published, ahead)
        if dated is None:
            continue
        found = Expression(match.start(), match.end(), match.group(), dated)
        if last is not None and last.dated.rule == "weekday" and _one_time(sentence, last, found):
            last = None  # on Saturday, September 21
        if last is not None:
            yield last
        last = found
    if last is not None:
        yield last


def _one_time(sentence: str, weekday: Expression, day: Expression) -> bool:
    return day.dated.rule == "date" and sentence[weekday.end : day.start].strip() in ("", ",", ", on", "(")


def _read(match: re.Match[str], published: date, ahead: bool) -> Dated | None:
    if day := match["d1"] or match["d2"] or match["d3"]:
        month = _month(match["m1"] or match["m2"] or match["m3"])
        year = match["y1"] or match["y2"] or match["y3"]
        return _day(int(year), month, int(day), "date") if year else _nearest(month, int(day), published)
    if iso := match["iso"]:
        return _day(int(iso[:4]), int(iso[5:7]), int(iso[8:]), "iso")
    if dotted := match["dotted"]:
        number, month, year = (int(part) for part in dotted.split("."))
        return _day(year, month, number, "date")
    if match["weekday"]:
        return _on(_weekday(match["weekday"], (match["shift"] or "").lower(), published, ahead), "weekday")
    if match["th"]:
        return _on_the(int(match["th"]), published, ahead)
    return _reckoned(match, published) or _vague(match)


def _reckoned(match: re.Match[str], published: date) -> Dated | None:
    if match["ago"]:
        return _ago(match["ago"].lower(), match["unit"].lower(), match["way"].lower(), published)
    if match["before"]:
        return _on(published - timedelta(days=2), "relative")
    if eve := match["eve"]:
        return _on(published + timedelta(days=2 if eve.lower().endswith("tomorrow") else -1), "relative")
    if word := match["relative"]:
        return _on(published + timedelta(days=_SHIFTS.get(word.lower(), 0)), "relative")
    return None


def _ago(count: str, unit: str, way: str, published: date) -> Dated | None:
    if way in ("earlier", "before", "prior", "later") and unit not in ("day", "night"):
        return None  # five years earlier: than what?
    if unit not in ("day", "night"):
        size = {"week": Granularity.WEEK, "month": Granularity.MONTH}.get(unit, Granularity.YEAR)
        return Dated(None, size, "vague")
    days = 1 if count in ("a", "an") else int(count) if count.isdigit() else _NUMBERS.index(count)
    sign = 1 if way in ("later", "from now") else -1
    return _on(published + timedelta(days=sign * days), "relative")


def _vague(match: re.Match[str]) -> Dated | None:
    if vague := match["vague"]:
        return Dated(None, _SPANS.get(vague.lower().rsplit(maxsplit=1)[-1], Granularity.MONTH), "vague")
    if match["month"]:
        return None if match["month"] == "may" else Dated(None, Granularity.MONTH, "vague")
    return Dated(None, Granularity.YEAR, "vague") if match["year"] else None


def _on(day: date, rule: str) -> Dated:
    return Dated(day, Granularity.DAY, rule)


def _day(year: int, month: int, day: int, rule: str) -> Dated | None:
    try:
        return _on(date(year, month, day), rule)
    except ValueError:
        return None


def _nearest(month: int, day: int, published: date) -> Dated | None:
    """A day without its year: the one nearest to publication."""
    near = [_day(published.year + shift, month, day, "date") for shift in (-1, 0, 1)]
    dated = [d for d in near if d is not None and d.day is not None]
    return min(dated, key=lambda d: abs((d.day or published) - published), default=None)


def _on_the(day: int, published: date, ahead: bool) -> Dated | None:
    """The latest (of plans, the next) such day of a month."""
    for days in range(31):
        near = published + timedelta(days=days if ahead else -days)
        if near.day == day:
            return _on(near, "date")
    return None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3].lower()))


def _weekday(name: str, shift: str, published: date, ahead: bool) -> date:
    wanted = _WEEKDAYS.index(name.lower())
    forward = timedelta(days=(wanted - published.weekday()) % 7)
    back = timedelta(days=(published.weekday() - wanted) % 7)
    if shift in ("next", "coming"):
        return published + (forward or timedelta(days=7))
    if shift in ("last", "past", "this past"):
        return published - (back or timedelta(days=7))
    return published + forward if ahead else published - back

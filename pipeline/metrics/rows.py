"""Lines of a CSV file of coded events in; ledger entries, and a fault for each row that cannot be read, out.

A row says who (source) did something to whom (target) on which date, and how friendly that was
(goldstein). Its identity is what it says plus how many equal rows came before, never where it
stands: any order of the rows gives the same entries, and equal rows stay separate events. Files that
are read apart and then merged count a row that is in both of them once.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import ACTOR_CODE, Status
from pipeline.metrics.clock import microseconds
from pipeline.metrics.entry import HOUR_US, LAST_YEAR, Entry, Mark
from pipeline.metrics.params import MICRO

REQUIRED = {
    "date": ("date",),
    "source": ("source", "s"),
    "target": ("target", "o"),
    "goldstein": ("goldstein", "g"),
}
"""Columns that a file must have, each under one of these names; the first one found is read."""
OPTIONAL = {"type": ("type",), "owner": ("owner", "outlet")}
"""Columns that tell which rows report one happening; of use together only."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_FIRST_YEAR = 1800
"""Each midnight since the first row is a tick: a slip of the pen in a year must not make a million."""
_LIMIT = 10


class _Row(NamedTuple):
    """What a row says; rows that say the same in other spellings are equal."""

    published_us: int
    source: str
    target: str
    g: int
    type: str
    owner: str


def read_rows(lines: Iterable[str]) -> tuple[list[Entry], list[tuple[int, str]]]:
    """Read a header and rows; gives entries in order of rows, and line number and reason of each fault.

    Rows with both a type and an owner are reports of one happening where dyad, direction, type and
    day agree; any other row is a happening of its own, whose type says cooperation, conflict or
    neutral by the sign of goldstein. The time of a row, midnight UTC where it names only a day, is
    both when it happened and when it was published. Raises BadRecordError for a header that lacks a
    column, or names one twice.
    """
    entries: list[Entry] = []
    faults: list[tuple[int, str]] = []
    seen: Counter[_Row] = Counter()
    records = _records(lines)
    names = _header(records)
    places = _places(names)
    for number, cells in records:
        try:
            row = _row(cells, places, len(names))
            entries.append(_entry(row, seen[row]))
        except BadRecordError as error:
            faults.append((number, str(error)))
        else:
            seen[row] += 1
    return entries, faults


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Each record that is not blank: the number of its first line, and its cells or what is wrong."""
    reader = csv.reader(lines, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            until = f", up to line {reader.line_num}" if reader.line_num > first else ""
            yield first, f"no CSV row{until}: {error}"
        else:
            if any(cell.strip() for cell in cells):
                yield first, cells


def _header(records: Iterator[tuple[int, list[str] | str]]) -> list[str]:
    number, cells = next(records, (1, "the file is empty"))
    if isinstance(cells, str):
        raise BadRecordError(f"line {number}: no header: {cells}")
    return [cell.strip().lower() for cell in cells]


def _places(names: Sequence[str]) -> dict[str, int]:
    """Find the column of each field."""
    places: dict[str, int] = {}
    for field, spellings in {**REQUIRED, **OPTIONAL}.items():
        name = next((name for name in spellings if name in names), None)
        if name is None:
            continue
        if names.count(name) > 1:
            raise BadRecordError(f"the header names {name!r} more than once")
        places[field] = names.index(name)
    if missing := [field for field in REQUIRED if field not in places]:
        raise BadRecordError(f"the header lacks {', '.join(missing)}; it names {', '.join(names)}")
    return places


def _row(cells: list[str] | str, places: Mapping[str, int], width: int) -> _Row:
    if isinstance(cells, str):
        raise BadRecordError(cells)
    if len(cells) != width:
        raise BadRecordError(f"{len(cells)} fields where the header has {width}")
    text = {field: cells[place].strip() for field, place in places.items()}
    kind, owner = _utf8(text.get("type", "")).upper(), _utf8(text.get("owner", ""))
    together = bool(kind and owner)
    return _Row(
        published_us=microseconds(_moment(text["date"])),
        source=_code("source", text["source"]),
        target=_code("target", text["target"]),
        g=_intensity(text["goldstein"]),
        type=kind if together else "",
        owner=owner if together else "",
    )


def _entry(row: _Row, ordinal: int) -> Entry:
    said = "\x1f".join(map(str, (*row, ordinal)))
    event_id = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    tone = "cooperation" if row.g > 0 else "conflict" if row.g < 0 else "neutral"
    bucket = row.published_us // HOUR_US
    return Entry(
        event_id=event_id,
        revision=1,
        retracted=False,
        source=row.source,
        target=row.target,
        type=row.type or f"{tone}:{event_id}",
        day=datetime.fromtimestamp(row.published_us // MICRO, UTC).date(),
        bucket=bucket,
        published_us=row.published_us,
        g=row.g,
        q=MICRO,
        status=Status.OCCURRED,
        owner=row.owner,
        story="",
        url="",
        marks=(Mark(1, row.published_us, bucket),),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadRecordError(f"no date: {text!a}; write it like 2024-03-21 or 2024-03-21T18:30Z") from None
    if not _FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadRecordError(f"date {text!a} is not plausible")
    return moment


def _code(field: str, text: str) -> str:
    if not re.fullmatch(ACTOR_CODE, text):
        raise BadRecordError(f"{field} {text!a} is no actor; write an alpha-3 code, IGO:… or NSA:…")
    return text


def _intensity(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not -_LIMIT <= float(text) <= _LIMIT:
        raise BadRecordError(f"goldstein {text!a} is no number from -10 to 10")
    return round(float(text) * MICRO)


def _utf8(text: str) -> str:
    """Refuse what a reader let through as undecodable."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRecordError(f"{text!a} is not UTF-8") from None
    return text

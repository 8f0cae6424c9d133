"""A feed's wishes about when to be asked: `<ttl>`, `<skipHours>` and `<skipDays>` of RSS 2.0."""

from __future__ import annotations

import re

_LONGEST_TTL_MIN = 60 * 24 * 365
_LONGEST_LIST = 2_000
"""Bytes from the beginning of a list of hours or days to its end."""
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>")
_DAY = re.compile(rb"<day>\s*([a-z]{6,9})\s*</day>")
_WEEK = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")


def ttl_seconds(text: str) -> int | None:
    """Turn the minutes of `<ttl>` into seconds; None for none, zero, or what is no number of up to a year.

    >>> ttl_seconds(" 15 "), ttl_seconds("0"), ttl_seconds("soon")
    (900, None, None)
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return None
    minutes = int(digits)
    return minutes * 60 if 0 < minutes <= _LONGEST_TTL_MIN else None


def skipped_hours(body: bytes) -> frozenset[int]:
    """Read the hours, 0 to 23, of the first `<skipHours>` in a document (24, of some old feeds, is 0).

    >>> sorted(skipped_hours(b"<skipHours><hour>0</hour><hour>23</hour><hour>99</hour></skipHours>"))
    [0, 23]
    """
    hours = (int(hour) for hour in _HOUR.findall(_listed(body, b"skipHours")))
    return frozenset(hour % 24 for hour in hours if hour <= 24)


def skipped_days(body: bytes) -> frozenset[int]:
    """Read the days, 0 is Monday, of the first `<skipDays>` in a document.

    >>> sorted(skipped_days(b"<skipDays><day>Saturday</day><day>Sunday</day><day>Never</day></skipDays>"))
    [5, 6]
    """
    return frozenset(_WEEK.index(day) for day in _DAY.findall(_listed(body, b"skipDays")) if day in _WEEK)


def _listed(body: bytes, name: bytes) -> bytes:
    """Return what stands in the first element of that name, spelled so or in lower case."""
    for spelled in (name, name.lower()):
        start = body.find(b"<" + spelled)
        end = body.find(b"</" + spelled, start, start + _LONGEST_LIST) if start >= 0 else -1
        if end >= 0:
            return body[start:end].lower()
    return b""

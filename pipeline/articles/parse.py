"""Bytes of a feed in; raw entries, or the reason why there are none, out.

feedparser sees bytes only, wrapped as a file: given a string, or even bare bytes, it opens files and
addresses of that name. Its sanitizer is off (it is quadratic on hostile styles); `normalize` makes plain
text of our own. Parsing can still take long on hostile bytes: workers/parsing.py bounds time and memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import feedparser

_HTML_PAGE = re.compile(rb"^\s*(<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_CHARSET = re.compile(r"charset\s*=", re.I)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something could not be used, in words for an operator; few distinct ones, fit for counting."""

    reason: str


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry as the feed gave it: markup, entities and all; empty where it gave nothing."""

    guid: str
    link: str
    title: str
    content: str
    summary: str
    dates: tuple[str, ...]
    """Date strings, the publication date first, then any date of a change."""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """The entries of one document in its order; `version` as feedparser names formats, such as rss20."""

    version: str
    entries: tuple[RawEntry, ...]


def parse_feed(body: bytes, content_type: str = "") -> RawFeed | Refusal:
    """Read RSS, RDF or Atom, mending what can be mended; never raises for what `body` holds.

    `content_type` is the HTTP header; its charset, where it has one, goes before the XML declaration
    (RFC 7303, section 3). A feed of a known format without entries is a feed.
    """
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return Refusal("empty body")
    headers = {"content-type": content_type} if _CHARSET.search(content_type) else {}
    try:
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (MemoryError, RecursionError):
        return Refusal("parser ran out of memory")
    except Exception:  # feedparser raises whatever its repairs stumble over; the bytes are at fault
        return Refusal("parser failed")
    version = str(parsed.get("version") or "")
    if not parsed.entries and not version:
        return Refusal("HTML page" if _HTML_PAGE.match(body[:10_000]) else "no feed format and no entries")
    return RawFeed(version, tuple(_raw(entry) for entry in parsed.entries))


def _raw(entry: Any) -> RawEntry:
    parts = [part for part in entry.get("content") or () if part.get("value")]
    return RawEntry(
        guid=_text(entry, "id"),
        link=_text(entry, "link"),
        title=_text(entry, "title"),
        content="\n".join(str(part["value"]) for part in parts),
        summary=_text(entry, "summary"),
        dates=tuple(dict.fromkeys(_dates(entry))),
    )


def _dates(entry: Any) -> Iterator[str]:
    for name in ("published", "created", "updated"):
        if name in entry and (text := _text(entry, name)):
            yield text


def _text(entry: Any, name: str) -> str:
    return str(entry.get(name) or "").strip()

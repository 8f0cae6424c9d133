"""Bytes of a feed in; raw entries, or the reason why there are none, out.

Three readers, asked in this order: `jsonfeed` for what begins like JSON, `fastpath` for feeds so plain that
it provably tells what feedparser would, and feedparser for all the rest: it is the reference.

feedparser sees bytes only, wrapped as a file: given a string, or even bare bytes, it opens files and
addresses of that name. Its sanitizer is off (it is quadratic on hostile styles); `normalize` makes plain
text of our own. Parsing can still take long on hostile bytes: workers/parsing.py bounds time and memory.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

import feedparser

from pipeline.articles.fastpath import parse_plain
from pipeline.articles.hints import FeedHints
from pipeline.articles.jsonfeed import parse_json
from pipeline.articles.raw import RawEntry, RawFeed, Refusal
from pipeline.articles.skipping import skipped_days, skipped_hours, ttl_seconds

__all__ = ["RawEntry", "RawFeed", "Refusal", "consult", "parse_feed", "parse_reference", "prepared"]

BODY_LIMIT = 32_000_000
"""Bytes; the largest feed of 24 world-news outlets has one million."""
MOST_ENTRIES = 20_000
"""Beginnings of entries that a document may hold; feedparser takes 0.1 ms for each at least."""

_EDGE = b" \t\r\n\0\xef\xbb\xbf"
_HTML_PAGE = re.compile(rb"\s*+(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
"""Atomic: each comment ends at its first end, or forty of them would take longer than anybody waits."""
_ENTRY = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s/>]", re.I)
_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_ANY_MARK = (codecs.BOM_UTF8, *(mark for mark, _ in _MARKS))
_IMPOSSIBLE = re.compile(
    rb"\A((?:\xef\xbb\xbf)?\s{0,99}<\?xml\s[^<>]{0,99}?encoding\s*=\s*[\"'])(?:utf-?(?:16|32)|(?:iso-10646-)?ucs-?[24])"
    rb"(?:-?[lb]e)?(?=[\"'])", re.I,
)  # fmt: skip
_CHARSET = re.compile(r"charset\s*=", re.I)


def parse_feed(body: bytes, content_type: str = "") -> RawFeed | Refusal:
    """Read RSS, RDF, Atom or JSON Feed, mending what can be mended; never raises for what `body` holds.

    `content_type` is the HTTP header; its charset, where it has one, goes before the XML declaration, and a
    byte order mark before both (RFC 7303, section 3). A feed of a known format without entries is a feed.
    """
    start = body[:10_000].lstrip(_EDGE)[:1]
    if not start and not body.strip(_EDGE):
        return Refusal("empty body")
    if len(body) > BODY_LIMIT:
        return Refusal("feed too large")
    try:
        if start == b"{":
            return parse_json(body)
        if body.startswith(_ANY_MARK):
            content_type = ""
        body = prepared(body)
        return parse_plain(body, content_type) or parse_reference(body, content_type)
    except (MemoryError, RecursionError):
        return Refusal("parser ran out of memory")


def parse_reference(body: bytes, content_type: str = "") -> RawFeed | Refusal:
    """Read RSS, RDF or Atom by feedparser; raises MemoryError and RecursionError only."""
    if _crowded(body):
        return Refusal("too many entries")
    try:
        parsed = consult(body, content_type)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # feedparser raises whatever its repairs stumble over; the bytes are at fault
        return Refusal("parser failed")
    version = str(parsed.get("version") or "")
    if not parsed.entries and not version:
        return Refusal("HTML page" if _HTML_PAGE.match(body[:10_000]) else "no feed format and no entries")
    return RawFeed(version, tuple(_raw(entry) for entry in parsed.entries), _hints(parsed.feed, body))


def consult(body: bytes, content_type: str = "") -> Any:
    """Return feedparser's own result, of the one way in which we ask it; raises whatever it stumbles over."""
    headers = {"content-type": content_type} if _CHARSET.search(content_type) else {}
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def prepared(body: bytes) -> bytes:
    """Mend what leads feedparser astray.

    It takes `media:description`, the caption of a picture (Media RSS), for the text of the entry, beside or
    instead of the entry's own: where entries have their own, captions are renamed. Of the signs of an
    encoding it overlooks a byte order mark of UTF-16 or UTF-32 without a declaration, and follows a
    declaration of these that the declaration itself, being in single bytes, refutes (XML 1.0, appendix F).
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            with contextlib.suppress(UnicodeDecodeError):
                body = body.removeprefix(mark).decode(encoding).encode()
            break
    body = _IMPOSSIBLE.sub(rb"\1utf-8", body, count=1)
    if b"<media:" not in body or body.count(b"<description") < 2:
        return body
    for opening in (b"<media:", b"</media:"):
        for name in (b"description", b"title"):
            body = body.replace(opening + name, opening + b"caption-" + name)
    return body


def _crowded(body: bytes) -> bool:
    return sum(1 for _, _ in zip(_ENTRY.finditer(body), range(MOST_ENTRIES + 1), strict=False)) > MOST_ENTRIES


def _raw(entry: Any) -> RawEntry:
    parts = [str(part.get("value") or "") for part in entry.get("content") or ()]
    return RawEntry(
        guid=_text(entry, "id"),
        link=_link(entry),
        title=_text(entry, "title"),
        content=max(parts, key=len, default=""),
        summary=_text(entry, "summary"),
        dates=tuple(dict.fromkeys(_dates(entry))),
    )


def _link(entry: Any) -> str:
    """Return the entry's page, also where feedparser takes the text of another `<link>` for it."""
    link = _text(entry, "link")
    links = [(one.get("rel"), _text(one, "href")) for one in entry.get("links") or ()]
    if any(rel != "alternate" and href == link for rel, href in links):
        return next((href for rel, href in reversed(links) if rel == "alternate" and href), link)
    return link


def _dates(entry: Any) -> Iterator[str]:
    for name in ("published", "created", "updated"):
        if name in entry and (text := _text(entry, name)):
            yield text


def _hints(feed: Any, body: bytes) -> FeedHints:
    """feedparser keeps the last of several `<hour>`s only: those are read from the bytes."""
    links: dict[str, str] = {}
    for link in feed.get("links") or ():
        links.setdefault(str(link.get("rel")), _text(link, "href"))
    return FeedHints(
        ttl_seconds(_text(feed, "ttl")),
        skipped_hours(body),
        skipped_days(body),
        links.get("hub") or None,
        links.get("self") or None,
    )


def _text(entry: Any, name: str) -> str:
    return str(entry.get(name) or "").strip()

"""Bytes of a plain feed in; what feedparser would read from them, some ten times sooner, or None, out.

fastfeedparser reads, but it differs from feedparser, the reference, in many corners, makes up what is
missing, and turns dates into UTC by rules of its own. So `shape` tells, for feeds of the ordinary shape, what
feedparser makes of them, dates included, and fastfeedparser has to have read the same. Whatever is otherwise
gives None, and costs time only: feedparser then reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import fastfeedparser

from pipeline.articles.raw import RawEntry, RawFeed
from pipeline.articles.shape import read_shape

LIMIT = 4_000_000
"""Bytes of a document."""
_MOST_TAGS = 200_000
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*[\"']1\.0[\"'](?:\s+encoding\s*=\s*[\"']utf-?8[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"'](?:yes|no)[\"'])?\s*\?>", re.I,
)  # fmt: skip
_FIRST_TAG = re.compile(rb"<\w")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\"';\s]*)", re.I)
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_REFERENCE = re.compile(rb"&#(?:0*1[2-5]\d|[xX]0*[89][0-9a-fA-F]);")


def parse_plain(body: bytes, content_type: str = "") -> RawFeed | None:
    """Read a plain feed as `parse_reference` would, or return None; raises MemoryError only."""
    if not _may_be_plain(body, content_type):
        return None
    seen = read_shape(body)
    if seen is None:
        return None
    try:
        told = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except MemoryError:
        raise
    except Exception:  # it raises many kinds of error; the reference decides
        return None
    same = len(told.entries) == len(seen.entries) and all(map(_agree, seen.entries, told.entries))
    return seen if same else None


def _may_be_plain(body: bytes, content_type: str) -> bool:
    """Judge the bytes: of a bearable size, UTF-8 by all signs, no document type, nothing to be mended."""
    if len(body) > LIMIT or body.count(b"<") > _MOST_TAGS or _C1.search(body) or _C1_REFERENCE.search(body):
        return False
    named = _CHARSET.search(content_type)
    if named and named.group(1).lower() not in ("utf-8", "utf8"):
        return False
    start = body.removeprefix(b"\xef\xbb\xbf")
    declaration = _DECLARATION.match(start)
    head = declaration.end() if declaration else 0
    first_tag = _FIRST_TAG.search(start, head)
    if first_tag is None or b"<!" in start[head : first_tag.start()].replace(b"<!--", b""):
        return False
    # feedparser would take it for the declaration's.
    return b"encoding" not in start[head:].partition(b"\n")[0]


def _agree(entry: RawEntry, told: Mapping[str, Any]) -> bool:
    """Tell whether fastfeedparser read the same; it makes up identifiers and summaries that are missing."""
    parts = told.get("content") or ({"value": ""},)
    content = str(parts[0]["value"] or "").strip()
    summary = told.get("description", "")
    return (
        entry.title == told.get("title", "")
        and entry.link == told.get("link", "")
        and (not entry.guid or entry.guid == told.get("id", ""))
        and (not entry.content or entry.content == content)
        and entry.summary in ((summary, content) if entry.content else (summary,))
    )

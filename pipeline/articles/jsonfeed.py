"""Bytes of a JSON Feed (versions 1 and 1.1, jsonfeed.org) in; raw entries, or why there are none, out.

Its plain-text members are escaped, since raw entries hold markup.
"""

from __future__ import annotations

import html
import json
import re
from typing import cast

from pipeline.articles.hints import FeedHints
from pipeline.articles.raw import RawEntry, RawFeed, Refusal

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(1(?:\.1)?)/?")
_VERSIONS = {"1": "json10", "1.1": "json11"}
_NO_FEED = Refusal("no feed format and no entries")


def parse_json(body: bytes) -> RawFeed | Refusal:
    """Read a JSON Feed; never raises but for want of memory or of stack.

    An item's link is its `url`, else its `external_url`; a number as `id` is its digits (section "Items").
    Items that are no objects are left out.
    """
    try:
        document = json.loads(body.removeprefix(b"\xef\xbb\xbf").rstrip(b"\0"))
    except ValueError:
        return _NO_FEED
    if not isinstance(document, dict):
        return _NO_FEED
    feed = cast("dict[str, object]", document)
    version = _VERSION.fullmatch(_text(feed, "version"))
    items = feed.get("items")
    if version is None or not isinstance(items, list):
        return _NO_FEED
    entries = tuple(_entry(item) for item in items if isinstance(item, dict))
    return RawFeed(_VERSIONS[version.group(1)], entries, _hints(feed))


def _entry(item: dict[str, object]) -> RawEntry:
    dates = (_text(item, "date_published"), _text(item, "date_modified"))
    return RawEntry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=html.escape(_text(item, "title"), quote=False),
        content=_text(item, "content_html") or html.escape(_text(item, "content_text"), quote=False),
        summary=html.escape(_text(item, "summary"), quote=False),
        dates=tuple(dict.fromkeys(date for date in dates if date)),
    )


def _hints(feed: dict[str, object]) -> FeedHints:
    hubs = feed.get("hubs")
    offered = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    addresses = [_text(hub, "url") for hub in offered if _text(hub, "type").lower() == "websub"]
    return FeedHints(
        hub=next((address for address in addresses if address), None),
        self_url=_text(feed, "feed_url") or None,
    )


def _text(member: dict[str, object], name: str) -> str:
    value = member.get(name)
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and name == "id" else ""

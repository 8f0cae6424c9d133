"""What the parser's children do: a document in, its reading as JSON out; and the way back."""

from __future__ import annotations

import json
from operator import attrgetter

from pipeline.articles.hints import FeedHints
from pipeline.articles.normalize import Item, Reading, read_feed
from pipeline.articles.parse import Refusal

_ITEM = ("guid", "url", "title", "text", "dates")
_item = attrgetter(*_ITEM)


def work(note: bytes, body: bytes) -> bytes:
    """Read one document; the note is JSON: content type, base URL."""
    content_type, base_url = json.loads(note)
    reading = read_feed(body, content_type, base_url)
    if isinstance(reading, Refusal):
        return json.dumps({"reason": reading.reason}).encode()
    hints = reading.hints
    told = {
        "items": [_item(item) for item in reading.items],
        "refused": reading.refused,
        "hints": (hints.ttl_s, sorted(hints.skip_hours), sorted(hints.skip_days), hints.hub, hints.self_url),
    }
    return json.dumps(told, separators=(",", ":")).encode()


def reading_of(reply: bytes) -> Reading | Refusal:
    """Turn a reply of `work` back into what it tells."""
    told = json.loads(reply)
    if "reason" in told:
        return Refusal(told["reason"])
    items = tuple(
        Item(guid, url, title, text, tuple(dates)) for guid, url, title, text, dates in told["items"]
    )
    ttl_s, hours, days, hub, self_url = told["hints"]
    return Reading(items, told["refused"], FeedHints(ttl_s, frozenset(hours), frozenset(days), hub, self_url))

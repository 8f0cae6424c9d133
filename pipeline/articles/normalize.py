"""Raw entries in; items of plain text with a key, and counts of those that can't become articles, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.articles.hints import FeedHints
from pipeline.articles.link import canonical_url, usable_link
from pipeline.articles.parse import RawEntry, RawFeed, Refusal, parse_feed
from pipeline.articles.plaintext import cut, plain_line, plain_text

TITLE_LIMIT = 1_000
TEXT_LIMIT = 100_000
"""Characters; with the version before beside it, an article stays under Kafka's limit of 1 MiB."""
GUID_LIMIT = 1_000
ENTRY_LIMIT = 5_000
"""Entries of one document; those that follow are refused."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry, ready to be told apart and dated."""

    guid: str
    """The feed's identifier; empty where it gave none, or the same one to several links."""
    url: str
    """Link as published (absolute); empty where there is none that may be followed."""
    title: str
    text: str
    dates: tuple[str, ...]
    key: str = field(init=False)
    """Canonical URL, or an empty string."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", canonical_url(self.url) if self.url else "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one document holds: items in its order, and how many entries were refused, by reason."""

    items: tuple[Item, ...]
    refused: Mapping[str, int]
    hints: FeedHints = field(default_factory=FeedHints)
    """Its links are absolute, and may be followed."""


def read_feed(body: bytes, content_type: str = "", base_url: str = "") -> Reading | Refusal:
    """Parse and normalize one document; `base_url` is the feed's address, for relative links."""
    parsed = parse_feed(body, content_type)
    return parsed if isinstance(parsed, Refusal) else normalize_feed(parsed, base_url)


def normalize_feed(feed: RawFeed, base_url: str = "") -> Reading:
    """Turn every entry into an item, or count why not."""
    items: list[Item] = []
    refused: Counter[str] = Counter()
    for entry in feed.entries[:ENTRY_LIMIT]:
        item = normalize(entry, base_url)
        if isinstance(item, Refusal):
            refused[item.reason] += 1
        else:
            items.append(item)
    if len(feed.entries) > ENTRY_LIMIT:
        refused["too many entries"] += len(feed.entries) - ENTRY_LIMIT
    return Reading(without_shared_guids(items), dict(refused), usable_hints(feed.hints, base_url))


def usable_hints(hints: FeedHints, base_url: str = "") -> FeedHints:
    """Make the links absolute, and drop those that may not be followed."""
    hub, self_url = (usable_link(link or "", base_url) for link in (hints.hub, hints.self_url))
    return replace(hints, hub=hub, self_url=self_url)


def normalize(entry: RawEntry, base_url: str = "") -> Item | Refusal:
    """Turn one entry into plain text; content goes before summary, and a missing title stays empty."""
    title = cut(plain_line(entry.title), TITLE_LIMIT)
    text = cut(plain_text(entry.content) or plain_text(entry.summary), TEXT_LIMIT)
    if not title and not text:
        return Refusal("no title and no text")
    url = usable_link(entry.link, base_url) or ""
    guid = plain_guid(entry.guid)
    if not url and not guid:
        return Refusal("no usable link and no guid")
    return Item(guid, url, title, text, entry.dates)


def plain_guid(raw: str) -> str:
    """Make an identifier printable and bounded, without changing what ordinary ones say."""
    return "".join(char for char in raw if char.isprintable()).strip()[:GUID_LIMIT]


def without_shared_guids(items: list[Item]) -> tuple[Item, ...]:
    """Empty the guids that one document gives to several links: they identify nothing."""
    keys: dict[str, set[str]] = {}
    for item in items:
        keys.setdefault(item.guid, set()).add(item.key)
    return tuple(
        Item("", item.url, item.title, item.text, item.dates)
        if item.url and len(keys[item.guid]) > 1
        else item
        for item in items
    )

"""What is known of an item and what a feed says now in; the article version to publish, if any, out.

Who is who. An article is named by its canonical URL, or by feed and guid where there is no link. Real
feeds reuse links for other items and move items to other links, so within one feed:

- equal guid and link: the same item;
- known guid, other link: the same item that moved, unless publication date and content both differ
  (then the guid was reused, and the link decides);
- known link, other guid: another item, named by feed and guid, where both carry publication dates
  that differ; else the same item (some feeds draw a new guid at each poll);
- a link known from another feed: that feed's item, which only its own feed edits.

When a new version. Only a text that no version of the article has had yet, and never from a window
older than one already seen: caches serve stale copies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pipeline.articles.dates import date_entry
from pipeline.articles.feed import Feed
from pipeline.articles.link import canonical_url, usable_link
from pipeline.articles.normalize import Item
from pipeline.contract.article import Article, DateQuality, Superseded


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an article: its latest version and the contents of all versions."""

    article_id: str
    feed_id: str
    guid: str
    key: str
    version: int
    title: str
    text: str
    published_at: datetime
    quality: DateQuality
    first_seen_at: datetime
    contents: frozenset[str]


class Verdict(StrEnum):
    """What became of an entry."""

    NEW = "new"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    STALE = "stale"
    """It differs, but stands in a window older than one already seen."""
    ELSEWHERE = "elsewhere"
    """Another feed has published it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an entry; `article` is what to publish, `known` what to remember."""

    verdict: Verdict
    known: Known
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """Circumstances of one answer of a feed."""

    feed: Feed
    fetched_at: datetime
    stale: bool
    """Its newest date lies before one already seen."""
    trust_guids: bool = True
    """False where the feed draws new guids for old links."""
    first_seen: Callable[[str], datetime | None] = lambda _: None
    """When an article was sent first that nobody wrote down as acknowledged, by article_id."""


def content_hash(title: str, text: str) -> str:
    """Name a content; equal for equal texts."""
    return _digest(title, text)


def url_id(key: str) -> str:
    """Name an article by its canonical URL."""
    return _digest("url", key)


def guid_id(feed_id: str, guid: str) -> str:
    """Name an article by feed and guid."""
    return _digest("guid", feed_id, guid)


def decide(item: Item, by_guid: Known | None, by_key: Known | None, poll: Poll) -> Decision:
    """Decide on one entry. `by_guid` is known of its guid in this feed, `by_key` of its canonical URL."""
    known, article_id = _identify(item, by_guid, by_key, poll)
    content = content_hash(item.title, item.text)
    if known is None:
        fresh = _first(item, article_id, content, poll)
        return Decision(Verdict.NEW, fresh, _article(item, fresh, poll, None))
    if known.feed_id != poll.feed.feed_id:
        return Decision(Verdict.ELSEWHERE, known)
    if content in known.contents:
        return Decision(Verdict.UNCHANGED, known)
    if poll.stale:
        return Decision(Verdict.STALE, known)
    edited = _next(item, known, content, poll)
    before = Superseded(
        version=known.version, title=known.title, text=known.text, published_at=known.published_at
    )
    return Decision(Verdict.EDITED, edited, _article(item, edited, poll, before))


def _identify(
    item: Item, by_guid: Known | None, by_key: Known | None, poll: Poll
) -> tuple[Known | None, str]:
    """Return what is known of the item, if it is known, and the name it has or gets."""
    if by_guid is not None and (not item.key or by_guid.key == item.key or not _reused(item, by_guid, poll)):
        return by_guid, by_guid.article_id
    if by_key is not None:
        if not _another(item, by_key, poll):
            return by_key, by_key.article_id
        if by_guid is not None:
            return by_guid, by_guid.article_id
        return None, guid_id(poll.feed.feed_id, item.guid)
    return None, url_id(item.key) if item.key else guid_id(poll.feed.feed_id, item.guid)


def _reused(item: Item, known: Known, poll: Poll) -> bool:
    """A known guid with another link names another item: date and content both differ."""
    return _dates_differ(item, known, poll) and content_hash(item.title, item.text) not in known.contents


def _another(item: Item, known: Known, poll: Poll) -> bool:
    """A known link with another guid leads to another item: both are dated, differently."""
    if known.feed_id != poll.feed.feed_id or not poll.trust_guids:
        return False
    if not item.guid or not known.guid or item.guid == known.guid:
        return False
    return not _is_link(item) and _dates_differ(item, known, poll)


def _is_link(item: Item) -> bool:
    """A guid that is the link again (BBC's `…#1`, `…#2`) says nothing of its own."""
    link = usable_link(item.guid)
    return link is not None and canonical_url(link) == item.key


def _dates_differ(item: Item, known: Known, poll: Poll) -> bool:
    at, quality = dated(item, poll.feed, known.first_seen_at, poll.fetched_at)
    return quality is DateQuality.FEED and known.quality is DateQuality.FEED and at != known.published_at


def _first(item: Item, article_id: str, content: str, poll: Poll) -> Known:
    seen = poll.first_seen(article_id) or poll.fetched_at
    at, quality = dated(item, poll.feed, seen, poll.fetched_at)
    return Known(
        article_id, poll.feed.feed_id, item.guid, item.key, 1, item.title, item.text, at, quality,
        seen, frozenset({content}),
    )  # fmt: skip


def _next(item: Item, known: Known, content: str, poll: Poll) -> Known:
    at, quality = dated(item, poll.feed, known.first_seen_at, poll.fetched_at)
    if quality is not DateQuality.FEED:
        at, quality = known.published_at, known.quality
    return replace(
        known,
        key=item.key or known.key,
        version=known.version + 1,
        title=item.title,
        text=item.text,
        published_at=at,
        quality=quality,
        contents=known.contents | {content},
    )


def _article(item: Item, known: Known, poll: Poll, before: Superseded | None) -> Article:
    return Article(
        article_id=known.article_id,
        version=known.version,
        feed_id=poll.feed.feed_id,
        outlet=poll.feed.outlet,
        outlet_country=poll.feed.country,
        language=poll.feed.language,
        guid=item.guid or item.url,
        url=item.url,
        title=item.title,
        text=item.text,
        published_at=known.published_at,
        published_quality=known.quality,
        first_seen_at=known.first_seen_at,
        fetched_at=poll.fetched_at,
        supersedes=before,
    )


def dated(
    item: Item, feed: Feed, first_seen_at: datetime, fetched_at: datetime
) -> tuple[datetime, DateQuality]:
    """Return publication time and its quality of an entry of `feed`."""
    found = date_entry(item.dates, first_seen_at, fetched_at, feed.country)
    return found.published_at, found.quality


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()

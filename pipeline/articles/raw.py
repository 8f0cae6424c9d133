"""What every reader of feeds gives: entries as the feed wrote them, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.articles.hints import FeedHints


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
    hints: FeedHints = field(default_factory=FeedHints)
    """Its links are as the feed wrote them, possibly relative."""

"""One version of one news item: what the poller publishes and the extractor reads."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from pipeline.contract.record import Record, Utc, unit

EXTRACTED_LANGUAGES = frozenset({"en"})
"""Languages (ISO 639-1) that extraction reads; articles in others travel, and bring no events."""


class DateQuality(StrEnum):
    """Where `published_at` comes from."""

    FEED = "feed"
    PAGE = "page"
    FIRST_SEEN = "first_seen"
    SUSPECT = "suspect"


class TextSource(StrEnum):
    """Where `text` was read."""

    FEED = "feed"
    PAGE = "page"


class Gap(Record):
    """A feed's window moved on without overlap: entries between may have been missed."""

    last_polled_at: Utc = Field(description="When the feed last gave a usable answer before.")
    newest_before: Utc | None = Field(
        default=None, description="Newest trusted date that it had shown by then."
    )
    oldest_now: Utc | None = Field(default=None, description="Oldest trusted date of the new window.")


class Superseded(Record):
    """What an edited article said before: enough to withdraw events that the edit took back."""

    version: int = Field(
        ge=1,
        description="The version that this article replaces.",
        examples=[1],
        json_schema_extra=unit("versions"),
    )
    title: str = Field(description="Its title.")
    text: str = Field(description="Its text.")
    published_at: Utc = Field(description="Its publication time.")


class Article(Record):
    """An immutable version of a news item; an edit is a new version that names the one before."""

    article_id: str = Field(
        description="Hash of the canonical URL, or of feed and guid where there is none; 32 hex digits.",
        examples=["5f0c1c8e4cbb4e7a9f6b1d2a3c4e5f60"],
        pattern=r"^[0-9a-f]{32}$",
    )
    version: int = Field(
        ge=1,
        description="1 for the first text seen, one more for each edit.",
        examples=[1],
        json_schema_extra=unit("versions"),
    )
    feed_id: str = Field(description="Name of the feed in config/feeds.yaml.", examples=["meridian-wire"])
    outlet: str = Field(description="Who publishes the feed.", examples=["Meridian Wire"])
    outlet_country: str | None = Field(
        default=None, description="State of the outlet, ISO 3166 alpha-3.", examples=["GBR"]
    )
    language: str = Field(
        description="Language of the text as detected, ISO 639-1; as configured where the text is too short.",
        examples=["en"],
    )
    guid: str = Field(description="The entry's own identifier, or its link.", examples=["urn:item:1"])
    url: str = Field(description="The entry's link as published.", examples=["https://example.org/a"])
    title: str = Field(description="Headline, plain text.", examples=["Envoys meet in Moscow"])
    text: str = Field(description="Body or teaser, plain text; paragraphs end in newlines.")
    published_at: Utc = Field(description="When it was published.", examples=["2024-03-21T18:30:00Z"])
    published_quality: DateQuality = Field(description="How far `published_at` can be trusted.")
    first_seen_at: Utc = Field(description="When our poller first met the item.")
    fetched_at: Utc = Field(description="When this version was fetched.")
    supersedes: Superseded | None = Field(default=None, description="The version before, for edits.")
    text_source: TextSource = Field(
        default=TextSource.FEED, description="Whether the text stood in the feed or on the article's page."
    )
    story_id: str | None = Field(
        default=None,
        description="Shared by near copies of one text across outlets; article_id of the first one seen.",
        pattern=r"^[0-9a-f]{32}$",
    )
    story_since: Utc | None = Field(
        default=None, description="When the first copy seen of the story was published."
    )
    owner: str | None = Field(
        default=None, description="Owner or wire that the outlet shares with others (config/owners.yaml)."
    )
    gap: Gap | None = Field(
        default=None,
        description="On the oldest new article of a window that moved on without overlap with the last one.",
    )

    @property
    def told_at(self) -> datetime:
        """The moment from which the text speaks: its own publication, or that of what it copies."""
        since = self.story_since
        return self.published_at if since is None else min(since, self.published_at)

    @property
    def document(self) -> str:
        """Title and text as one string: the coordinates of every evidence span.

        Both parts stay as they are, so that a span re-reads from what was published.
        """
        return document(self.title, self.text)


def document(title: str, text: str) -> str:
    """Join a title and a text the one way that evidence spans count in.

    >>> document("Talks open", "They met.")
    'Talks open\\n\\nThey met.'
    """
    return f"{title}\n\n{text}"

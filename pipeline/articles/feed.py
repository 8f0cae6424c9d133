"""A feed as an operator configures it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feed:
    """Where to poll, and who speaks there."""

    feed_id: str
    """Short name, unique in config/feeds.yaml."""
    url: str
    outlet: str
    country: str | None
    """State of the outlet, ISO 3166 alpha-3."""
    language: str = "en"
    """ISO 639-1."""
    interval_s: int | None = None
    """Seconds between polls; None leaves it to the feed's own rhythm."""
    full_text: bool = False
    """Ask for the page of an entry that carries but a teaser."""

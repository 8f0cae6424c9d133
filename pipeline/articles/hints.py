"""What a feed says about itself: how often to ask, when not to, and where news of it is pushed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedHints:
    """Hints of one document; None and empty where it gives none."""

    ttl_s: int | None = None
    """Seconds between polls, of `<ttl>` (RSS 2.0, minutes there)."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day, UTC, 0 to 23, in which not to ask (`<skipHours>`)."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week, UTC, 0 is Monday, on which not to ask (`<skipDays>`)."""
    hub: str | None = None
    """Address of the WebSub hub (`rel="hub"`)."""
    self_url: str | None = None
    """Address that the feed gives as its own (`rel="self"`), the topic of a subscription."""


NO_HINTS = FeedHints()

"""The entries that a feed shows at one moment in; what becomes of each, oldest first, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.articles.dedupe import Decision, Known, Poll, Verdict, dated, decide, url_id
from pipeline.articles.feed import Feed
from pipeline.articles.normalize import Item, Reading
from pipeline.articles.rhythm import smoothed_gap
from pipeline.articles.schedule import FeedState
from pipeline.contract.article import DateQuality, Gap

ByGuid = Callable[[str], Known | None]
"""Finds what is known of a guid of the feed at hand."""
ById = Callable[[str], Known | None]
"""Finds what is known of an article_id."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is remembered of a feed's last window that was not stale."""

    polled_at: datetime
    ids: frozenset[str]
    """Its article_ids."""

    def apart(self, ids: frozenset[str]) -> bool:
        """Tell whether it and another window, neither of them empty, share no article."""
        return bool(self.ids and ids) and not self.ids & ids


@dataclass(frozen=True, slots=True)
class Window:
    """What became of a feed's entries; `decisions` holds only what is to be published or remembered."""

    decisions: tuple[tuple[str, Decision], ...]
    """Guid of the entry, and the decision."""
    counts: Mapping[Verdict, int]
    repeated: int
    """Entries of an article that stood in this window already."""
    newest_at: datetime | None
    """Newest trusted date that the feed has shown so far."""
    dates: tuple[datetime, ...]
    """Trusted dates of its entries."""
    ids: frozenset[str]
    """article_ids of its entries; empty for a stale copy."""
    gap: Gap | None
    """Entries may have been missed since the last window."""


def decide_window(
    items: Sequence[Item],
    feed: Feed,
    fetched_at: datetime,
    newest_at: datetime | None,
    by_guid: ByGuid,
    by_id: ById,
    before: Before | None = None,
    first_seen: Callable[[str], datetime | None] = lambda _: None,
) -> Window:
    """Decide on all entries of one answer. `newest_at` is the newest date that earlier answers had.

    Entries may have been missed where the window shares none with the one before, brings new ones, and is
    newer, or, of a feed without dates, all new: a cache's old copy is neither.
    """
    dates = trusted_dates(items, feed, fetched_at)
    mark = max((min(at, fetched_at) for at in dates), default=None)
    distinct = list({(item.guid, item.key): item for item in reversed(items)}.values())[::-1]
    stale = mark is not None and newest_at is not None and mark < newest_at
    poll = Poll(feed, fetched_at, stale, guids_hold(distinct, by_guid, by_id), first_seen)
    decisions: list[tuple[str, Decision]] = []
    counts: Counter[Verdict] = Counter()
    seen: dict[str, Known] = {}
    guids: dict[str, Known] = {}
    repeated = len(items) - len(distinct)
    for item in oldest_first(distinct, feed, fetched_at):
        decision = decide(item, *_known(item, guids, seen, by_guid, by_id), poll)
        known = seen.get(decision.known.article_id, decision.known)
        own = known.feed_id == feed.feed_id
        if item.guid and own:
            guids[item.guid] = known
        if known.article_id in seen:
            repeated += 1
            continue
        counts[decision.verdict] += 1
        seen[known.article_id] = known
        if decision.article is not None or (own and item.guid and by_guid(item.guid) != known):
            decisions.append((item.guid, decision))
    ids = frozenset() if stale else frozenset(seen)
    moved_on = mark > newest_at if mark and newest_at else set(counts) == {Verdict.NEW}
    gap = None
    if before is not None and moved_on and counts[Verdict.NEW] and before.apart(ids):
        oldest = min(dates, default=None)
        gap = Gap(last_polled_at=before.polled_at, newest_before=newest_at, oldest_now=oldest)
    return Window(
        _marked(decisions, gap), counts, repeated, max(filter(None, (mark, newest_at)), default=None),
        dates, ids, gap,
    )  # fmt: skip


def trusted_dates(items: Sequence[Item], feed: Feed, fetched_at: datetime) -> tuple[datetime, ...]:
    """The dates of a window that the feed itself tells, in its order."""
    found = [dated(item, feed, fetched_at, fetched_at) for item in items]
    return tuple(at for at, quality in found if quality is DateQuality.FEED)


def _marked(decisions: Sequence[tuple[str, Decision]], gap: Gap | None) -> tuple[tuple[str, Decision], ...]:
    """Let the oldest new article say what gap lies before it."""
    told = list(decisions)
    new = (n for n, (_, decision) in enumerate(told) if decision.verdict is Verdict.NEW)
    if gap is not None and (at := next(new, None)) is not None:
        guid, decision = told[at]
        assert decision.article is not None
        told[at] = (guid, replace(decision, article=decision.article.model_copy(update={"gap": gap})))
    return tuple(told)


def guids_hold(items: Sequence[Item], by_guid: ByGuid, by_id: ById) -> bool:
    """Tell whether a feed's guids name items: False where most known links come with unknown guids."""
    links: dict[str, bool] = {}
    for item in items:
        if item.guid and item.key and by_id(url_id(item.key)):
            links[item.key] = links.get(item.key, False) or by_guid(item.guid) is not None
    strange = sum(not familiar for familiar in links.values())
    return len(links) < 3 or strange * 2 <= len(links)


def oldest_first(items: Sequence[Item], feed: Feed, fetched_at: datetime) -> list[Item]:
    """Sort by date; feeds stand newest first, so equal and missing dates keep the reverse order."""
    from_below = items[::-1]
    return sorted(from_below, key=lambda item: dated(item, feed, fetched_at, fetched_at)[0])


def _known(
    item: Item, guids: Mapping[str, Known], seen: Mapping[str, Known], by_guid: ByGuid, by_id: ById
) -> tuple[Known | None, Known | None]:
    """Look up guid and link, in this window first."""
    guid = (guids.get(item.guid) or by_guid(item.guid)) if item.guid else None
    guid = seen.get(guid.article_id, guid) if guid else None
    link = url_id(item.key) if item.key else ""
    return guid, (seen.get(link) or by_id(link)) if link else None


def remembered(state: FeedState, reading: Reading, window: Window, now: datetime) -> FeedState:
    """What a window tells of its feed; one that is stale or empty tells little."""
    if not window.ids:
        return state
    return replace(
        state,
        newest_at=window.newest_at,
        polled_at=now,
        window=window.ids,
        gap_s=smoothed_gap(window.dates, now),
        hints=reading.hints,
    )

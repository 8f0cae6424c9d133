"""When entries of a feed may have been missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.articles.dedupe import Known
from pipeline.articles.feed import Feed
from pipeline.articles.normalize import Item
from pipeline.articles.window import Before, Window, decide_window
from pipeline.contract.article import Article, Gap

FEED = Feed("wire", "https://example.org/feed", "Wire", "GBR")
START = datetime(2024, 3, 21, 12, tzinfo=UTC)


class Memory:
    """What a poller would remember of one feed; a poll an hour."""

    def __init__(self) -> None:
        self.articles: dict[str, Known] = {}
        self.guids: dict[str, Known] = {}
        self.newest: datetime | None = None
        self.before: Before | None = None
        self.at = START

    def poll(self, *items: Item) -> Window:
        self.at += timedelta(hours=1)
        window = decide_window(
            items, FEED, self.at, self.newest, self.guids.get, self.articles.get, self.before
        )
        for guid, decision in window.decisions:
            self.articles[decision.known.article_id] = decision.known
            self.guids[guid] = decision.known
        if window.ids:
            self.newest = window.newest_at
            self.before = Before(self.at, window.ids)
        return window


def at(hour: int) -> datetime:
    return datetime(2024, 3, 20, hour, tzinfo=UTC)


def item(hour: int, *, dated: bool = True, guid: str = "", text: str = "text") -> Item:
    date = (at(hour).isoformat(),) if dated else ()
    return Item(guid or f"g{hour}", f"https://example.org/{hour}", "Title", text, date)


def window(*hours: int, dated: bool = True) -> tuple[Item, ...]:
    return tuple(item(hour, dated=dated) for hour in hours)


def gaps(found: Window) -> list[tuple[str, Gap]]:
    articles: list[Article] = [d.article for _, d in found.decisions if d.article is not None]
    return [(article.guid, article.gap) for article in articles if article.gap is not None]


def test_the_oldest_new_article_of_a_window_without_overlap_says_what_lies_before_it() -> None:
    memory = Memory()
    memory.poll(*window(3, 2, 1))
    found = memory.poll(*window(9, 8, 7))
    gap = Gap(last_polled_at=START + timedelta(hours=1), newest_before=at(3), oldest_now=at(7))
    assert gaps(found) == [("g7", gap)]
    assert found.gap == gap


@pytest.mark.parametrize("overlap", [item(3), item(3, guid="other guid"), item(3, text="edited")])
def test_one_known_entry_is_overlap_by_guid_or_by_link(overlap: Item) -> None:
    memory = Memory()
    memory.poll(*window(3, 2, 1))
    assert memory.poll(*window(9, 8, 7), overlap).gap is None


def test_a_known_guid_at_a_new_link_is_overlap() -> None:
    memory = Memory()
    memory.poll(*window(3, 2, 1))
    moved = Item("g3", "https://example.org/moved", "Title", "text", (at(3).isoformat(),))
    assert memory.poll(*window(9, 8, 7), moved).gap is None


def test_first_sights_and_empty_windows_are_no_evidence() -> None:
    memory = Memory()
    assert memory.poll().gap is None
    assert memory.poll(*window(3, 2)).gap is None
    assert memory.poll().gap is None
    assert gaps(memory.poll(*window(5, 4)))  # the empty one between hides nothing


def test_stale_copies_are_neither_evidence_nor_forget_what_was_there() -> None:
    memory = Memory()
    memory.poll(*window(3, 2, 1))
    memory.poll(*window(6, 5, 3))
    assert memory.poll(*window(2, 1)).gap is None
    assert memory.poll(*window(4)).gap is None  # new, but older than what was seen
    assert memory.poll(*window(7, 6)).gap is None  # overlaps with the last that was not stale
    assert memory.poll(*window(3, 2, 1)).gap is None
    assert memory.poll(*window(9, 8)).gap is not None


def test_only_what_is_known_already_is_no_gap() -> None:
    memory = Memory()
    memory.poll(*window(2, 1))
    memory.poll(*window(5, 4, 2))
    again = Item("g1", "https://example.org/1", "Title", "text", (at(9).isoformat(),))
    assert memory.poll(again).gap is None


def test_a_feed_without_dates_has_a_gap_where_all_is_new() -> None:
    memory = Memory()
    memory.poll(*window(2, 1, dated=False))
    assert memory.poll(*window(3, 2, dated=False)).gap is None
    gap = memory.poll(*window(9, 8, dated=False)).gap
    assert gap == Gap(last_polled_at=START + timedelta(hours=2))
    assert memory.poll(*window(2, 1, dated=False)).gap is None

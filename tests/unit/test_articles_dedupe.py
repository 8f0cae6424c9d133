"""Who is who, and what is a new version: small windows written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.articles.dedupe import Known, Verdict, guid_id, url_id
from pipeline.articles.feed import Feed
from pipeline.articles.normalize import Item
from pipeline.articles.window import Window, decide_window
from pipeline.contract.article import Article, DateQuality

FEED = Feed("wire", "https://example.org/feed", "Wire", "GBR")
OTHER = Feed("paper", "https://example.com/feed", "Paper", "FRA")
START = datetime(2024, 3, 21, 12, tzinfo=UTC)


class Memory:
    """What a poller would remember, and the articles that it would publish."""

    def __init__(self) -> None:
        self.articles: dict[str, Known] = {}
        self.guids: dict[tuple[str, str], str] = {}
        self.newest: dict[str, datetime | None] = {}
        self.hours = 0

    def poll(self, *items: Item, feed: Feed = FEED) -> Window:
        """Decide on a window, an hour after the one before, and remember it."""
        self.hours += 1

        def by_guid(guid: str) -> Known | None:
            found = self.guids.get((feed.feed_id, guid))
            return self.articles[found] if found else None

        window = decide_window(
            items,
            feed,
            START + timedelta(hours=self.hours),
            self.newest.get(feed.feed_id),
            by_guid,
            self.articles.get,
        )
        for guid, decision in window.decisions:
            self.articles[decision.known.article_id] = decision.known
            if guid:
                self.guids[decision.known.feed_id, guid] = decision.known.article_id
        self.newest[feed.feed_id] = window.newest_at
        return window


def item(
    guid: str = "g1", link: str = "1", text: str = "text", day: int | None = 20, title: str = "Title"
) -> Item:
    url = f"https://example.org/{link}" if link else ""
    return Item(guid, url, title, text, (f"2024-03-{day:02d}T10:00:00Z",) if day else ())


def articles(window: Window) -> list[Article]:
    return [decision.article for _, decision in window.decisions if decision.article is not None]


def test_a_first_sight_is_version_one() -> None:
    (article,) = articles(Memory().poll(item()))
    assert article.article_id == url_id("https://example.org/1")
    assert (article.version, article.supersedes) == (1, None)
    assert article.published_at == datetime(2024, 3, 20, 10, tzinfo=UTC)
    assert article.published_quality is DateQuality.FEED
    assert article.first_seen_at == article.fetched_at == START + timedelta(hours=1)


def test_the_same_again_is_nothing() -> None:
    memory = Memory()
    memory.poll(item())
    window = memory.poll(item())
    assert not window.decisions
    assert window.counts == {Verdict.UNCHANGED: 1}


def test_an_edit_names_the_version_before() -> None:
    memory = Memory()
    memory.poll(item(text="a"))
    (article,) = articles(memory.poll(item(text="b")))
    assert (article.version, article.text) == (2, "b")
    assert article.supersedes is not None
    assert (article.supersedes.version, article.supersedes.text) == (1, "a")
    assert article.first_seen_at == START + timedelta(hours=1)
    assert article.fetched_at == START + timedelta(hours=2)


def test_a_text_that_was_there_before_makes_no_version() -> None:
    memory = Memory()
    for text in "ab":
        memory.poll(item(text=text))
    assert memory.poll(item(text="a")).counts == {Verdict.UNCHANGED: 1}


def test_an_old_window_makes_no_versions_but_loses_nothing() -> None:
    memory = Memory()
    memory.poll(item(), item("g2", "2", day=21))
    window = memory.poll(item(text="older text"), item("g3", "3", day=19))
    assert window.counts == {Verdict.STALE: 1, Verdict.NEW: 1}
    assert [article.guid for article in articles(window)] == ["g3"]
    window = memory.poll(item(text="newer text"), item("g2", "2", day=21))
    assert window.counts == {Verdict.EDITED: 1, Verdict.UNCHANGED: 1}


def test_a_date_in_the_future_does_not_make_later_windows_old() -> None:
    memory = Memory()
    memory.poll(item(day=22))
    assert memory.newest["wire"] == START + timedelta(hours=1)


def test_a_link_reused_for_a_later_item_is_another_article() -> None:
    memory = Memory()
    memory.poll(item("g1", "call-15", day=19))
    (article,) = articles(memory.poll(item("g2", "call-15", text="later", day=20)))
    assert article.article_id == guid_id("wire", "g2")
    window = memory.poll(item("g1", "call-15", day=19), item("g2", "call-15", text="edited", day=20))
    assert [(a.article_id, a.version) for a in articles(window)] == [(guid_id("wire", "g2"), 2)]


def test_a_link_reused_within_one_window_gives_the_older_item_the_link() -> None:
    window = Memory().poll(item("g2", "x", text="later", day=20), item("g1", "x", day=19))
    ids = {article.guid: article.article_id for article in articles(window)}
    assert ids == {"g1": url_id("https://example.org/x"), "g2": guid_id("wire", "g2")}


def test_an_item_that_moves_stays_the_same_article() -> None:
    memory = Memory()
    memory.poll(item("g1", "call-14"))
    assert not articles(memory.poll(item("g1", "call-15")))
    (article,) = articles(memory.poll(item("g1", "call-16", text="edited")))
    assert (article.version, article.article_id) == (2, url_id("https://example.org/call-14"))
    assert article.url == "https://example.org/call-16"


def test_a_guid_reused_for_another_story_is_another_article() -> None:
    memory = Memory()
    memory.poll(item("latest", "monday", text="a", day=18))
    (article,) = articles(memory.poll(item("latest", "tuesday", text="b", day=19)))
    assert (article.version, article.article_id) == (1, url_id("https://example.org/tuesday"))


def test_guids_drawn_anew_at_each_poll_make_no_articles() -> None:
    memory = Memory()
    memory.poll(*(item(f"a{n}", str(n), text=str(n), day=None) for n in range(5)))
    window = memory.poll(*(item(f"b{n}", str(n), text=str(n), day=None) for n in range(5)))
    assert not articles(window)
    window = memory.poll(*(item(f"c{n}", str(n), text=f"edited {n}", day=n + 10) for n in range(5)))
    assert window.counts == {Verdict.EDITED: 5}


def test_a_guid_that_is_the_link_with_a_counter_is_an_edit() -> None:
    memory = Memory()
    memory.poll(item("https://example.org/1#0", text="a", day=19))
    (article,) = articles(memory.poll(item("https://example.org/1#1", text="b", day=20)))
    assert article.version == 2


def test_without_a_link_feed_and_guid_name_the_article() -> None:
    memory = Memory()
    one = articles(memory.poll(item("g1", "")))[0]
    other = articles(memory.poll(item("g1", ""), feed=OTHER))[0]
    assert one.article_id == guid_id("wire", "g1")
    assert other.article_id == guid_id("paper", "g1")
    assert one.url == ""


def test_another_feed_with_the_same_link_changes_nothing() -> None:
    memory = Memory()
    memory.poll(item("g1", "1", text="a"))
    window = memory.poll(item("other", "1", text="b"), feed=OTHER)
    assert window.counts == {Verdict.ELSEWHERE: 1}
    assert not window.decisions
    assert memory.poll(item("g1", "1", text="a")).counts == {Verdict.UNCHANGED: 1}


def test_an_article_that_stands_twice_in_a_window_is_taken_once() -> None:
    window = Memory().poll(item(text="a", guid=""), item(text="b", guid=""))
    assert len(articles(window)) == 1
    assert window.repeated == 1


def test_an_undated_item_keeps_the_date_of_its_first_sight() -> None:
    memory = Memory()
    memory.poll(item(day=None))
    (article,) = articles(memory.poll(item(text="edited", day=None)))
    assert article.published_at == START + timedelta(hours=1)
    assert article.published_quality is DateQuality.FIRST_SEEN


def test_articles_come_oldest_first() -> None:
    window = Memory().poll(item("g3", "3", day=20), item("g2", "2", day=19), item("g1", "1", day=18))
    assert [article.guid for article in articles(window)] == ["g1", "g2", "g3"]

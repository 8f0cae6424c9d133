"""What must hold of articles/ whatever feeds say."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.dates import EARLIEST, date_entry, read_date
from pipeline.articles.dedupe import Known
from pipeline.articles.feed import Feed
from pipeline.articles.link import canonical_url, usable_link
from pipeline.articles.normalize import Item, Reading, normalize_feed, read_feed, without_shared_guids
from pipeline.articles.parse import RawEntry, RawFeed
from pipeline.articles.plaintext import plain_text
from pipeline.articles.schedule import FeedState, after_failure, due
from pipeline.articles.window import decide_window
from pipeline.articles.zones import offset_of
from pipeline.contract.article import Article, DateQuality
from pipeline.contract.codec import decode, encode

NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)
FEED = Feed("wire", "https://example.org/feed", "Wire", "GBR")

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)
MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<br/>",
            "<",
            ">",
            "&amp;",
            "&lt;",
            "&#0;",
            "<a href='",
            '"',
            "<!--",
            "-->",
            "x",
            " ",
            "\x00",
            "é",
        ]
    )
    | ANY_TEXT,
    max_size=30,
).map("".join)
RAW = st.builds(
    RawEntry,
    guid=ANY_TEXT,
    link=st.one_of(ANY_TEXT, ANY_TEXT.map(lambda tail: f"https://example.org/{tail}")),
    title=MARKUP,
    content=MARKUP,
    summary=MARKUP,
    dates=st.lists(ANY_TEXT | st.just("2024-03-20T10:00:00Z"), max_size=2).map(tuple),
)
ITEM = st.builds(
    Item,
    guid=st.sampled_from(["", "g1", "g2", "g3"]),
    url=st.sampled_from(["https://example.org/1", "https://example.org/2", "https://example.org/3"]),
    title=st.just("t"),
    text=st.sampled_from(["a", "b", "c"]),
    dates=st.sampled_from([(), ("2024-03-19T10:00:00Z",), ("2024-03-20T10:00:00Z",)]),
)


class Memory:
    """Remembers what a poller would."""

    def __init__(self) -> None:
        self.articles: dict[str, Known] = {}
        self.guids: dict[str, str] = {}
        self.newest: datetime | None = None

    def poll(self, items: list[Item], at: datetime = NOW) -> list[Article]:
        def by_guid(guid: str) -> Known | None:
            return self.articles[self.guids[guid]] if guid in self.guids else None

        window = decide_window(without_shared_guids(items), FEED, at, self.newest, by_guid, self.articles.get)
        for guid, decision in window.decisions:
            self.articles[decision.known.article_id] = decision.known
            if guid:
                self.guids[guid] = decision.known.article_id
        self.newest = window.newest_at
        return [decision.article for _, decision in window.decisions if decision.article is not None]


@given(MARKUP)
def test_plain_text_is_plain(markup: str) -> None:
    text = plain_text(markup)
    text.encode()
    assert text == unicodedata.normalize("NFC", text)
    assert all(char == "\n" or char.isprintable() for char in text)
    assert all(line and line == line.strip() and "  " not in line for line in text.split("\n") if text)


@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=50))
def test_words_survive(word: str) -> None:
    assert plain_text(f"<p>{word}</p>") == unicodedata.normalize("NFC", word)


@given(st.lists(RAW, max_size=5))
def test_whatever_a_feed_says_becomes_articles_that_can_be_sent(entries: list[RawEntry]) -> None:
    reading = normalize_feed(RawFeed("rss20", tuple(entries)), FEED.url)
    assert len(reading.items) + sum(reading.refused.values()) == len(entries)
    articles = Memory().poll(list(reading.items))
    for article in articles:
        assert decode(Article, encode(article)) == article
        assert (
            article.url == ""
            or article.url.startswith(("http://", "https://", "HTTP", "hTTP"))
            or usable_link(article.url)
        )
        assert article.title or article.text


@given(st.binary(max_size=500) | ANY_TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(deadline=None)
def test_no_bytes_make_reading_fail(body: bytes) -> None:
    result = read_feed(body)
    assert result.reason if not isinstance(result, Reading) else True


@given(ANY_TEXT)
def test_canonical_urls_are_settled(tail: str) -> None:
    link = usable_link(f"https://example.org/{tail}")
    if link is not None:
        key = canonical_url(link)
        key.encode("ascii")
        assert canonical_url(key) == key


@given(
    st.integers(int(EARLIEST.timestamp()) + 86_400, int(NOW.timestamp())),
    st.sampled_from(["GMT", "MSK", "PKT", "EST", "JST", "+0900", "-0330"]),
)
def test_a_written_date_is_read_back(seconds: int, zone: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    offset = offset_of(zone)
    assert offset is not None
    local = moment + offset
    read = read_date(local.strftime(f"%a, %d %b %Y %H:%M:%S {zone}"))
    assert read is not None
    assert read.at == moment


@given(st.lists(ANY_TEXT | st.datetimes().map(str), max_size=3))
def test_every_item_gets_a_sane_date(dates: list[str]) -> None:
    dated = date_entry(dates, NOW, NOW)
    assert EARLIEST <= dated.published_at <= NOW + timedelta(days=1)
    assert dated.quality is not DateQuality.FEED or dates


@given(st.lists(st.lists(ITEM, max_size=4), max_size=8))
def test_versions_count_up_from_one_without_gaps(windows: list[list[Item]]) -> None:
    memory = Memory()
    seen: dict[str, list[Article]] = {}
    for number, items in enumerate(windows):
        for article in memory.poll(items, NOW + timedelta(hours=number)):
            seen.setdefault(article.article_id, []).append(article)
    for versions in seen.values():
        assert [article.version for article in versions] == list(range(1, len(versions) + 1))
        assert len({(article.title, article.text) for article in versions}) == len(versions)
        for before, after in pairwise(versions):
            assert after.supersedes is not None
            assert (after.supersedes.version, after.supersedes.text) == (before.version, before.text)
            assert after.first_seen_at == before.first_seen_at


@given(st.lists(st.lists(ITEM, max_size=4, unique_by=(lambda i: i.guid, lambda i: i.url)), max_size=6))
def test_polling_a_window_again_brings_nothing(windows: list[list[Item]]) -> None:
    """In windows that name each link and each guid once."""
    memory = Memory()
    for number, window in enumerate(windows):
        items = [item for item in window if item.guid]
        memory.poll(items, NOW + timedelta(hours=number))
        again = memory.poll(items, NOW + timedelta(hours=number))
        assert again == []


@given(st.lists(st.lists(ITEM, max_size=4), max_size=6))
def test_polling_any_window_again_and_again_settles(windows: list[list[Item]]) -> None:
    memory = Memory()
    for number, items in enumerate(windows):
        sent = [len(memory.poll(items, NOW + timedelta(hours=number))) for _ in range(8)]
        assert sent[-1] == 0


@given(st.lists(st.lists(ITEM, max_size=4), max_size=6))
def test_the_same_answers_give_the_same_bytes(windows: list[list[Item]]) -> None:
    one, other = Memory(), Memory()
    for items in windows:
        assert [encode(a) for a in one.poll(items)] == [encode(a) for a in other.poll(items)]


@given(st.text(max_size=10), st.integers(0, 50), st.integers(5, 86_400), st.floats(0, 1e6))
def test_a_failed_feed_is_due_again_but_not_at_once(
    name: str, failures: int, interval: int, wanted: float
) -> None:
    feed = Feed(name, "https://example.org", "o", None, interval_s=interval)
    state = after_failure(FeedState(name, feed.url, failures=failures), feed, NOW, wanted)
    assert state.next_due is not None
    wait = (state.next_due - NOW).total_seconds()
    assert max(interval * 0.9, wanted) <= wait + 1e-6
    assert wait <= max(86_400 * 1.1, wanted + 1e-6)
    assert due([feed], {name: state}, state.next_due) == [feed]

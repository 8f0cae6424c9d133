"""The fast path tells what feedparser tells, wherever it tells anything."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from feedparser.api import StrictFeedParser
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles.fastpath import LIMIT, parse_plain
from pipeline.articles.hints import FeedHints
from pipeline.articles.parse import RawEntry, RawFeed, parse_reference, prepared
from pipeline.articles.shape import TELLING

NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:a="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="urn:x"'
)
ITEM = (
    "<title>Talks &amp;amp; tea</title><link>https://e.org/1</link><guid isPermaLink='false'>g1</guid>"
    "<pubDate>Thu, 21 Mar 2024 18:30:00 MSK</pubDate><description>Teaser</description>"
    "<content:encoded> <![CDATA[<p>Whole.</p>]]> </content:encoded><dc:date>2024-03-20</dc:date>"
    "<category>World</category><media:content url='u'><media:credit>Someone</media:credit></media:content>"
)


def rss(*items: str, head: str = "", root: str = "") -> bytes:
    """A feed with that inside."""
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMESPACES}{root}><channel>{head}{body}</channel></rss>'.encode()


def test_a_plain_feed_is_read_whole() -> None:
    head = (
        "<ttl>15</ttl><skipHours><hour>0</hour><hour>1</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
        "<a:link rel='self' href='https://e.org/feed'/><a:link rel='hub' href='https://hub.example/'/>"
    )
    assert parse_plain(rss(ITEM, head=head)) == RawFeed(
        "rss20",
        (
            RawEntry(
                "g1",
                "https://e.org/1",
                "Talks &amp; tea",
                "<p>Whole.</p>",
                "Teaser",
                ("Thu, 21 Mar 2024 18:30:00 MSK", "2024-03-20"),
            ),
        ),
        FeedHints(900, frozenset({0, 1}), frozenset({6}), "https://hub.example/", "https://e.org/feed"),
    )


@pytest.mark.parametrize(
    "body",
    [
        rss(ITEM.replace("Teaser", "<b>markup</b>")),
        rss(ITEM.replace("Teaser", "parted<!-- here -->text")),
        rss(ITEM.replace("Teaser", "parted<?here ?>text")),
        rss(ITEM.replace("Teaser", "Ã©t")),
        rss(ITEM.replace("Teaser", "C1 \x85")),
        rss(ITEM.replace("Teaser", "C1 &#133;")),
        rss(ITEM.replace("Teaser", "C1 &#x92;")),
        rss(ITEM + "<title>Second</title>"),
        rss(ITEM + "<dc:description>Second</dc:description>"),
        rss(ITEM + "<x:title>Another's</x:title>"),
        rss(ITEM + "<media:title>Picture</media:title>"),
        rss(ITEM + "<a:link rel='alternate' href='https://e.org/2'/>"),
        rss(ITEM.replace("MSK", "Moscow time")),
        rss(ITEM.replace("https://e.org/1", "/relative")),
        rss(ITEM.replace("https://e.org/1", "https://e.org/?a=1&amp;b;=2")),
        rss("<title>No link</title><guid>https://e.org/1</guid>"),
        rss("<title>No date</title><link>https://e.org/1</link><guid>20240321</guid>"),
        rss(ITEM, root=" base='https://other.example/'"),
        rss(ITEM, root=" xml:base='other'"),
        rss(ITEM, head="<description>d</description><x:content>leaks into the first item</x:content>"),
        b"<!DOCTYPE rss>" + rss(ITEM),
        b"<!DOCTYPE rss [<!ENTITY e 'x'>]>" + rss(ITEM),
        b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss(ITEM),
        b'<?xml version="1.0" encoding="utf-8"?><?pi encoding="latin-1"?>' + rss(ITEM),
        rss(ITEM).decode().encode("utf-16"),
        rss(ITEM) + b"<more/>",
        rss(ITEM)[:-3],
        rss(ITEM, ITEM.replace("Teaser", "broken")).replace(b"broken", b"\xff"),
        rss(ITEM + " " * LIMIT),
        b"<html><body>Sorry</body></html>",
        b"",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_feedparser(body: bytes) -> None:
    assert parse_plain(body) is None


def test_a_charset_of_the_header_that_is_not_utf8_is_left_to_feedparser() -> None:
    assert parse_plain(rss(ITEM), "text/xml; charset=windows-1251") is None
    assert parse_plain(rss(ITEM), 'text/xml; charset="UTF-8"') is not None
    assert parse_plain(rss(ITEM), "text/xml") is not None


IDLE = frozenset(
    """
    author category cc_license cloud contributor copyright creativecommons_license creator credit email
    enclosure explicit generator group homepage itunes_author itunes_email itunes_name itunes_owner keywords
    language license managingeditor media_keywords name owner player publisher rating restriction rights
    subject thumbnail uri webmaster block
    """.split()
)
"""Names with a rule in feedparser that was read, and touches nothing that we carry."""


def test_every_rule_of_the_installed_feedparser_is_known() -> None:
    """An element without a rule is kept under its own name, so only names with a rule can surprise."""
    rules = {
        name.split("_", 2)[2].lower()
        for name in dir(StrictFeedParser)
        if name.startswith(("_start_", "_end_"))
    }
    local = {name.rpartition("_")[2] for name in rules} | {name for name in rules if "_" not in name}
    assert local - TELLING <= IDLE
    assert {"id", "link", "title", "summary", "content", "published", "created", "updated"} <= TELLING


def agrees(body: bytes) -> bool:
    """Tell whether the fast path takes a document; where it does, it has to tell what feedparser tells."""
    plain = parse_plain(body)
    assert plain is None or plain == parse_reference(body)
    return plain is not None


TEXTS = ["Talks", " a &amp;amp; b ", "", "<![CDATA[<p>x</p>]]>", "é", "Ã©", "<b>m</b>", "a<!-- c -->b", "“q”"]
LINKS = [
    "https://e.org/1",
    " https://e.org/2\n",
    "/x",
    "",
    "http:///x",
    "https://e.org/?a&amp;b;",
    "mailto:x",
]
DATES = ["Thu, 21 Mar 2024 18:30:00 GMT", "2024-03-21T18:30:00Z", "2024-02-30", "21.03.2024", ""]
PARTS = [
    *(f"<title>{text}</title>" for text in TEXTS),
    *(f"<description>{text}</description>" for text in TEXTS),
    *(f"<content:encoded>{text}</content:encoded>" for text in TEXTS),
    *(f"<link>{link}</link>" for link in LINKS),
    *(f"<guid>{link}</guid>" for link in LINKS),
    *(f"<guid isPermaLink='false'>{guid}</guid>" for guid in ("g", "", "20240321")),
    *(f"<pubDate>{date}</pubDate>" for date in DATES),
    *(f"<dc:date>{date}</dc:date>" for date in DATES),
    *(f"<a:updated>{date}</a:updated>" for date in DATES),
    "<media:description>Photo</media:description>", "<source url='https://s.example'>S</source>",
    "<media:group><media:title>t</media:title></media:group>", "<x:y z='1'>t<x:y/></x:y>", "<!-- c -->",
    "<author>a@e.org (A)</author>", "<dc:creator>C</dc:creator>", "<enclosure url='e'/>", "loose text",
    "<a:link rel='self' href='https://e.org'/>", "<rights>r</rights>", "<language>fr</language>",
]  # fmt: skip
PLAIN_PARTS = [
    "<title>T</title>",
    "<link>https://e.org/1</link>",
    "<pubDate>Thu, 21 Mar 2024 18:30:00 GMT</pubDate>",
    "<description>D</description>",
]


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=3), min_size=1, max_size=3), st.randoms())
def test_generated_items(extra: list[list[str]], order: object) -> None:
    items = []
    for parts in extra:
        names = {part[:5] for part in parts}
        mixed = parts + [part for part in PLAIN_PARTS if part[:5] not in names]
        order.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        items.append("".join(mixed))
    agrees(rss(*items))


@pytest.mark.shared
def test_world_news_goes_the_fast_way(shared: Path) -> None:
    files = sorted((shared / "feeds/world_news").glob("*.xml"))
    assert len(files) == 12
    assert all(agrees(prepared(file.read_bytes())) for file in files)


@pytest.mark.shared
def test_the_feedparser_suite(shared: Path) -> None:
    """Mostly corner cases: few are taken, none is told otherwise."""
    files = sorted((shared / "feeds/feedparser_suite").rglob("*.xml"))
    assert len(files) == 2106
    assert sum(agrees(file.read_bytes()) for file in files) > 100


def polls(shared: Path) -> Iterator[bytes]:
    """The recorded polls of the State Department's feed."""
    with (shared / "feeds/state_gov/polls.tar.zst").open("rb") as packed:
        unpacked = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(packed)
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for member in archive:
                if (file := archive.extractfile(member)) is not None:
                    yield file.read()


@pytest.mark.shared
def test_recorded_polls(shared: Path) -> None:
    """One in twenty; the slow test takes all."""
    assert all(agrees(body) for number, body in enumerate(polls(shared)) if number % 20 == 0)


@pytest.mark.shared
@pytest.mark.slow
def test_all_recorded_polls(shared: Path) -> None:
    assert sum(agrees(body) for body in polls(shared)) == 1849

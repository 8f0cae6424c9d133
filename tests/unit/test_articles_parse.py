"""Feeds and what is none, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.articles.hints import FeedHints
from pipeline.articles.normalize import Item, Reading, normalize, read_feed
from pipeline.articles.parse import RawEntry, RawFeed, Refusal, parse_feed

RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>c</title>
<item><title>Talks &amp;amp; tea</title><link>https://example.org/1</link><guid isPermaLink="false">g1</guid>
<pubDate>Thu, 21 Mar 2024 18:30:00 MSK</pubDate><dc:date>2024-03-20</dc:date>
<description>Teaser</description><content:encoded><![CDATA[<p>Whole.</p><p>Text.</p>]]></content:encoded></item>
<item><title></title><description> <![CDATA[<img src="x">]]> </description><link>https://example.org/2</link></item>
<item><title>No way back</title><link>javascript:alert(1)</link></item>
<item><title>By guid</title><guid isPermaLink="false">g4</guid><description>Only a teaser</description></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>urn:1</id><title type="html">
&lt;b&gt;Bold&lt;/b&gt;</title><link rel="self" href="https://example.org/self"/><link href="/a"/>
<updated>2024-03-21T18:30:00Z</updated><summary>S</summary></entry></feed>"""


def test_rss_becomes_items_and_refusals_are_counted() -> None:
    reading = read_feed(RSS)
    assert isinstance(reading, Reading)
    assert reading.items == (
        Item(
            "g1",
            "https://example.org/1",
            "Talks & tea",
            "Whole.\nText.",
            ("Thu, 21 Mar 2024 18:30:00 MSK", "2024-03-20"),
        ),
        Item("g4", "", "By guid", "Only a teaser", ()),
    )
    assert reading.refused == {"no title and no text": 1, "no usable link and no guid": 1}


def test_atom_links_are_taken_from_the_feeds_address() -> None:
    reading = read_feed(ATOM, base_url="https://example.org/feed")
    assert isinstance(reading, Reading)
    assert reading.items == (Item("urn:1", "https://example.org/a", "Bold", "S", ("2024-03-21T18:30:00Z",)),)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty body"),
        (b" \n\xef\xbb\xbf", "empty body"),
        (b"<!DOCTYPE html><html><body>Sorry</body></html>", "HTML page"),
        (b"<!-- hi -->\n<html><head><title>x</title></head></html>", "HTML page"),
        (b'{"error": "not found"}', "no feed format and no entries"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "no feed format and no entries"),
    ],
)
def test_what_is_no_feed(body: bytes, reason: str) -> None:
    assert parse_feed(body) == Refusal(reason)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert parse_feed(b'<rss version="2.0"><channel><title>c</title></channel></rss>') == RawFeed("rss20", ())


def test_a_body_that_names_a_file_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(RSS)
    assert isinstance(parse_feed(str(secret).encode()), Refusal)
    assert isinstance(parse_feed(b"http://127.0.0.1:9/feed"), Refusal)


def test_a_broken_feed_is_mended() -> None:
    reading = read_feed(RSS.replace(b"</channel></rss>", b"").replace(b"&amp;amp;", b"& tea &"))
    assert isinstance(reading, Reading)
    assert reading.items[0].guid == "g1"


def test_the_charset_of_the_header_goes_before_the_declaration() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>Мир</title><link>http://e.org/1</link></item></channel></rss>'
    reading = read_feed(body.encode("windows-1251"), "text/xml; charset=windows-1251")
    assert isinstance(reading, Reading)
    assert reading.items[0].title == "Мир"


def test_a_guid_given_to_several_links_names_nothing() -> None:
    item = b"<item><title>%d</title><guid isPermaLink='false'>same</guid><link>https://example.org/%d</link></item>"
    body = b'<rss version="2.0"><channel>' + item % (1, 1) + item % (2, 2) + b"</channel></rss>"
    reading = read_feed(body)
    assert isinstance(reading, Reading)
    assert [one.guid for one in reading.items] == ["", ""]


def test_content_without_text_leaves_the_summary() -> None:
    entry = RawEntry("g", "https://example.org/1", "T", "<img src='x'>", "<p>Teaser</p>", ())
    item = normalize(entry)
    assert isinstance(item, Item)
    assert item.text == "Teaser"


def test_long_texts_are_cut() -> None:
    entry = RawEntry("g" * 5000, "https://example.org/1", "t " * 5000, "word " * 100_000, "", ())
    item = normalize(entry)
    assert isinstance(item, Item)
    assert len(item.guid) == 1000
    assert len(item.title) <= 1000
    assert 99_990 < len(item.text) <= 100_000


def test_hints_are_read_and_made_absolute() -> None:
    head = (
        b'<ttl>60</ttl><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="/feed"/>'
        b'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/"/>'
        b"<skipHours><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Monday</day></skipDays>"
    )
    wanted = FeedHints(3600, frozenset({0, 1}), frozenset({0}), "https://hub.example/", "https://e.org/feed")
    feed = RSS.replace(b"<title>c</title>", b"<title>c</title>" + head)
    for body in (feed, feed.replace(b"</rss>", b"")):
        reading = read_feed(body, base_url="https://e.org/a/feed.xml")
        assert isinstance(reading, Reading)
        assert reading.hints == wanted


@pytest.mark.parametrize(
    "hub", ["javascript:alert(1)", "file:///etc/passwd", "https://me:pw@hub.example/", ""]
)
def test_a_hub_that_may_not_be_asked_is_none(hub: str) -> None:
    reading = read_feed(ATOM.replace(b"<title>t", f'<link rel="hub" href="{hub}"/><title>t'.encode()))
    assert isinstance(reading, Reading)
    assert reading.hints.hub is None


PICTURE = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>c</title>
<description>c</description><item><title>Talks</title><link>https://e.org/1</link>%s
<description>What was said.</description><media:description>Photo: someone, yesterday</media:description>
</item></channel></rss>"""


def test_the_caption_of_a_picture_is_not_the_text() -> None:
    for extra in ("", "<broken>"):
        reading = read_feed((PICTURE % extra).encode())
        assert isinstance(reading, Reading)
        assert [item.text for item in reading.items] == ["What was said."]


def test_a_caption_is_the_text_where_there_is_no_other() -> None:
    reading = read_feed((PICTURE % "").replace("<description>What was said.</description>", "").encode())
    assert isinstance(reading, Reading)
    assert [item.text for item in reading.items] == ["Photo: someone, yesterday"]


def test_of_several_contents_the_longest_is_taken() -> None:
    more = b"<content:encoded>Short.</content:encoded><content:encoded><![CDATA[<p>Whole.</p>"
    reading = read_feed(RSS.replace(b"<content:encoded><![CDATA[<p>Whole.</p>", more))
    assert isinstance(reading, Reading)
    assert reading.items[0].text == "Whole.\nText."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="utf-16"?>'])
def test_a_byte_order_mark_names_the_encoding(encoding: str, declaration: str) -> None:
    item = "<item><title>Gespräche “wieder”</title><link>https://e.org/1</link></item>"
    text = f'\ufeff{declaration}<rss version="2.0"><channel>{item}</channel></rss>'
    body = text.removeprefix("\ufeff" if encoding in ("utf-16", "utf-32") else "").encode(encoding)
    for content_type in ("", "text/xml; charset=iso-8859-1"):
        reading = read_feed(body, content_type)
        assert isinstance(reading, Reading)
        assert [item.title for item in reading.items] == ["Gespräche “wieder”"]


def test_controls_and_marks_of_direction_are_dropped() -> None:
    title = "Ta\u202elks\u2066 \u200bag\u2028ain\ufeff"
    body = (
        '<rss version="2.0"><channel><item>'
        f"<title>{title}</title><link>https://e.org/\u202e1\u2069</link>"
        f"<guid isPermaLink='false'>g\u202e1</guid>"
        f"<description>{title}</description></item></channel></rss>"
    )
    reading = read_feed(body.encode())
    assert isinstance(reading, Reading)
    item = reading.items[0]
    assert (item.guid, item.url) == ("g1", "https://e.org/1")
    assert (item.title, item.text) == ("Talks ag ain", "Talks ag\nain")

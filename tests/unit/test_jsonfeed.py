"""JSON Feed 1 and 1.1: written by hand after the specification's own examples."""

from __future__ import annotations

import json

import pytest

from pipeline.articles.hints import FeedHints
from pipeline.articles.normalize import Reading, read_feed
from pipeline.articles.parse import RawEntry, RawFeed, Refusal, parse_feed

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "My Example Feed",
    "home_page_url": "https://example.org/",
    "feed_url": "https://example.org/feed.json",
    "hubs": [{"type": "rssCloud", "url": "https://cloud.example"}, {"type": "WebSub", "url": "/hub"}],
    "items": [
        {
            "id": "2",
            "content_text": "5 < 6 & so on.\nSecond line.",
            "url": "https://example.org/second-item",
            "date_published": "2024-03-21T18:30:00+03:00",
            "date_modified": "2024-03-22T01:00:00Z",
        },
        {
            "id": 1,
            "title": "Talks <again>",
            "content_html": "<p>Hello, <b>world</b>!</p>",
            "content_text": "not read beside HTML",
            "summary": "A & B",
            "external_url": "https://example.com/elsewhere",
        },
        "not an object",
    ],
}


def test_items_become_raw_entries() -> None:
    assert parse_feed(json.dumps(FEED).encode()) == RawFeed(
        "json11",
        (
            RawEntry(
                "2",
                "https://example.org/second-item",
                "",
                "5 &lt; 6 &amp; so on.\nSecond line.",
                "",
                ("2024-03-21T18:30:00+03:00", "2024-03-22T01:00:00Z"),
            ),
            RawEntry(
                "1",
                "https://example.com/elsewhere",
                "Talks &lt;again&gt;",
                "<p>Hello, <b>world</b>!</p>",
                "A &amp; B",
                (),
            ),
        ),
        FeedHints(hub="/hub", self_url="https://example.org/feed.json"),
    )


def test_text_comes_out_as_it_was_written() -> None:
    reading = read_feed(json.dumps(FEED).encode(), base_url="https://example.org/feed.json")
    assert isinstance(reading, Reading)
    assert [item.text for item in reading.items] == ["5 < 6 & so on.\nSecond line.", "Hello, world!"]
    assert reading.items[1].title == "Talks <again>"
    assert reading.hints.hub == "https://example.org/hub"


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1"])
def test_version_one(version: str) -> None:
    body = b'\xef\xbb\xbf {"version": "%s", "items": []}' % version.encode()
    assert parse_feed(body, "application/feed+json") == RawFeed("json10", ())


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b'{"version": "https://jsonfeed.org/version/1"}',
        b'{"version": "https://jsonfeed.org/version/2", "items": []}',
        b'{"version": 1, "items": []}',
        b'{"version": "https://jsonfeed.org/version/1", "items": {"id": "1"}}',
        b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"9" * 10_000 + b"]}",
        b'{"version": "https://jsonfeed.org/version/1", "items": ["\xff"]}',
    ],
)
def test_what_is_no_json_feed(body: bytes) -> None:
    assert parse_feed(body) == Refusal("no feed format and no entries")


def test_members_of_other_types_are_as_if_missing() -> None:
    item = {"id": True, "url": ["x"], "title": {"a": 1}, "content_html": 5, "date_published": None}
    body = json.dumps({**FEED, "hubs": "x", "feed_url": 3, "items": [item]}).encode()
    assert parse_feed(body) == RawFeed("json11", (RawEntry("", "", "", "", "", ()),))


def test_depth_is_refused_without_a_crash() -> None:
    deep = b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 200_000
    assert isinstance(parse_feed(deep), Refusal)

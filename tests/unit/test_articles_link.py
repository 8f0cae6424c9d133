"""Links: which may be followed, and which lead to the same page."""

from __future__ import annotations

import pytest

from pipeline.articles.link import canonical_url, usable_link


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "mailto:a@example.org",
        "ftp://example.org/a",
        "http://",
        "http://[::1",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 2000,
        "/relative/without/base",
        "https://user:password@example.org/a",
        "https://example.com@example.org/a",
        "https://example.com\\@example.org/a",
        "https://example.com\\.example.org/a",
    ],
)
def test_only_web_links_are_usable(raw: str) -> None:
    assert usable_link(raw) is None


def test_a_relative_link_is_taken_from_the_feed() -> None:
    assert usable_link("../a?b=1", "https://example.org/x/feed.xml") == "https://example.org/a?b=1"


def test_white_space_and_controls_inside_a_link_are_dropped() -> None:
    assert usable_link(" https://example.org/\n a\x00b ") == "https://example.org/ab"
    assert usable_link("https://example.org/\u202ea\u200bb\u2069\ufeff\x85") == "https://example.org/ab"
    assert usable_link("java\u200bscript:alert(1)") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://www.example.org/a/"),
        ("https://example.org/a?utm_source=x&id=1", "https://example.org/a?id=1&fbclid=2"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("https://EXAMPLE.org:443/a#top", "https://example.org/a"),
        ("https://example.org/%7euser/%e2%82%ac", "https://example.org/~user/€"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ],
)
def test_equal_pages_have_one_key(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://news.example.org/a"),
        ("https://example.org/a", "https://example.org:8080/a"),
        ("https://example.org/a%3Fb", "https://example.org/a?b="),
    ],
)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)

"""Markup to plain text, on cases written by hand."""

from __future__ import annotations

import time

import pytest

from pipeline.articles.plaintext import cut, plain_line, plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One<br/>Two<br>Three", "One\nTwo\nThree"),
        ("<b>bo</b>ld", "bold"),
        ("<td>a</td><td>b</td>", "a b"),
        ("AT&amp;T", "AT&T"),
        ("R&D", "R&D"),
        ("a&nbsp;b", "a b"),
        ("&#8220;Talks&#8221; &#x2014; again", "“Talks” — again"),
        ("&lt;p&gt;Escaped &lt;b&gt;once&lt;/b&gt; too often&lt;/p&gt;", "Escaped once too often"),
        ("&amp;lt;p&amp;gt;", "<p>"),
        ("<script>var a = '<p>no</p>';</script>yes", "yes"),
        ("<STYLE>p {}</STYLE>yes", "yes"),
        ("<script src='x'/>yes", "yes"),
        ("<!-- no --> yes", "yes"),
        ("<!-- never closed", ""),
        ("<![CDATA[no]]>yes", "yes"),
        ('<img alt="a > b" src="x">after', "after"),
        ("<a title=it's>link</a> and 'more'", "link and 'more'"),
        ('<a href="never closed>text</a> goes on', "text goes on"),
        ("cut off <a href=", "cut off"),
        ("cut off <br", "cut off"),
        ("price <USD 5", "price <USD 5"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("nul\x00s \x07bell", "nuls bell"),
        ("zero\u200bwidth \ufeffmark", "zerowidth mark"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\u202eb\u2066c\u2069\u200ed", "abcd"),
        ("a \u202e b", "a b"),
        ("next\u0085line", "next\nline"),
        ("  much \t space \r\n\r\n\n next ", "much space\nnext"),
        ("line\u2028separator", "line\nseparator"),
        ("e\u0301", "é"),
        ("Привет <i>мир</i>", "Привет мир"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_a_title_is_one_line() -> None:
    assert plain_line("<p>Envoys</p>\n<p>meet</p>") == "Envoys meet"


@pytest.mark.parametrize(
    "hostile",
    [
        "<",
        "<a ",
        "<a '",
        "<!--",
        "<script>",
        "&lt;",
        "<p>",
        '<a b="',
        "<a b=' c",
        "&",
        "</",
        "<svg><p ",
        "<a =\"'>",
    ],
)
def test_time_grows_with_length_only(hostile: str) -> None:
    began = time.perf_counter()
    plain_text(hostile * (1_000_000 // len(hostile)))
    assert time.perf_counter() - began < 5


def test_cut_ends_at_a_space_where_there_is_one() -> None:
    assert cut("one two", 7) == "one two"
    assert cut("one two three", 8) == "one two"
    assert cut("abcdef", 3) == "abc"

"""Texts of pages: what the article says stays, the page's furniture goes, teasers give way."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.articles.dedupe import Known, decide, url_id
from pipeline.articles.dedupe import Poll as Circumstances
from pipeline.articles.feed import Feed
from pipeline.articles.fulltext import PageText, filled, is_teaser, read_page, wanting
from pipeline.articles.normalize import Item
from pipeline.articles.raw import Refusal
from pipeline.articles.residue import without_residue
from pipeline.contract.article import DateQuality, TextSource

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)
FEED = Feed("wire", "https://example.org/feed", "Wire", "GBR", full_text=True)
BODY = (
    "Russia is drawing China, Iran and North Korea into a coalition against the West, analysts of a think "
    "tank wrote on Thursday. Its foreign minister met his Chinese counterpart in Beijing, and both agreed "
    "on more exchanges between their armies."
)
MORE = "North Korea has sent shells by rail since autumn, and Iran has sold drones, the report says."
PAGE = f"""<!doctype html><html><head><title>Russia builds a coalition | Example Congress</title>
<meta property="article:published_time" content="2024-03-20T09:00:00Z"></head><body>
<header><nav><a href="/">Example Congress</a> <a href="/news">News</a></nav></header>
<main><article><h1>Russia builds a coalition</h1><p>icon</p><p>March 21,2024 490</p><p>{BODY}</p><p>{MORE}</p>
<p>Cover: Shutterstock</p><p>#DefeatRussia</p><p>#StandWithUkraine 12</p><p>Share</p></article></main>
<footer><p>Subscribe to our newsletter</p><p>© 2024 Example Congress</p></footer></body></html>""".encode()


def test_a_page_with_its_furniture_gives_the_report_alone() -> None:
    page = read_page(PAGE, "Example Congress")
    assert isinstance(page, PageText)
    assert page.text == f"{BODY}\n{MORE}"
    assert page.published == "2024-03-20"


@pytest.mark.parametrize("html", [b"", b"<html></html>", b"\0\xff" * 1000, b"<p>short</p>", b"{}"])
def test_what_is_no_article_is_refused(html: bytes) -> None:
    assert isinstance(read_page(html), Refusal)


@pytest.mark.parametrize(
    "line",
    """icon|#DefeatRussia|#DefeatRussia 12 #Ukraine 3|March 21,2024 490|21 March 2024|Cover: Shutterstock
Photo: Reuters / A. Person|Photo by A. Person|Share|Share on Facebook|Share this article|Subscribe
Sign up for our newsletter|Follow us on Telegram|Read also: Ministers meet|Related articles|Comments (12)
© 2024 Example|All rights reserved.|5 min read|By Ann Person 5 hours ago|* * *|Advertisement
This site uses cookies to improve your experience.|A. Person / AFP via Getty Images""".replace(
        "\n", "|"
    ).split("|"),
)
def test_furniture_goes(line: str) -> None:
    assert without_residue(f"{BODY}\n{line}\n{MORE}") == f"{BODY}\n{MORE}"


@pytest.mark.parametrize(
    "line",
    [
        "Moscow",
        "Iran said no.",
        "Photos show a crater near the bridge.",
        "Share prices fell after the sanctions were announced.",
        "Read the room, the minister told his counterpart.",
        "By Friday both armies had withdrawn.",
        "On 21 March 2024 the ministers met.",
        "Cover was provided by Russian jets.",
        "Reuters reported the call first.",
        "The Icon of Kazan was returned to Moscow.",
        "Sign up for war or leave, they were told by the general, who spoke in Minsk.",
    ],
)
def test_news_stays(line: str) -> None:
    assert without_residue(line) == line


def test_the_outlets_bare_name_is_no_news() -> None:
    assert without_residue("The Wire\nThe Wire met them.", "the wire") == "The Wire met them."


def test_teasers() -> None:
    assert is_teaser("Ministers met.")
    assert is_teaser("word " * 300 + "Read more")
    assert is_teaser("word " * 300 + "[…]")
    assert not is_teaser("word " * 300)


def item(text: str, dates: tuple[str, ...] = ("Thu, 21 Mar 2024 10:00:00 GMT",)) -> Item:
    return Item("g", "https://example.org/1", "A title", text, dates)


def test_a_page_takes_the_teasers_place_and_its_date_a_missing_one() -> None:
    undated = decide(item("Teaser.", ()), None, None, Circumstances(FEED, NOON, stale=False))
    done = filled(undated, PageText(BODY, "2024-03-20"))
    assert done.article is not None
    assert (done.article.text, done.article.text_source) == (BODY, TextSource.PAGE)
    assert (done.article.published_at.date().isoformat(), done.article.published_quality) == (
        "2024-03-20",
        DateQuality.PAGE,
    )
    assert (done.known.text, done.known.quality) == (BODY, DateQuality.PAGE)
    dated = decide(item("Teaser."), None, None, Circumstances(FEED, NOON, stale=False))
    assert filled(dated, PageText(BODY, "2024-03-20")).known.quality is DateQuality.FEED
    assert filled(dated, None) == dated


def test_an_edited_teaser_keeps_the_text_of_the_page_where_that_is_away() -> None:
    poll = Circumstances(FEED, NOON, stale=False)
    first = filled(decide(item("Teaser."), None, None, poll), PageText(BODY))
    edited = decide(item("Teaser, corrected."), first.known, first.known, poll)
    assert edited.article is not None
    kept = filled(edited, None)
    assert kept.article is not None
    assert (kept.article.version, kept.article.text) == (2, BODY)
    assert kept.article.supersedes is not None
    assert kept.article.supersedes.text == BODY


def test_pages_are_wanted_for_new_and_changed_teasers_only() -> None:
    known: dict[str, Known] = {}
    assert wanting([item("Teaser.")], known.get) == [item("Teaser.")]
    first = decide(item("Teaser."), None, None, Circumstances(FEED, NOON, stale=False)).known
    known[url_id(first.key)] = first
    assert wanting([item("Teaser.")], known.get) == []
    assert wanting([item("Teaser, corrected.")], known.get) == [item("Teaser, corrected.")]
    assert wanting([item("word " * 300), replace(item("Teaser."), url="")], {}.get) == []


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def f1(found: str, gold: str) -> float:
    a, b = words(found), words(gold)
    return 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values()))


def golds(path: Path) -> Iterator[str]:
    """Body texts of an outlet's pages, as people marked them."""
    versions: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for version in versions.values():
        if isinstance(version, dict) and version.get("body"):
            body = version["body"]
            lines = [*body["summary"]]
            for section in body["sections"]:
                lines += [*section["headline"], *section["paragraphs"]]
            yield "\n".join(lines)


@pytest.mark.shared
def test_texts_of_real_pages(shared: Path) -> None:
    scores = []
    for path in sorted((shared / "pages").glob("*.html.gz")):
        page = read_page(gzip.decompress(path.read_bytes()))
        text = page.text if isinstance(page, PageText) else ""
        outlet = path.name.split("_")[0]
        scores.append(max(f1(text, gold) for gold in golds(shared / "pages" / f"{outlet}.json")))
    assert len(scores) >= 30
    assert sum(scores) / len(scores) >= 0.94


@pytest.mark.shared
def test_no_line_of_a_real_report_is_taken_for_furniture(shared: Path) -> None:
    lines = gone = 0
    for path in sorted((shared / "pages").glob("*.json")):
        for gold in golds(path):
            for line in filter(None, map(str.strip, gold.splitlines())):
                lines += 1
                gone += not without_residue(line)
    assert lines > 1000
    assert gone <= lines / 500

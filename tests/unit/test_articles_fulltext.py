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

from pipeline.articles.dates import read_date
from pipeline.articles.dedupe import Known, decide, url_id
from pipeline.articles.dedupe import Poll as Circumstances
from pipeline.articles.feed import Feed
from pipeline.articles.fulltext import filled, is_teaser, objection, wanting
from pipeline.articles.normalize import Item
from pipeline.articles.page import PageText, read_page
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
    assert page.published == "2024-03-20T09:00:00Z"


SEED = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Russia builds a coalition - Example Congress</title></head><body>
<header class="header"><a href="/"><img src="logo.svg" alt="icon"></a><nav><ul><li>News</li>
<li><a href="/about">About us</a></li></ul></nav></header><main><div class="article">
<h1>Russia builds a coalition</h1><div class="meta"><span>icon</span><p>March 21,2024 490</p></div>
<div class="content"><p>Example Congress</p><p>{body}</p><h2>Shells and drones</h2><p>{more}</p>
<p><a href="/x">Read also: Ministers meet again in Geneva</a></p><p>{body}</p><p>Cover: Shutterstock</p>
<p>By Ann Person, 5 minutes ago</p><p>#DefeatRussia</p><p>#StandWithUkraine 12</p><p>Share</p>
<p>Subscribe to our newsletter</p><p>This site uses cookies to improve your experience.</p></div></div></main>
<footer><p>Follow us on Telegram</p><p>© 2024 Example Congress</p></footer></body></html>"""


def test_a_page_like_the_seeds_gives_its_report_and_its_date() -> None:
    page = read_page(SEED.format(body=BODY, more=MORE).encode(), "Example Congress")
    assert isinstance(page, PageText)
    assert page.text.split("\n") == [BODY, "Shells and drones", MORE, BODY]
    assert page.published == "March 21,2024"


def html_of(text: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><article>{text}</article></body></html>"


def dated_page(head: str, content_type: str = "") -> str:
    html = html_of(f"<p>{BODY}</p><p>{MORE}</p>", head)
    page = read_page(html.encode(), content_type=content_type)
    assert isinstance(page, PageText)
    return page.published


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


DAY = "2024-03-21T10:00:00+03:00"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", ""),
        (f'<meta property="article:published_time" content="{DAY}">', DAY),
        (f'<meta name="DC.date.issued" content="{DAY}"><meta name="revised" content="2024-03-25">', DAY),
        (f'<meta itemprop="datePublished" content=" {DAY} ">', DAY),
        ('<meta name="date" content="soon">', ""),
        (f'<meta name="date" content="2024-03-25"><meta name="pubdate" content="soon">'
         f'<meta property="article:published_time" content="{DAY}">', DAY),
        (linked({"@type": "NewsArticle", "datePublished": DAY, "dateModified": "2024-03-22"}), DAY),
        (linked([{"@graph": [{"@type": "A"}, {"@type": ["Thing", "Article"], "datePublished": DAY}]}]), DAY),
        (linked({"@type": "VideoObject", "datePublished": DAY}), ""),
        (linked({"@type": "Organization", "member": {"@type": "NewsArticle", "datePublished": DAY}}), ""),
        (linked({"@type": "NewsArticle", "datePublished": 5}), ""),
        (f"<script type='application/ld+json'>{{</script><meta name='date' content='{DAY}'>", DAY),
        (f"<meta name='dc.date' content='03/04/2024'><meta name='date' content='{DAY}'>", DAY),
        (f"<script type='application/ld+json'>{'[' * 100_000}</script>", ""),
        (f'<meta property="article:modified_time" content="{DAY}">', ""),
    ],
)  # fmt: skip
def test_the_date_of_publication_is_read_and_never_guessed(head: str, expected: str) -> None:
    assert dated_page(head) == expected


@pytest.mark.parametrize(
    ("charset", "content_type"),
    [
        ("utf-8", "text/html; charset=utf-8"),
        ("windows-1251", "text/html; charset=windows-1251"),
        ("utf-16", "text/html; Charset='UTF-16'"),
        ("utf-8", "text/html; charset=ascii"),
        ("utf-8", "text/html; charset=no-such"),
        ("utf-8", "application/xhtml+xml"),
        ("utf-8", ""),
    ],
)
def test_charsets(charset: str, content_type: str) -> None:
    told = "Министры встретились в Минске, чтобы обсудить договор о дружбе. " * 6
    html = html_of(f"<p>{told}</p>")
    page = read_page(html.encode(charset), content_type=content_type)
    assert isinstance(page, PageText)
    assert page.text == told.strip()


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "image/png", "text/plain", "application/json", "?"]
)
def test_what_says_that_it_is_no_html_is_not_read(content_type: str) -> None:
    assert read_page(PAGE, content_type=content_type) == Refusal("the page is no HTML")


def test_a_page_about_something_else_leaves_the_teaser() -> None:
    teaser = item("Russia is drawing China and Iran into a coalition, analysts of a think tank wrote.")
    assert objection(teaser, PageText(f"{BODY} {MORE}")) is None
    consent = "We and our partners store and access information on your device, with your consent. " * 10
    assert objection(teaser, PageText(consent)) == Refusal("the page is about something else")
    assert objection(teaser, PageText("Iran.")) == Refusal("the page says no more than the feed")
    assert objection(replace(teaser, title="", text="Talks"), PageText(consent)) is None
    chinese = replace(teaser, title="中国和俄罗斯举行会谈讨论双边关系", text="中国外交部长表示欢迎")
    assert objection(chinese, PageText("中国外交部长王毅在北京会见了俄罗斯外交部长。" * 20)) is None


@pytest.mark.parametrize("html", [b"", b"<html></html>", b"\0\xff" * 1000, b"<p>short</p>", b"{}"])
def test_what_is_no_article_is_refused(html: bytes) -> None:
    assert isinstance(read_page(html), Refusal)


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
    for wrong in ("1970-01-01", "2024-03-25", "03/04/2024", "soon"):
        assert filled(undated, PageText(BODY, wrong)).known.quality is DateQuality.FIRST_SEEN


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
def test_dates_of_real_pages(shared: Path) -> None:
    """Against the moments that people read off the pages; a moment without a zone (one page) is local."""
    right = 0
    for path in sorted((shared / "pages").glob("*.html.gz")):
        page = read_page(gzip.decompress(path.read_bytes()))
        assert isinstance(page, PageText)
        told = read_date(page.published)
        assert told is not None
        versions = json.loads(
            (shared / "pages" / f"{path.name.split('_')[0]}.json").read_text(encoding="utf-8")
        )
        golds = {
            datetime.fromisoformat(version["publishing_date"])
            for version in versions.values()
            if isinstance(version, dict) and version.get("publishing_date")
        }
        right += any(gold.tzinfo and abs((gold - told.at).total_seconds()) < 60 for gold in golds)
    assert right >= 33


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

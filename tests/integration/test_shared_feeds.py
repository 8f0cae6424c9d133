"""Feeds that nobody here wrote: feedparser's own test suite, and world news as captured on one day."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.articles.dates import date_entry
from pipeline.articles.dedupe import Known, Verdict
from pipeline.articles.feed import Feed
from pipeline.articles.normalize import Reading, read_feed
from pipeline.articles.parse import RawFeed, Refusal, parse_feed
from pipeline.articles.plaintext import plain_line, plain_text
from pipeline.articles.window import decide_window
from pipeline.contract.article import DateQuality
from pipeline.contract.codec import encode

EXPECT = re.compile(r"Expect:\s*(?:not bozo and )?entries\[0\]\['(\w+)'\] == (.+)$", re.M)
DIFFERENT = {
    # Identifiers are taken as they stand, not resolved against the address of the document.
    "http_entry_id_base_content_location.xml",
    "http_entry_id_base_docuri.xml",
    # What an iframe holds is dropped with it; feedparser's sanitizer keeps its text.
    "entry_summary_iframe.xml",
}
CAPTURED = datetime(2026, 2, 18, 23, 59, tzinfo=UTC)

pytestmark = pytest.mark.shared


def suite(shared: Path) -> list[tuple[Path, bytes, str]]:
    """Every file with its bytes and the content type that it asks to be served with."""
    files = sorted(path for path in (shared / "feeds" / "feedparser_suite").rglob("*.xml"))
    found = []
    for path in files:
        body = path.read_bytes()
        header = re.search(rb"Header:\s*Content-type:\s*([^\r\n]+)", body, re.I)
        found.append((path, body, header[1].decode("latin-1") if header else ""))
    return found


def test_the_suite_makes_reading_never_fail(shared: Path) -> None:
    files = suite(shared)
    readings = [read_feed(body, content_type) for _, body, content_type in files]
    refused = [
        path.name for (path, _, _), got in zip(files, readings, strict=True) if isinstance(got, Refusal)
    ]
    assert len(files) > 1900
    assert len(refused) < len(files) * 0.02, refused
    for reading in readings:
        if isinstance(reading, Reading):
            for item in reading.items:
                f"{item.guid}{item.url}{item.title}{item.text}".encode()


def test_titles_and_texts_are_the_suites_as_plain_text(shared: Path) -> None:
    wrong, checked = [], 0
    for path, body, content_type in suite(shared):
        for name, words in EXPECT.findall(body.decode("utf-8", "replace")):
            parsed = parse_feed(body, content_type)
            if name not in ("title", "summary", "id") or not isinstance(parsed, RawFeed):
                continue
            try:
                expected = ast.literal_eval(words.strip())
            except (ValueError, SyntaxError):
                continue
            entry = parsed.entries[0]
            got = {"title": entry.title, "summary": entry.summary, "id": entry.guid}[name]
            turn = plain_line if name == "title" else plain_text if name == "summary" else str
            checked += 1
            if turn(got) != turn(expected):
                wrong.append(path.name)
    assert checked > 100
    assert set(wrong) <= DIFFERENT, wrong


WRONG_WEEKDAY = {"entry_published_parsed_date_overwriting.xml"}
"""It calls the first of January 2010, a Friday, a Saturday."""


def test_dates_are_the_suites(shared: Path) -> None:
    checked = 0
    for path, body, content_type in suite(shared):
        for name, words in EXPECT.findall(body.decode("utf-8", "replace")):
            if name not in ("published_parsed", "updated_parsed", "created_parsed"):
                continue
            year, month, day, hour, minute, second, *_ = ast.literal_eval(words.strip())
            parsed = parse_feed(body, content_type)
            assert isinstance(parsed, RawFeed), path
            dated = date_entry(parsed.entries[0].dates, CAPTURED, CAPTURED)
            expected = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            assert dated.published_at == expected, path
            assert dated.quality is (DateQuality.SUSPECT if path.name in WRONG_WEEKDAY else DateQuality.FEED)
            checked += 1
    assert checked >= 10


def test_a_day_of_world_news(shared: Path) -> None:
    """Every entry of twelve feeds becomes one dated article, and nothing when it comes again."""
    files = sorted((shared / "feeds" / "world_news").glob("*.xml"))
    assert len(files) == 12
    known: dict[str, Known] = {}
    total = 0
    for path in files:
        feed = Feed(path.stem.lower(), "https://example.org/feed", path.stem, None)
        reading = read_feed(path.read_bytes(), base_url=feed.url)
        assert isinstance(reading, Reading), path
        assert not reading.refused, path
        assert reading.items
        window = decide_window(reading.items, feed, CAPTURED, None, lambda _: None, known.get)
        fresh = [decision.article for _, decision in window.decisions if decision.article is not None]
        assert len(fresh) + window.repeated + window.counts.get(Verdict.ELSEWHERE, 0) == len(reading.items)
        for article in fresh:
            assert article.published_quality is DateQuality.FEED, (path, article.guid)
            assert article.title
            assert "<" not in article.title
            assert not re.search(r"</?(p|br|a|div|img|span)\b|&(nbsp|amp|quot|#\d+);", article.text), (
                article.text
            )
            encode(article)
        known |= {decision.known.article_id: decision.known for _, decision in window.decisions}
        guids = {guid: decision.known for guid, decision in window.decisions}
        again = decide_window(reading.items, feed, CAPTURED, window.newest_at, guids.get, known.get)
        assert not [1 for _, decision in again.decisions if decision.article is not None]
        total += len(fresh)
    assert total > 250

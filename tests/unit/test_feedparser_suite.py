"""feedparser's own tests, read as the poller reads: what they expect holds, and no file stops the parser.

Every wellformed case names what feedparser has to tell. That is looked up in feedparser's result as we ask
for it, without sanitising and without resolving addresses inside texts. Where it does not hold there, it has
to hold with these two switched on, and then the text and the link that an article gets have to be the same
either way. What is left stands in one table, with the reason.
"""

from __future__ import annotations

import asyncio
import datetime
import io
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
import pytest

from pipeline.articles.link import usable_link
from pipeline.articles.normalize import Item, normalize
from pipeline.articles.parse import RawEntry, RawFeed, consult, parse_feed, prepared
from pipeline.articles.plaintext import plain_line, plain_text
from pipeline.workers.parsing import ProcessParser

pytestmark = pytest.mark.shared

NEWER = "expects what a later feedparser than 6.0 does, in a member that articles don't have"
HEADERS = "expects HTTP headers in the result; ours come from the fetcher, not from feedparser"
NO_PAGE = "the sanitizer takes head and script for text (HTML page inside an entry); we drop both"
NO_FALLBACK = "the sanitizer keeps what browsers without frames would show; we drop it with the frame"
LOCATION = "Content-Location no longer gives the base of links (RFC 7231, appendix B); our base is the feed's"
LINK = "feedparser 6.0 takes the text of another <link> for the page; ours is the one expected"

DIFFERENT = {
    "atom/entry_link_no_href_link_priority.xml": LINK,
    "atom/entry_link_rel_enclosure_no_href.xml": LINK,
    "atom10/entry_link_no_href_link_priority.xml": LINK,
    "atom10/entry_link_rel_enclosure_no_href.xml": LINK,
    "base/http_entry_id_base_content_location.xml": LOCATION,
    "base/http_entry_link_base_content_location.xml": LOCATION,
    "base/http_item_link_base_content_location.xml": LOCATION,
    "http/headers_etag.xml": HEADERS,
    "http/headers_last_modified-modified.xml": HEADERS,
    "http/headers_last_modified-modified_parsed.xml": HEADERS,
    "itunes/itunes_channel_explicit_false.xml": NEWER,
    "itunes/itunes_channel_explicit_no.xml": NEWER,
    "itunes/itunes_channel_explicit_true.xml": NEWER,
    "itunes/itunes_item_explicit_false.xml": NEWER,
    "itunes/itunes_item_explicit_no.xml": NEWER,
    "itunes/itunes_item_explicit_true.xml": NEWER,
    "rss/item_description_not_a_doctype.xml": "expects a broken link escaped; as text it says nothing",
    "sanitize/entry_content_crazy.xml": NO_PAGE,
    "sanitize/entry_content_iframe.xml": NO_FALLBACK,
    "sanitize/entry_summary_crazy.xml": NO_PAGE,
    "sanitize/entry_summary_iframe.xml": NO_FALLBACK,
    "sanitize/entry_title_crazy.xml": NO_PAGE,
    "sanitize/item_content_encoded_crazy.xml": NO_PAGE,
    "sanitize/item_content_encoded_script_nested_cdata.xml": "the sanitizer leaves the word CDATA in it",
    "sanitize/item_description_crazy.xml": NO_PAGE,
    "sanitize/item_fullitem_crazy.xml": NO_PAGE,
}
CAPTIONS = 3
"""Cases of Media RSS whose captions of pictures we keep out of the entry."""

SERVER = "http://127.0.0.1:8097/tests/wellformed/"
_EXPECT = re.compile(r"^\s*Expect:\s*(.*)$", re.M)
_HEADER = re.compile(r"^\s*Header:\s*([^:\n]+):(.*)$", re.M)


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the suite."""

    name: str
    body: bytes
    expect: str
    headers: dict[str, str]

    @property
    def url(self) -> str:
        return SERVER + self.name

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    def holds(self, result: Any) -> bool:
        """Evaluate the expectation, a Python expression, on a result of feedparser."""
        try:
            return bool(eval(self.expect, {"datetime": datetime}, result))
        except Exception:
            return False


def case(file: Path, folder: Path) -> Case:
    body = file.read_bytes()
    encodings = ("utf-8", "utf-16", "utf-32", "latin-1")
    for encoding in encodings:
        text = body.decode(encoding, errors="ignore")
        if found := _EXPECT.search(text):
            headers = {name.strip().lower(): value.strip() for name, value in _HEADER.findall(text)}
            return Case(str(file.relative_to(folder)), body, found.group(1).strip(), headers)
    raise AssertionError(f"{file} expects nothing")


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[Case]:
    folder = shared / "feeds/feedparser_suite/tests/wellformed"
    return [case(file, folder) for file in sorted(folder.rglob("*.xml"))]


def test_every_expectation_holds(cases: list[Case]) -> None:
    verdicts: Counter[str] = Counter()
    unexplained = []
    for one in cases:
        verdict = judge(one)
        verdicts[verdict] += 1
        if (verdict == "different") != (one.name in DIFFERENT):
            unexplained.append((one.name, verdict))
    assert unexplained == []
    assert sum(verdicts.values()) == 1749
    assert verdicts["different"] == len(DIFFERENT)


def judge(one: Case) -> str:
    """Tell whether an expectation holds as it stands, holds but for the two switches, or is different."""
    ours = consult(one.body, one.content_type)
    if one.holds(ours):
        return "holds"
    location = feedparser.urls.make_safe_absolute_uri(one.url, one.headers.get("content-location", ""))
    headers = {"content-type": "application/xml"} | one.headers | {"content-location": location or one.url}
    theirs = feedparser.parse(
        io.BytesIO(one.body), response_headers=headers, sanitize_html=True, resolve_relative_uris=True
    )
    if not one.holds(theirs) or len(ours.entries) != len(theirs.entries):
        return "different"
    same = all(
        telling(mine, one.url) == telling(other, "")
        for mine, other in zip(ours.entries, theirs.entries, strict=True)
    )
    return "holds with switches" if same else "different"


def telling(entry: Any, base: str) -> tuple[Any, ...]:
    """What an article takes from an entry."""
    contents = [plain_text(part.get("value") or "") for part in entry.get("content") or ()]
    link = usable_link(entry.get("link") or "", base)
    return plain_line(entry.get("title") or ""), plain_text(entry.get("summary") or ""), contents, link


def test_our_entries_carry_what_feedparser_tells(cases: list[Case]) -> None:
    """Whichever reader we took: every entry has feedparser's id, link, title, texts and dates."""
    with_captions = 0
    for one in cases:
        with_captions += prepared(one.body) != one.body
        told = consult(prepared(one.body), one.content_type)
        feed = parse_feed(one.body, one.content_type)
        if not isinstance(feed, RawFeed):
            assert not told.entries
            continue
        assert len(feed.entries) == len(told.entries)
        for mine, entry in zip(feed.entries, told.entries, strict=True):
            assert_carried(one, mine, entry)
    assert with_captions <= CAPTIONS


def assert_carried(one: Case, mine: RawEntry, entry: Any) -> None:
    def told(name: str) -> str:
        return str(entry.get(name) or "").strip()

    assert (mine.guid, mine.title, mine.summary) == (told("id"), told("title"), told("summary"))
    assert mine.link == told("link") or DIFFERENT.get(one.name) == LINK
    assert mine.content in {"", *(part.get("value") for part in entry.get("content") or ())}
    dates = [told(name) for name in ("published", "created", "updated") if name in entry and told(name)]
    assert mine.dates == tuple(dict.fromkeys(dates))
    item = normalize(mine, one.url)
    if isinstance(item, Item):
        assert item.title == plain_line(mine.title)
        assert item.text == (plain_text(mine.content) or plain_text(mine.summary))
        assert item.url == (usable_link(mine.link, one.url) or "")


def test_the_page_expected_is_the_one_we_take(cases: list[Case]) -> None:
    taken = [one for one in cases if DIFFERENT.get(one.name) == LINK]
    assert len(taken) == 4
    for one in taken:
        feed = parse_feed(one.body)
        assert isinstance(feed, RawFeed)
        assert one.holds({"entries": [{"link": entry.link} for entry in feed.entries]})


def test_no_file_of_the_suite_stops_the_parser(shared: Path) -> None:
    """Wellformed, illformed, encodings, entities: each is answered within the limits of its process."""
    files = sorted((shared / "feeds/feedparser_suite").rglob("*.xml"))

    async def read_all() -> list[tuple[float, object]]:
        parser = ProcessParser()
        answers: list[tuple[float, object]] = []
        try:
            for file in files:
                began = time.monotonic()
                answer = await parser.read(file.read_bytes(), "", SERVER)
                answers.append((time.monotonic() - began, getattr(answer, "reason", None)))
        finally:
            await parser.close()
        return answers

    answers = asyncio.run(read_all())
    assert len(answers) == 2106
    assert max(seconds for seconds, _ in answers) < 10
    reasons = Counter(reason for _, reason in answers)
    assert set(reasons) <= {None, "no feed format and no entries", "HTML page", "empty body"}

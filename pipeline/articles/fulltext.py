"""Entries of a feed and texts of their pages in; which are mere teasers, and what gives way to what, out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from pipeline.articles.dates import EARLIEST, read_date
from pipeline.articles.dedupe import Decision, Known, content_hash, url_id
from pipeline.articles.normalize import Item
from pipeline.articles.page import PageText
from pipeline.articles.raw import Refusal
from pipeline.articles.window import Window
from pipeline.contract.article import DateQuality, TextSource

__all__ = ["PageText", "filled", "is_teaser", "objection", "wanting", "with_pages"]

TEASER = 600
"""Characters below which a feed's text is taken for a teaser."""
_SHARE = 0.4
"""Of a title's and teaser's words that must stand on the page. On 34 news pages the least was .65; pages of
other reports have .15 as a rule, and pages that ask for consent or are gone still less."""
_FEWEST = 3
_WORD = re.compile(
    r"[^\W\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{4,}"
)
"""Words of scripts that part them by spaces."""
_NO_WORD = re.compile(r"\W*")
_INVITATIONS = ("read more", "continue reading")


def is_teaser(text: str) -> bool:
    """Tell whether the article's page would say more than the feed does."""
    return len(text) < TEASER or _cut_short(text)


def wanting(items: Iterable[Item], by_id: Callable[[str], Known | None]) -> list[Item]:
    """The entries whose page is worth asking for: teasers that are new, or say something new."""
    found = []
    for item in items:
        if item.key and is_teaser(item.text):
            known = by_id(url_id(item.key))
            if known is None or content_hash(item.title, item.text) not in known.contents:
                found.append(item)
    return found


def objection(item: Item, page: PageText) -> Refusal | None:
    """Why a page should not take the place of an entry's own text, or None.

    What stands at an address may be no article any more: a home page, a question for consent, an excuse.
    """
    if len(page.text) <= len(item.text):
        return Refusal("the page says no more than the feed")
    told = set(_WORD.findall(f"{item.title} {item.text}".casefold()))
    if len(told) >= _FEWEST and len(told.intersection(_WORD.findall(page.text.casefold()))) < _SHARE * len(
        told
    ):
        return Refusal("the page is about something else")
    return None


def filled(decision: Decision, page: PageText | None) -> Decision:
    """The decision with the page's text in place of the teaser.

    An edited teaser whose page cannot be had now keeps the text that its article had. The page's date
    stands in for one that the feed did not give, where it lies before the first sight of the article.
    """
    article, known = decision.article, decision.known
    if article is None:
        return decision
    before = "" if article.supersedes is None else article.supersedes.text
    text = page.text if page is not None else max(before, article.text, key=len)
    if text == article.text:
        return decision
    at, quality = known.published_at, known.quality
    told = read_date(page.published) if page is not None and page.published else None
    if (
        quality is DateQuality.FIRST_SEEN
        and told is not None
        and told.sure
        and EARLIEST <= told.at < known.first_seen_at
    ):
        at, quality = told.at, DateQuality.PAGE
    return replace(
        decision,
        article=article.model_copy(update={
            "text": text, "text_source": TextSource.PAGE, "published_at": at, "published_quality": quality,
        }),
        known=replace(known, text=text, published_at=at, quality=quality),
    )  # fmt: skip


def with_pages(window: Window, pages: Mapping[str, PageText]) -> Window:
    """A window whose teasers give way to the texts of their pages, by canonical URL."""
    decisions = ((guid, filled(one, pages.get(one.known.key))) for guid, one in window.decisions)
    return replace(window, decisions=tuple(decisions))


def _cut_short(text: str) -> bool:
    """Tell whether dots, or the invitation to read on, end a text; read from its end, since a search for
    the end from each dot would take the square of the dots' number.
    """
    found = _NO_WORD.match(text[::-1])
    words = len(text) - (found.end() if found else 0)
    rest = text[words:]
    return "..." in rest or "…" in rest or text[:words].lower().endswith(_INVITATIONS)

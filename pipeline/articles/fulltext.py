"""Bytes of an article's page in; its text and date out, by trafilatura; and which texts are mere teasers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.articles.dates import read_date
from pipeline.articles.dedupe import Decision, Known, content_hash, url_id
from pipeline.articles.normalize import Item
from pipeline.articles.plaintext import cut, plain_line
from pipeline.articles.raw import Refusal
from pipeline.articles.residue import without_residue
from pipeline.articles.window import Window
from pipeline.contract.article import DateQuality, TextSource

TEASER = 600
"""Characters below which a feed's text is taken for a teaser."""
LEAST = 200
"""Characters below which a page's text is not taken for the article."""
TEXT_LIMIT = 100_000
_CUT_SHORT = re.compile(r"(\.\.\.|…|\[…\]|\[\.\.\.\]|read more|continue reading)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page tells; `published` as the page gives it, empty where it gives none."""

    text: str
    published: str = ""


def is_teaser(text: str) -> bool:
    """Tell whether the article's page would say more than the feed does."""
    return len(text) < TEASER or _CUT_SHORT.search(text) is not None


def wanting(items: Iterable[Item], by_id: Callable[[str], Known | None]) -> list[Item]:
    """The entries whose page is worth asking for: teasers that are new, or say something new."""
    found = []
    for item in items:
        if item.key and is_teaser(item.text):
            known = by_id(url_id(item.key))
            if known is None or content_hash(item.title, item.text) not in known.contents:
                found.append(item)
    return found


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
    if quality is DateQuality.FIRST_SEEN and told is not None and told.at < known.first_seen_at:
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


def read_page(html: bytes, outlet: str = "") -> PageText | Refusal:
    """Take the article's text from a page, without the page's furniture; never raises for what it holds."""
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(
            html, favor_precision=True, include_comments=False, include_tables=False, with_metadata=True
        )
    except Exception:  # whatever broken markup makes lxml or trafilatura stumble over
        return Refusal("page cannot be read")
    if found is None or not found.text:
        return Refusal("no article on the page")
    lines = [plain_line(line) for line in found.text.splitlines()]
    if lines and lines[0].casefold() == plain_line(found.title or "").casefold():
        del lines[0]
    text = cut(without_residue("\n".join(line for line in lines if line), outlet), TEXT_LIMIT)
    if len(text) < LEAST:
        return Refusal("too little text on the page")
    return PageText(text, found.date or "")

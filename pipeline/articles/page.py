"""Bytes of an article's page in; its text, by trafilatura, and when it was published, out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.articles.dates import read_date
from pipeline.articles.plaintext import cut, plain_line
from pipeline.articles.raw import Refusal
from pipeline.articles.residue import date_line, without_residue

_Tree = Any
"""An element of lxml, which ships no types."""
LEAST = 200
"""Characters below which a page's text is not taken for the article."""
TEXT_LIMIT = 100_000
_HTML = re.compile(r"\s*(text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DATE_NAMES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "dcterms.issued",
    "dc.date.issued",
    "dc.date",
    "citation_publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "pubdate",
    "date",
)
"""Names of `<meta>` that carry the date of publication, the surest first."""
_LINKED_DATA_LIMIT = 2_000_000
_DEEPEST = 6
_BELOW_TITLE = 15
"""Pieces of text below the first heading among which one with nothing but a date is the article's own."""


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page tells; `published` as the page gives it, empty where it gives none."""

    text: str
    published: str = ""


def read_page(html: bytes, outlet: str = "", content_type: str = "") -> PageText | Refusal:
    """Take the article's text from a page, without the page's furniture; never raises for what it holds.

    `content_type` as the server told it: what says that it is no HTML is refused, and its charset is tried
    before guessing. Precision is favoured since that gave the best texts (F1 .947 on 34 news pages, against
    .942 without and .938 with recall favoured).
    """
    from trafilatura import bare_extraction, load_html

    if content_type and not _HTML.match(content_type):
        return Refusal("the page is no HTML")
    try:
        tree = load_html(_decoded(html, content_type))
        if tree is None:
            return Refusal("page cannot be read")
        told, titles = _published(tree), _titles(tree)
        found = bare_extraction(tree, favor_precision=True, include_comments=False, include_tables=False)
    except Exception:  # whatever broken markup makes lxml or trafilatura stumble over
        return Refusal("page cannot be read")
    if found is None or not found.text:
        return Refusal("no article on the page")
    lines = [line for line in map(plain_line, found.text.splitlines()) if line]
    if lines and lines[0].casefold() in titles:
        del lines[0]
    text = cut(without_residue("\n".join(lines), outlet), TEXT_LIMIT)
    if len(text) < LEAST:
        return Refusal("too little text on the page")
    return PageText(text, told)


def _decoded(html: bytes, content_type: str) -> bytes | str:
    """Text by the header's charset (RFC 9110, section 8.3), if that fits; else the bytes, to guess from."""
    charset = _CHARSET.search(content_type)
    if charset is None:
        return html
    try:
        return html.decode(charset[1])
    except (LookupError, UnicodeError):
        return html


def _published(tree: _Tree) -> str:
    """The first date of publication that can be read, of the metadata or below the title; none is guessed."""
    read = ((told, read_date(told)) for told in _dates(tree))
    return next((told for told, moment in read if moment is not None and moment.sure), "")


def _dates(tree: _Tree) -> Iterator[str]:
    for script in tree.xpath('//script[@type="application/ld+json"]'):
        yield from _linked_dates(script.text_content())
    metas: dict[str, str] = {}
    for meta in tree.xpath("//meta[@content]"):
        for key in ("property", "name", "itemprop"):
            metas.setdefault(meta.get(key, "").strip().lower(), meta.get("content", "").strip())
    yield from (metas[name] for name in _DATE_NAMES if metas.get(name))
    for time in tree.xpath(
        '//*[@itemprop="datePublished"][@datetime] | //article//time[@datetime][@pubdate]'
    ):
        yield time.get("datetime", "").strip()
    texts = tree.xpath("(//h1)[1]/following::text()[not(parent::script or parent::style)]")
    below = [" ".join(text.split()) for text in texts if not text.isspace()][:_BELOW_TITLE]
    yield from filter(None, map(date_line, below))


def _linked_dates(text: str) -> Iterator[str]:
    """`datePublished` of the articles that JSON-LD describes (schema.org)."""
    if len(text) > _LINKED_DATA_LIMIT:
        return
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    waiting = [(found, 0)]
    while waiting:
        node, depth = waiting.pop(0)
        if isinstance(node, list) and depth < _DEEPEST:
            waiting += [(one, depth + 1) for one in node]
        elif isinstance(node, dict):
            if isinstance(told := node.get("datePublished"), str) and _is_article(node.get("@type")):
                yield told.strip()
            if depth < _DEEPEST:
                waiting += [(node[key], depth + 1) for key in ("@graph", "mainEntity") if key in node]


def _is_article(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(one, str) and one.endswith(("Article", "Posting", "Report")) for one in kinds)


def _titles(tree: _Tree) -> set[str]:
    """What the page gives as its title, in lower case."""
    texts = [heading.text_content() for heading in tree.xpath("//h1 | //title")]
    texts += tree.xpath('//meta[@property="og:title"]/@content')
    return {plain_line(text).casefold() for text in texts}

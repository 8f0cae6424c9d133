"""Bytes of a feed in; what feedparser makes of it if its shape is an ordinary one, or None, out.

Ordinary are RSS 2.x, Atom 1.0 and RSS 1.0 that expat, feedparser's own judge, finds well-formed, where every
element that feedparser has a rule for stands where the rule is known here, once and without markup inside,
and every text is one that feedparser leaves as it is. The bytes have to be UTF-8 without a document type.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from pipeline.articles.hints import FeedHints
from pipeline.articles.raw import RawEntry, RawFeed
from pipeline.articles.skipping import skipped_days, skipped_hours, ttl_seconds

_ATOM, _RSS1 = "{http://www.w3.org/2005/Atom}", "{http://purl.org/rss/1.0/}"
_DC, _DCTERMS = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}"
_RDF, _MEDIA = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}", "{http://search.yahoo.com/mrss/}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT, _BASE, _LANGUAGE = f"{_RDF}about", f"{_XML}base", f"{_XML}lang"
_DATES = ("published", "created", "updated")


@dataclass(frozen=True, slots=True)
class _Format:
    """Where the parts of a format stand."""

    version: str
    item: str
    fields: Mapping[str, str]
    head: frozenset[str]
    """What may describe the feed itself, though feedparser has rules for it."""


_RSS = _Format(
    "rss20", "item",
    {
        "title": "title", "link": "link", "guid": "guid", "description": "summary",
        "{http://purl.org/rss/1.0/modules/content/}encoded": "content",
        "pubDate": "published", f"{_DCTERMS}issued": "published", f"{_DCTERMS}created": "created",
        f"{_DC}date": "updated", f"{_DCTERMS}modified": "updated", f"{_ATOM}updated": "updated",
    },
    frozenset({
        "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate",
        "lastBuildDate", f"{_DC}date", f"{_DC}language", f"{_DC}rights",
    }),
)  # fmt: skip
_ATOM1 = _Format(
    "atom10", f"{_ATOM}entry",
    {
        f"{_ATOM}title": "title", f"{_ATOM}link": "link", f"{_ATOM}id": "guid", f"{_ATOM}summary": "summary",
        f"{_ATOM}content": "content", f"{_ATOM}published": "published", f"{_ATOM}updated": "updated",
    },
    frozenset(f"{_ATOM}{name}" for name in ("id", "title", "subtitle", "updated", "rights")),
)  # fmt: skip
_RSS10 = _Format(
    "rss10", f"{_RSS1}item",
    {
        f"{_RSS1}title": "title", f"{_RSS1}link": "link", f"{_RSS1}description": "summary",
        f"{_DC}date": "updated",
    },
    frozenset({f"{_RSS1}title", f"{_RSS1}link", f"{_RSS1}description", f"{_DC}date"}),
)  # fmt: skip
_IMAGE = frozenset({"url", "title", "link", "width", "height", "description"})

TELLING = frozenset(
    """
    abstract base body box browserfriendly chapter chapters channel content content_encoded created date
    description encoded entry exterior expirationdate feed feedburner_browserfriendly fullitem geom
    georssgeom guid height id image info issued item lastbuilddate line linearring linestring link modified
    newlocation point polygon pos poslist pubdate published rdf rss source subtitle summary svg tagline tags
    textinput title updated url valid where width xhtml_body
    """.split()
)
"""Local names, in lower case, for which feedparser has a rule that may touch what we read."""

_OTHER_VERSION = re.compile(rb"//(?:purl\.org/rss/1\.0/[\"']|my\.netscape\.com/rdf/simple)")
_BASES = re.compile(rb"base\s*=")
_LINK = re.compile(r"https?://[^/\s&][^\s&]*(?:&(?!\w+;)[^\s&]*)*")
_SLASHES = re.compile(r"[A-Za-z][A-Za-z0-9+-.]*:///")
_RFC822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d "
    r"(?:[+-][01]\d[0-5]\d|GMT|UTC|UT|BST|CES?T|EES?T|MSK|IST|JST|KST|[ECMP][SD]T)"
)
_LINK_ATTRIBUTES = frozenset({"href", "rel", "type", "title", "hreflang", "length"})
_TEXT_TYPES = frozenset({"", "text", "html", "text/plain", "text/html"})


class _OtherwiseError(Exception):
    """The document is not of an ordinary shape."""


def read_shape(body: bytes) -> RawFeed | None:
    """Read a feed of an ordinary shape; raises MemoryError only."""
    # Comments and instructions stay in the tree, to be seen where they part a text.
    parser = XMLParser(target=TreeBuilder(insert_comments=True, insert_pis=True))
    try:
        parser.feed(body)
        root: Element = parser.close()
        lower = body.lower()
        form, channel, items = _layout(root, lower)
        base = _base(root, lower)
        hints = _hints(channel, form, base, body)
        return RawFeed(form.version, tuple(_entry(item, form, base) for item in items), hints)
    except (ParseError, _OtherwiseError, ValueError):
        return None


def _layout(root: Element, lower: bytes) -> tuple[_Format, Element, list[Element]]:
    """Find format, channel and items."""
    parts = [part for part in root if isinstance(part.tag, str)]
    if root.tag == f"{_RDF}RDF":
        channels = [part for part in parts if part.tag == f"{_RSS1}channel"]
        items = [part for part in parts if part.tag == _RSS10.item]
        _need(len(channels) == 1 and len(parts) == len(items) + 1 and b"www.w3.org/2005/atom" not in lower)
        _attributes(channels[0], {_ABOUT})
        return _RSS10, channels[0], items
    _need(not _OTHER_VERSION.search(lower))
    if root.tag == f"{_ATOM}feed":
        return _ATOM1, root, [part for part in parts if part.tag == _ATOM1.item]
    _need(root.tag == "rss" and root.get("version", "").startswith("2."))
    _need(len(parts) == 1 and parts[0].tag == "channel" and not parts[0].attrib)
    return _RSS, parts[0], parts[0].findall("item")


def _base(root: Element, lower: bytes) -> str:
    """Return the base of links, which only the root may give, or an empty string."""
    _attributes(root, {"version", _BASE, _LANGUAGE})
    base = root.get(_BASE, "")
    _need(len(_BASES.findall(lower)) == (_BASE in root.attrib))
    _need(not base or _LINK.fullmatch(base) is not None)
    return base


def _hints(channel: Element, form: _Format, base: str, body: bytes) -> FeedHints:
    """Judge what describes the feed, and read what it hints at."""
    links: dict[str, str] = {}
    ttl: list[str] = []
    for part in channel:
        if part.tag == form.item or not isinstance(part.tag, str):
            continue
        if part.tag == f"{_ATOM}link":
            rel, href = _link(part)
            if rel in ("hub", "self"):
                _need_link(href, base)
            links.setdefault(rel, href)
        elif part.tag == "image" and form is _RSS:
            _need(all(child.tag in _IMAGE and not len(child) for child in part))
        elif part.tag in form.head:
            _need(not len(part))
        else:
            _pass_by(part)
            if part.tag.lower() == "ttl":
                _need(part.tag == "ttl" and not part.attrib and not len(part))
                ttl.append(part.text or "")
    _need(len(ttl) < 2)
    return FeedHints(
        ttl_seconds(ttl[0]) if ttl else None,
        skipped_hours(body),
        skipped_days(body),
        links.get("hub"),
        links.get("self"),
    )


def _entry(item: Element, form: _Format, base: str) -> RawEntry:
    """Tell what feedparser makes of an item."""
    found: dict[str, str] = {}
    about = _attributes(item, {_LANGUAGE, _ABOUT} if form is _RSS10 else {_LANGUAGE}).get(_ABOUT)
    if about is not None:
        found["guid"] = about.strip()
    for part in item:
        field = form.fields.get(part.tag) if isinstance(part.tag, str) else None
        if field is None:
            _pass_by(part)
            continue
        if field == "link" and form is _ATOM1:
            rel, text = _link(part)
            if rel != "alternate":
                continue
            _need(part.get("type", "text/html") == "text/html")
        else:
            text = _text(part, field, form)
        _need(field not in found)
        found[field] = text
    guid, link, content = found.get("guid", ""), found.get("link", ""), found.get("content", "")
    _need_link(link, base)
    _need(not _SLASHES.match(guid) and (not base or urljoin(base, guid) == guid))
    dates = tuple(dict.fromkeys(found[name] for name in _DATES if found.get(name)))
    # Of an undated item, fastfeedparser would guess the date from the identifier, at length.
    _need(all(map(_is_date, dates)) and (bool(dates) or guid.startswith(("http://", "https://"))))
    return RawEntry(guid, link, found.get("title", ""), content, found.get("summary", content), dates)


def _link(part: Element) -> tuple[str, str]:
    """Return relation and address of an Atom link."""
    attributes = _attributes(part, _LINK_ATTRIBUTES)
    _need("href" in attributes and not len(part))
    return attributes.get("rel", "alternate").lower(), attributes["href"].strip()


def _text(part: Element, field: str, form: _Format) -> str:
    """Return the text of a field, without markup of its own, that feedparser gives as it is."""
    may_have = {"isPermaLink"} if field == "guid" else {"type", _LANGUAGE} if form is _ATOM1 else set()
    _need(_attributes(part, may_have).get("type", "").lower() in _TEXT_TYPES and not len(part))
    text = (part.text or "").strip()
    _need(text.isascii() or not _is_misread(text))
    return text


def _is_misread(text: str) -> bool:
    """Tell whether feedparser would mend it, as UTF-8 that was once read as Latin-1."""
    try:
        text.encode("iso-8859-1").decode()
    except UnicodeError:
        return False
    return True


def _need_link(link: str, base: str) -> None:
    """Go on only with an absolute link that feedparser leaves as it is."""
    _need(_LINK.fullmatch(link) is not None and (not base or urljoin(base, link) == link))


def _is_date(text: str) -> bool:
    """Tell whether it is of a form that fastfeedparser reads at once; others send it guessing."""
    if _RFC822.fullmatch(text):
        return True
    try:
        return text.isascii() and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _pass_by(part: Element) -> None:
    """Let an element pass that neither reader takes for more than a detail of its own."""
    for node in part.iter() if len(part) else (part,):
        if isinstance(node.tag, str) and not _is_idle(node.tag):
            _need(node.tag == "source" and not len(node))


@lru_cache(maxsize=1024)
def _is_idle(tag: str) -> bool:
    return tag == f"{_MEDIA}content" or tag.rpartition("}")[2].lower() not in TELLING


def _attributes(part: Element, may_have: Collection[str]) -> dict[str, str]:
    _need(part.attrib.keys() <= frozenset(may_have) if part.attrib else True)
    return part.attrib


def _need(holds: bool) -> None:
    if not holds:
        raise _OtherwiseError

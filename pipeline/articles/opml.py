"""Feeds in, a list of subscriptions (OPML 2.0, opml.org/spec2.opml) out; and the way back.

What OPML has no attribute for stands in a namespace of ours, as that specification asks, so that an export
comes back as it was; other readers see title, address and language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from pipeline.articles.feed import Feed
from pipeline.articles.feedlist import COUNTRIES
from pipeline.articles.link import usable_link
from pipeline.articles.plaintext import cut
from pipeline.articles.raw import Refusal

NAMESPACE = "urn:blocwatch:feeds"
LIMIT = 10_000_000
"""Bytes of a document."""
_OWN = frozenset(field.name for field in fields(Feed)) - {"url", "outlet", "language"}
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.I)
_LONGEST_ID, _LONGEST_OUTLET = 60, 100

Entry = dict[str, str | int]
"""A feed as an entry of feeds.yaml."""


def export_opml(feeds: Sequence[Feed], title: str = "blocwatch") -> str:
    """Write one flat outline a feed, in the order given."""
    outlines = "\n".join(f"    <outline {' '.join(_attributes(feed))}/>" for feed in feeds)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0" xmlns:bw="{NAMESPACE}">\n'
        f"  <head><title>{title}</title></head>\n"
        f"  <body>\n{outlines}\n  </body>\n</opml>\n"
    )


def _attributes(feed: Feed) -> Iterator[str]:
    standard = {"type": "rss", "text": feed.outlet, "xmlUrl": feed.url, "language": feed.language}
    own = {
        f"bw:{field.name}": getattr(feed, field.name)
        for field in fields(Feed)
        if field.name in _OWN and getattr(feed, field.name) not in (None, field.default)
    }
    for name, value in (standard | own).items():
        yield f"{name}={quoteattr(_printable(str(value)))}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One outline that leads to a feed: its attributes by local name, `feed_id` for what we call it."""

    url: str
    attributes: Mapping[str, str]


def read_opml(document: bytes) -> tuple[Subscription, ...] | Refusal:
    """Read the outlines that have an address, at any depth; a document type is refused (no entities)."""
    if len(document) > LIMIT:
        return Refusal("OPML too large")
    found: list[Subscription] = []
    is_opml = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_opml
        is_opml = is_opml or name == "opml"
        told = {key.rpartition(" ")[2]: _printable(value) for key, value in attributes.items()}
        if url := next((value for key, value in told.items() if key.lower() == "xmlurl" and value), ""):
            found.append(Subscription(url, told))

    def refuse(*_: object) -> None:
        raise _DoctypeError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        return Refusal(f"not well-formed: {error}")
    except _DoctypeError:
        return Refusal("document type in OPML")
    return tuple(found) if is_opml else Refusal("not OPML")


def new_entries(
    subscriptions: Sequence[Subscription], known: Collection[Feed]
) -> tuple[list[Entry], list[str]]:
    """Turn subscriptions into entries of feeds.yaml; and tell which were left out, and why.

    Names that are missing, taken or not allowed are made from the title, or from the host.
    """
    entries: list[Entry] = []
    left_out: list[str] = []
    ids, urls = {feed.feed_id for feed in known}, {feed.url for feed in known}
    for one in subscriptions:
        url = usable_link(one.url)
        if url is None or url in urls:
            left_out.append(f"{one.url[:200]}: {'no http(s) address' if url is None else 'known already'}")
            continue
        urls.add(url)
        entry = _entry(url, one.attributes, ids)
        ids.add(str(entry["feed_id"]))
        entries.append(entry)
    return entries, left_out


def _entry(url: str, told: Mapping[str, str], taken: Collection[str]) -> Entry:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    outlet = cut(told.get("text") or told.get("title") or host, _LONGEST_OUTLET)
    wanted = _name(told.get("feed_id", "")) or _name(outlet) or _name(host) or "feed"
    entry: Entry = {"feed_id": _free(wanted, taken), "url": url, "outlet": outlet}
    if (country := told.get("country", "").upper()) in COUNTRIES:
        entry["country"] = country
    if language := _LANGUAGE.fullmatch(told.get("language", "")):
        entry["language"] = language.group(1).lower()
    for name in sorted(_OWN - {"feed_id", "country"}):
        if value := told.get(name):
            entry[name] = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else value
    return entry


def _name(text: str) -> str:
    """Make a feed_id of any text; empty where no letter or digit is left.

    >>> _name("Süddeutsche Zeitung: Politik!")
    'suddeutsche-zeitung-politik'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_ID].strip("-")


def _free(wanted: str, taken: Collection[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[: _LONGEST_ID - 6].strip('-')}-{number}"
    return name


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()


class _DoctypeError(Exception):
    """The document declares a type, and might define entities."""

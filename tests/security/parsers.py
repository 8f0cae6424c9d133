"""Every parser of what others write: what it is fuzzed from, and which errors it may raise.

Imports stand within, so that `fuzz` can load each parser under the eyes of its guide.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError, ConfigError
from pipeline.contract.examples import examples_of
from pipeline.contract.topics import TOPICS
from tests.security import seeds

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

ROOT = Path(__file__).parents[2]
MOST_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under test."""

    run: Callable[[bytes], object]
    samples: Callable[[], list[bytes]]
    refuses: tuple[type[Exception], ...] = ()
    """Declared errors; whoever returns a refusal instead of raising has none."""


def feed(data: bytes) -> object:
    """RSS, RDF, Atom, JSON Feed: from bytes to items, with either of two content types."""
    from pipeline.articles.normalize import read_feed

    return read_feed(data, "text/xml; charset=utf-8" if len(data) % 2 else "", "https://example.org/")


def opml(data: bytes) -> object:
    """A list of subscriptions, and the entries that it becomes."""
    from pipeline.articles.opml import new_entries, read_opml
    from pipeline.articles.raw import Refusal

    found = read_opml(data)
    return found if isinstance(found, Refusal) else new_entries(found, ())


def page(data: bytes) -> object:
    """An article's page, and the plain text of markup."""
    from pipeline.articles.page import read_page
    from pipeline.articles.plaintext import plain_line, plain_text

    text = data.decode("utf-8", "replace")
    return read_page(data, "Meridian Wire", "text/html"), plain_text(text), plain_line(text)


def dates(data: bytes) -> object:
    """The dates of feeds, in any language."""
    from pipeline.articles.datetext import interpret

    text = data.decode("utf-8", "replace")
    return interpret(text), interpret(text, "USA"), interpret(text[:60], "DEU")


def headers(data: bytes) -> object:
    """What servers say beside a body: links, robots.txt, addresses."""
    from pipeline.articles.link import canonical_url, usable_link
    from pipeline.articles.linkheader import related
    from pipeline.transport.robots import own_group

    text = data.decode("latin-1")
    link = usable_link(data.decode("utf-8", "replace"), "https://example.org/a/")
    return related(text), own_group(text, "blocwatch"), link and canonical_url(link)


def codec(data: bytes) -> None:
    """Every record of the contract; what is read is written, and read back the same."""
    for topic in TOPICS:
        try:
            record = decode(topic.model, data)
        except BadRecordError:
            continue
        assert decode(topic.model, encode(record)) == record
        topic.key(record)


def ledger(data: bytes) -> None:
    """The aggregator's own entries."""
    from pipeline.metrics.entry import Entry

    entry = Entry.load(data)
    assert Entry.load(entry.dump()) == entry


def config(data: bytes) -> None:
    """What an operator writes: feeds, owners, coalitions, settings, topics and actors."""
    from pipeline.articles.feedlist import load_feeds
    from pipeline.articles.owners import load_owners
    from pipeline.ontology.coalition import load_coalitions
    from pipeline.ontology.yamlfile import check_model
    from pipeline.settings import PipelineFile, TopicsFile

    text = data.decode("utf-8", "replace")
    for load in (load_feeds, load_owners):
        try:
            load("a.yaml", text)
        except ConfigError:
            continue
    with suppress(ConfigError):
        load_coalitions([("a.yaml", text)])
    for model in (PipelineFile, TopicsFile):
        faults: list[str] = []
        assert (check_model(model, "a.yaml", text, faults) is None) == bool(faults)


def extract(data: bytes) -> object:
    """The extractor, over a title and a text."""
    from tests.security.samples import article

    title, _, text = data.decode("utf-8", "replace").partition("\n")
    return loaded_coder().extract(article(title or "x", text))


@cache
def loaded_coder() -> Coder:
    """The extractor with its model; loaded once."""
    from pipeline.workers.coder import load_coder

    return load_coder()


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    return lambda: [
        path.read_bytes()[:MOST_BYTES] for pattern in patterns for path in sorted(ROOT.glob(pattern))
    ]


def _texts(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


def _feeds() -> list[bytes]:
    return [*_files("pipeline/samples/*.xml")(), seeds.JSON_FEED.encode(), seeds.ATOM.encode()]


def _records() -> list[bytes]:
    return [example.message(topic)[1] for topic in TOPICS for example in examples_of(topic.model)]


def _entries() -> list[bytes]:
    from pipeline.metrics.entry import entry_of
    from tests.strategies import make_event

    return [entry_of(make_event()).dump(), entry_of(make_event("IRN", "CHN", revision=3)).dump()]


def _news() -> list[bytes]:
    from tests.security.samples import TEXT, TITLE

    return [f"{TITLE}\n{TEXT}".encode(), *(f"{line}.\n{line}.".encode() for line in TEXT.split(". "))]


TARGETS = {
    "feed": Target(
        feed, lambda: [*_files("pipeline/samples/*.xml")(), seeds.JSON_FEED.encode(), seeds.ATOM.encode()]
    ),
    "opml": Target(opml, _texts(seeds.OPML)),
    "page": Target(page, _texts(seeds.HTML, "<p>a &amp; b</p><script>x</script>")),
    "dates": Target(dates, _texts(*seeds.DATES)),
    "headers": Target(headers, _texts(*seeds.HEADERS)),
    "codec": Target(codec, _records),
    "ledger": Target(ledger, _entries, (BadRecordError,)),
    "config": Target(config, _files("config/*.yaml", "pipeline/ontology/coalitions/*.yaml")),
    "extract": Target(extract, _news),
}

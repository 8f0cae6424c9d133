"""A seed in; made-up news as feed entries and articles, and poison to mix in, out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from xml.sax.saxutils import escape

from pipeline.contract.article import Article, DateQuality, Superseded
from pipeline.contract.codec import encode
from pipeline.contract.topics import ARTICLES, EVENTS

START = datetime(2024, 3, 4, 6, tzinfo=UTC)
_SPAN_H = 480
"""Days between the oldest and the newest article, in hours: what comes later than these is late news."""
_STATES = (
    "Russia", "China", "Iran", "North Korea", "Japan", "France", "Germany", "Turkey", "India", "Brazil",
    "Canada", "Poland", "Ukraine", "Israel", "Egypt",
)  # fmt: skip
_ACTS = (
    "{a} imposed sanctions on {b} on {day}.",
    "{a} condemned {b} over the strikes.",
    "{a} supplied {b} with artillery shells.",
    "{a} and {b} signed an agreement on trade on {day}.",
    "The foreign ministers of {a} and {b} met on {day}.",
    "{a} threatened {b} with war.",
    "{a} expelled an envoy of {b}.",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")
_QUIET = "The orchestra played until midnight and the hall was full."


def article(number: int, seed: int = 0) -> Article:
    """A made-up article; every seventh tells of nothing, and the hundredth is as old as the first."""
    chance = Random(f"{seed} {number}")
    one, other = chance.sample(_STATES, 2)
    act = chance.choice(_ACTS).format(a=one, b=other, day=chance.choice(_DAYS))
    text = _QUIET if number % 7 == 6 else act
    hours = number * 5 % _SPAN_H - (240 if number % 11 == 10 else 0)
    published = START + timedelta(hours=hours)
    return Article(
        article_id=f"{number:032x}",
        version=1,
        feed_id="test",
        outlet=f"Gazette {number % 5}",
        outlet_country="GBR",
        language="en",
        guid=f"entry-{number}",
        url=f"https://example.org/{number}",
        title=f"Dispatch {number}: {text[:40]}",
        text=text,
        published_at=published,
        published_quality=DateQuality.FEED,
        first_seen_at=published,
        fetched_at=published,
    )


def edited(before: Article) -> Article:
    """The next version, which takes back what the one before told."""
    old = Superseded(
        version=before.version, title=before.title, text=before.text, published_at=before.published_at
    )
    return before.model_copy(
        update={"version": before.version + 1, "title": "A correction", "text": _QUIET, "supersedes": old}
    )


def feed(numbers: range, edits: frozenset[int], seed: int) -> bytes:
    """An RSS document of articles, newest last; those in `edits` have their second text."""
    items = []
    for number in numbers:
        one = article(number, seed)
        shown = edited(one) if number in edits else one
        items.append(
            f"<item><title>{escape(shown.title)}</title><link>{one.url}</link>"
            f'<guid isPermaLink="false">{one.guid}</guid>'
            f"<pubDate>{one.published_at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
            f"<description>{escape(shown.text)}</description></item>"
        )
    head = "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>Gazette</title>"
    return f"{head}{''.join(items)}</channel></rss>".encode()


def poison(seed: int) -> list[tuple[str, bytes]]:
    """Records that a hostile or broken sender might put on our topics: topic and value."""
    sound = json.loads(encode(article(3, seed)))

    def changed(**fields: object) -> bytes:
        return json.dumps({**sound, **fields}).encode()

    chance = Random(f"poison {seed}")
    bad = [
        chance.randbytes(60), b"", b"{", b"null", b"[" * 100_000, b'{"a":' * 50_000, b'{"article_id": NaN}',
        changed(version=0), changed(version=1e400), changed(published_at="yesterday"),
        changed(title="\ud800 lone"), changed(published_at="9999-12-31T23:59:59-23:59"),
        encode(article(1, seed)).replace(b'"version":1', b'"version":NaN'),
    ]  # fmt: skip
    odd = [
        changed(article_id=f"{seed:08x}" + "a" * 24, new_in_v9={"deep": [1, {"x": None}]}),
        changed(article_id=f"{seed:08x}" + "b" * 24, guid="huge", version=2**63),
        changed(article_id=f"{seed:08x}" + "c" * 24, guid="long", text="Nothing. " * 4000),
    ]
    found = [(topic, value) for value in bad if value for topic in (ARTICLES.name, EVENTS.name)]
    return [*found, *((ARTICLES.name, value) for value in odd)]

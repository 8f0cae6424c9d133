"""Nothing in, a stream of articles like the world's news out, from the measuring data: seeded, none twice.

Lengths are lognormal (median 2,300 characters, from 200 to 12,000), seven in ten are no diplomacy, and four
in ten repeat, word for word and under another outlet's name, one of the last five hundred. A last line with
its own number makes every other text differ from all before it, so that only copies are copies.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.articles.normalize import read_feed
from pipeline.articles.parse import Refusal
from pipeline.contract.article import Article, DateQuality

DATA = Path(__file__).parent.parent.parent / "shared/data"
COPIED, QUIET = 0.4, 0.7
_MEDIAN, _SPREAD, _SHORTEST, _LONGEST = 2_300, 0.8, 200, 12_000
_RECENT = 500
_BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
_SOURCES = ("white_house_diplomatic_2022_2024", "kremlin_ukraine_president_2021_2022")

Text = tuple[str, str]
"""Title and body."""


def available(data: Path = DATA) -> str | None:
    """The reason why there is no mix, or None where there is one."""
    return None if (data / "articles").is_dir() else f"no measuring data at {data}"


def articles(number: int, seed: int = 1, data: Path = DATA) -> Iterator[Article]:
    """Yield so many articles, a second apart; the same for the same seed."""
    chance = random.Random(seed)
    quiet, loud = quiet_texts(data), diplomatic_texts(data)
    recent: list[Text] = []
    for index in range(number):
        if recent and chance.random() < COPIED:
            text = chance.choice(recent[-_RECENT:])
        else:
            text = _fresh(quiet if chance.random() < QUIET else loud, index, chance)
            recent.append(text)
        yield _article(text, index)


def quiet_texts(data: Path = DATA) -> list[Text]:
    """Whole pages and teasers of news sites, of all that happens in the world."""
    pages = (json.loads(path.read_text(encoding="utf-8")) for path in sorted((data / "pages").glob("*.json")))
    found = [
        (str(page.get("title") or ""), _text(page["body"])) for whole in pages for page in _bodies(whole)
    ]
    for path in sorted((data / "feeds/world_news").iterdir()):
        reading = read_feed(path.read_bytes())
        if not isinstance(reading, Refusal):
            found += [(item.title, item.text) for item in reading.items]
    return found


def diplomatic_texts(data: Path = DATA) -> list[Text]:
    """Statements, readouts, and the texts that extraction was taught on."""
    found = []
    for name in _SOURCES:
        with gzip.open(data / f"articles/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        found += [(row["title"], row.get("text") or row.get("text_md") or "") for row in rows]
    with (data / "events/news_train.jsonl").open(encoding="utf-8") as lines:
        found += [(row.get("title") or "", row.get("text") or "") for row in map(json.loads, lines)]
    return found


def _fresh(texts: Sequence[Text], index: int, chance: random.Random) -> Text:
    """A text of a drawn length, grown by others of its kind where it is short."""
    title, body = chance.choice(texts)
    wanted = int(min(max(chance.lognormvariate(math.log(_MEDIAN), _SPREAD), _SHORTEST), _LONGEST))
    while len(body) < wanted:
        body = f"{body}\n{chance.choice(texts)[1] or title}"
    return title, f"{body[:wanted].rpartition('. ')[0] or body[:wanted]}.\nItem {index}."


def _article(text: Text, index: int) -> Article:
    name = hashlib.blake2b(str(index).encode(), digest_size=16).hexdigest()
    at = _BEGAN + timedelta(seconds=index)
    return Article(
        article_id=name, version=1, feed_id=f"feed-{index % 40}", outlet=f"Gazette {index % 40}",
        outlet_country=None, language="en", guid=name, url=f"https://gazette-{index % 40}.example/{index}",
        title=text[0], text=text[1], published_at=at, published_quality=DateQuality.FEED,
        first_seen_at=at, fetched_at=at, supersedes=None,
    )  # fmt: skip


def _bodies(whole: Any) -> list[Any]:
    parts = whole.values() if isinstance(whole, dict) else whole
    return [part for part in parts if isinstance(part, dict) and part.get("body")]


def _text(node: Any) -> str:
    if isinstance(node, str):
        return node
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return "\n".join(filter(None, map(_text, parts)))

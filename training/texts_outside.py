"""Texts of the measuring data that labels of ours refer to; they stand outside the repository.

A label file names a text by `ref` ("wh:<id>", "presidency:<url>", "headline:<url>",
"state:<guid>", "teaser:<feed>:<link>"); this module finds it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import feedparser

from pipeline.articles.plaintext import plain_text
from pipeline.events.sentences import split

LONGEST = 1500
"""Characters kept of a text, up to the end of a sentence."""


def outside(data: Path, polls: Path) -> Iterator[dict[str, str]]:
    """Every text, as {ref, source, url, title, published, text}; `polls` is the unpacked folder of polls."""
    yield from _white_house(data / "articles/white_house_diplomatic_2022_2024.jsonl.gz")
    yield from _presidencies(data / "articles/kremlin_ukraine_president_2021_2022.jsonl.gz")
    yield from _headlines(data / "articles/agency_headlines_2021_2026.jsonl.gz")
    yield from _state_department(polls)
    yield from _teasers(data / "feeds/world_news")


def _white_house(path: Path) -> Iterator[dict[str, str]]:
    for row in _rows(path):
        yield _text(
            f"wh:{row['id']}", "wh", row["url"], row["title"], row["published"], _unwrapped(row["text_md"])
        )


def _presidencies(path: Path) -> Iterator[dict[str, str]]:
    for row in _rows(path):
        source = "putin" if "kremlin" in row["url"] else "zelenskyy"
        yield _text(
            f"presidency:{row['url']}", source, row["url"], row["title"], row["published"], row["text"]
        )


def _headlines(path: Path) -> Iterator[dict[str, str]]:
    for row in _rows(path):
        yield _text(f"headline:{row['url']}", row["source"], row["url"], row["title"], row["published"], "")


def _state_department(folder: Path) -> Iterator[dict[str, str]]:
    seen = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parsed = feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
        for entry in parsed.entries:
            if entry.get("id") and entry.id not in seen:
                seen.add(entry.id)
                text = plain_text(entry.content[0].value if "content" in entry else entry.get("summary", ""))
                yield _text(f"state:{entry.id}", "state_gov", entry.link, entry.title, entry.published, text)


def _teasers(folder: Path) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob("*.xml")):
        name = path.stem.partition("_")[2]
        for entry in feedparser.parse(path.read_bytes()).entries:
            if "link" in entry and "published" in entry:
                yield _text(
                    f"teaser:{name}:{entry.link}",
                    f"feed:{name}",
                    entry.link,
                    entry.title,
                    entry.published,
                    plain_text(entry.get("summary", "")),
                )


def _text(ref: str, source: str, url: str, title: str, published: str, text: str) -> dict[str, str]:
    return {
        "ref": ref,
        "source": source,
        "url": url,
        "title": " ".join(title.split()),
        "published": published,
        "text": _shortened(text.strip()),
    }


def _shortened(text: str) -> str:
    kept = 0
    for sentence in split("-\n" + text):
        if sentence.end - 2 <= LONGEST:
            kept = max(kept, sentence.end - 2)
    return text[:kept]


def _unwrapped(markdown: str) -> str:
    paragraphs = re.split(r"\n\s*\n", markdown.replace("\xa0", " "))
    lines = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return "\n".join(re.sub(r"[*_\\#]+|\[([^]]*)\]\([^)]*\)", r"\1", line).strip() for line in lines if line)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)

"""Article bytes in, event bytes out: what every extractor does with a batch, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.contract.article import Article
from pipeline.contract.codec import Headers, dead_letter_headers, decode, encode, headers
from pipeline.contract.errors import BadRecordError
from pipeline.contract.topics import ARTICLES, EVENTS, Topic
from pipeline.events.extract import Coder, Extraction
from pipeline.transport.base import Message, Publisher


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record on its way to a topic; `reason` is set for dead letters."""

    topic: str
    key: str
    value: bytes
    headers: Headers
    reason: str | None = None


def extract_batch(coder: Coder, messages: Sequence[Message], emitted_at: datetime) -> list[Outgoing]:
    """Code every article of a batch; what cannot be read or coded becomes a dead letter, in order."""
    articles: dict[int, Article] = {}
    outgoing: list[Outgoing] = []
    for index, message in enumerate(messages):
        try:
            articles[index] = decode(Article, message.value)
        except BadRecordError as error:
            outgoing.append(dead_letter("extractor", ARTICLES, message, str(error)))
    for index, found in _extract(coder, articles).items():
        try:
            if isinstance(found, Exception):
                raise BadRecordError(f"the extractor failed: {type(found).__name__}: {found}")
            outgoing += [_outgoing(EVENTS, event.dyad, encode(event), emitted_at) for event in found.events]
        except BadRecordError as error:
            outgoing.append(dead_letter("extractor", ARTICLES, messages[index], str(error)))
    return outgoing


def dead_letter(stage: str, topic: Topic, message: Message, reason: str) -> Outgoing:
    """Wrap a record that cannot be used: its own bytes and key, and headers that say why."""
    key = (message.key or b"").decode("utf-8", "surrogateescape")
    marks = dead_letter_headers(stage, reason, message.topic, message.partition, message.offset)
    return Outgoing(topic.dlq, key, message.value or b"", marks, reason)


def publish(publisher: Publisher, outgoing: Sequence[Outgoing]) -> None:
    """Send a batch and return once it is acknowledged."""
    for record in outgoing:
        publisher.send(record.topic, record.key, record.value, record.headers)
    publisher.flush()


def _extract(coder: Coder, articles: dict[int, Article]) -> dict[int, Extraction | Exception]:
    try:
        return dict(zip(articles, coder.extract_many(list(articles.values())), strict=True))
    except Exception:  # one article spoils the batch: find out which
        return {index: _extract_one(coder, article) for index, article in articles.items()}


def _extract_one(coder: Coder, article: Article) -> Extraction | Exception:
    try:
        return coder.extract(article)
    except Exception as error:
        return error


def _outgoing(topic: Topic, key: str, value: bytes, emitted_at: datetime) -> Outgoing:
    return Outgoing(topic.name, key, value, headers(topic, key, value, emitted_at))

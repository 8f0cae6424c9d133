"""Article bytes in; event bytes, receipts and dead letters out: what every extractor does with a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.contract.article import Article
from pipeline.contract.codec import FETCHED_AT, Headers, decode, encode, headers
from pipeline.contract.deadletter import dead_letter_headers
from pipeline.contract.errors import BadRecordError
from pipeline.contract.record import format_utc
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS, Topic
from pipeline.events.extract import Extraction
from pipeline.events.receipts import receipt_of
from pipeline.telemetry import RECORDS_SENT
from pipeline.transport.base import Message, Publisher
from pipeline.workers.plausible import require_known, written


class Codes(Protocol):
    """What codes an article, and says by which versions."""

    @property
    def version(self) -> str:
        """Of the extractor."""

    @property
    def ontology_version(self) -> str:
        """Of the ontology."""

    def code(self, article: Article) -> Extraction:
        """Find the events of one article."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record on its way to a topic; `reason` is set for dead letters."""

    topic: str
    key: str
    value: bytes
    headers: Headers
    reason: str | None = None


def extract_batch(coder: Codes, messages: Sequence[Message], emitted_at: datetime) -> list[Outgoing]:
    """Code every article of a batch, in order: its events, then its receipt.

    What cannot be read or coded becomes a dead letter instead.
    """
    outgoing: list[Outgoing] = []
    for message in messages:
        try:
            article = decode(Article, message.value)
            require_known(article.published_at, written(message))
            found = _coded(coder, article)
            receipt = receipt_of(article, found, coder.version, coder.ontology_version)
            fetched = (FETCHED_AT, format_utc(article.fetched_at).encode())
            own = [
                _outgoing(EVENTS, event.dyad, encode(event), emitted_at, fetched) for event in found.events
            ]
            own.append(_outgoing(RECEIPTS, article.article_id, encode(receipt), emitted_at))
            outgoing += own
        except BadRecordError as error:
            outgoing.append(dead_letter("extractor", ARTICLES, message, str(error), emitted_at))
    return outgoing


def dead_letter(stage: str, topic: Topic, message: Message, reason: str, at: datetime) -> Outgoing:
    """Wrap a record that cannot be used: its own bytes, key and headers, and headers that say why."""
    key = (message.key or b"").decode("utf-8", "surrogateescape")
    marks = dead_letter_headers(
        stage, reason, (message.topic, message.partition, message.offset), at, message.headers
    )
    return Outgoing(topic.dlq, key, message.value or b"", marks, reason)


def publish(publisher: Publisher, outgoing: Sequence[Outgoing]) -> None:
    """Send a batch and return once it is acknowledged."""
    for record in outgoing:
        publisher.send(record.topic, record.key, record.value, record.headers)
        RECORDS_SENT.labels(record.topic).inc()
    publisher.flush()


def _coded(coder: Codes, article: Article) -> Extraction:
    try:
        return coder.code(article)
    except Exception as error:  # whatever it is, it is this article's fault alone
        raise BadRecordError(f"the extractor failed: {type(error).__name__}: {error}") from error


def _outgoing(
    topic: Topic, key: str, value: bytes, emitted_at: datetime, *further: tuple[str, bytes]
) -> Outgoing:
    return Outgoing(topic.name, key, value, (*headers(topic, key, value, emitted_at), *further))

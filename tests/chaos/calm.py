"""Articles in; the logs that an undisturbed run would leave out, made in memory by the workers' own steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.contract.article import Article
from pipeline.contract.codec import encode, headers
from pipeline.contract.topics import ARTICLES, EVENTS, TOPICS
from pipeline.transport.base import Message
from pipeline.transport.memory import MemoryLog
from pipeline.workers.aggregation import fold_batch, new_aggregate, outgoing_of
from pipeline.workers.extraction import Outgoing, extract_batch, publish
from tests.chaos.integrity import GROUPS
from tests.chaos.logs import Footprint, Logs
from tests.chaos.standard import Standard

NOW = datetime(2024, 6, 1, tzinfo=UTC)
_BATCH = 4


def calm_logs(articles: Sequence[Article], beside: Sequence[tuple[str, bytes]], standard: Standard) -> Logs:
    """Run articles, and records that were put beside them on a topic, through both workers' steps."""
    log = MemoryLog()
    for article in articles:
        value = encode(article)
        log.send(ARTICLES.name, article.article_id, value, headers(ARTICLES, article.article_id, value, NOW))
    for topic, value in beside:
        if topic == ARTICLES.name:
            log.send(topic, "beside", value)
    for batch in _batches(log.read(ARTICLES.name)):
        publish(log, extract_batch(standard.coder, batch, NOW))
    for topic, value in beside:
        if topic == EVENTS.name:
            log.send(topic, "beside", value)
    aggregate = new_aggregate(standard.settings, standard.coder.ontology_version)
    for batch in _batches(log.read(EVENTS.name)):
        _, dead = fold_batch(aggregate, batch, NOW)
        outgoing: list[Outgoing] = [*dead, *outgoing_of(aggregate.outputs(), NOW)]
        publish(log, outgoing)
    names = [*(topic.name for topic in TOPICS), ARTICLES.dlq, EVENTS.dlq]
    topics = {name: tuple(log.read(name)) for name in names}
    return Logs(
        topics=topics,
        served=frozenset(article.guid for article in articles),
        acknowledged=tuple(beside),
        committed=ends_of(topics),
        before={"aggregator": Footprint(200_000, 30, 10)},
        after={"aggregator": Footprint(205_000, 30, 10)},
        calm=True,
    )


def ends_of(topics: Mapping[str, Iterable[Message]]) -> dict[tuple[str, str, int], int]:
    """Each group's offsets when all is acknowledged."""
    return {
        (group, topic, message.partition): message.offset + 1
        for group, topic in GROUPS.items()
        for message in topics[topic]
    }


def _batches(messages: Sequence[Message]) -> list[Sequence[Message]]:
    return [messages[start : start + _BATCH] for start in range(0, len(messages), _BATCH)]

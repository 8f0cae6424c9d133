"""Which record travels on which topic, under which key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.contract.article import Article
from pipeline.contract.event import Event
from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.receipt import Receipt
from pipeline.contract.record import Record
from pipeline.contract.signal import Alert, Bloc, Drift


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's name, the model of its values, how a value gives its key, and what may be cleaned up."""

    name: str
    model: type[Record]
    key: Callable[[Any], str]
    compacted: bool
    summary: str

    @property
    def dlq(self) -> str:
        """Name of the dead-letter topic beside it."""
        return f"{self.name}.dlq"


ARTICLES = Topic(
    "coalition.articles.v1", Article, lambda r: r.article_id, False, "one version of one news item"
)
EVENTS = Topic("coalition.events.v1", Event, lambda r: r.dyad, False, "one coded event with its evidence")
RECEIPTS = Topic(
    "coalition.receipts.v1",
    Receipt,
    lambda r: r.article_id,
    False,
    "what became of each article version: how many events, or why none",
)
DYADS = Topic("coalition.dyads.v1", DyadMetric, lambda r: r.key, True, "latest relation of a dyad in a view")
METRICS = Topic(
    "coalition.metrics.v1", CoalitionMetric, lambda r: r.key, True, "latest strength of a coalition in a view"
)
HISTORY = Topic(
    "coalition.metrics-history.v1",
    CoalitionMetric,
    lambda r: r.history_key,
    True,
    "every day's value, upserted when late news revises it",
)
DRIFT = Topic("coalition.drift.v1", Drift, lambda r: r.key, True, "outsiders between coalition and rival")
BLOCS = Topic("coalition.blocs.v1", Bloc, lambda r: r.key, True, "groups that ties alone show")
ALERTS = Topic("coalition.alerts.v1", Alert, lambda r: r.key, True, "what a reader should look at")
CLOCK = Topic("coalition.clock.v1", Clock, lambda r: r.key, True, "how far event time has come")

TOPICS = (ARTICLES, EVENTS, RECEIPTS, DYADS, METRICS, HISTORY, DRIFT, BLOCS, ALERTS, CLOCK)
BY_NAME = {topic.name: topic for topic in TOPICS}

"""The one call of a subscriber: a topic's name and filters in; its records out, typed by the topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, overload

from pipeline.client.changes import Foreign, changes
from pipeline.client.choice import Wanted
from pipeline.contract.article import Article
from pipeline.contract.event import Event
from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.record import Record
from pipeline.contract.signal import Alert, Bloc, Drift


@overload
def subscribe(topic: Literal["articles"], **options: Any) -> Iterator[Article]: ...
@overload
def subscribe(topic: Literal["events"], **options: Any) -> Iterator[Event]: ...
@overload
def subscribe(topic: Literal["dyads"], **options: Any) -> Iterator[DyadMetric]: ...
@overload
def subscribe(topic: Literal["metrics", "metrics-history"], **options: Any) -> Iterator[CoalitionMetric]: ...
@overload
def subscribe(topic: Literal["drift"], **options: Any) -> Iterator[Drift]: ...
@overload
def subscribe(topic: Literal["blocs"], **options: Any) -> Iterator[Bloc]: ...
@overload
def subscribe(topic: Literal["alerts"], **options: Any) -> Iterator[Alert]: ...
@overload
def subscribe(topic: Literal["clock"], **options: Any) -> Iterator[Clock]: ...
@overload
def subscribe(topic: str, **options: Any) -> Iterator[Record]: ...
def subscribe(
    topic: str,
    *,
    coalition: Wanted = None,
    dyad: Wanted = None,
    actor: Wanted = None,
    type: Wanted = None,
    view: Wanted = None,
    follow: bool = True,
    foreign: Foreign = "raise",
    bootstrap: str | None = None,
    prefix: str = "",
    timeout_s: float = 30.0,
    **kafka: Any,
) -> Iterator[Any]:
    """Yield the present state of a topic, then what comes, for ever or until the present end.

    `topic` is a short name (`metrics`) or a full one. `coalition`, `dyad`, `actor`, `type` and `view` take
    one value or several, of which one must fit; `type` is an event type, or the kind of an alert.
    `follow=False` ends where the topic ended when reading began. `foreign="skip"` passes over what the
    model cannot read, which else raises ForeignRecordError. `bootstrap` is host:port, several with commas
    [$BLOCWATCH_KAFKA, else localhost:9092]; `prefix` stands before the names of topics that
    `blocwatch replay` made. What remains are settings of kafka-python's KafkaConsumer, such as
    `security_protocol`, `ssl_cafile`, `sasl_mechanism`, `sasl_plain_username`; without any of these, TLS and
    login are as $BLOCWATCH_KAFKA_PROTOCOL and the like say.

    Deletions (an alert whose ground late news took away) are passed over; `changes` tells them. Of `events`
    every revision comes, in order: keep the one with the highest `revision` by `event_id`, and drop it when
    it is `retracted`. Raises SubscriptionError for a topic or filter that there is not, at once, and
    DependencyError when the broker is away or has no such topic, on the first record.
    """
    found = changes(
        topic, coalition=coalition, dyad=dyad, actor=actor, type=type, view=view, follow=follow,
        foreign=foreign, bootstrap=bootstrap, prefix=prefix, timeout_s=timeout_s, **kafka,
    )  # fmt: skip
    return (change.record for change in found if change.record is not None)

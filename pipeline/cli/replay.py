"""Articles or events of a time span in; the same messages on other topics, or another broker, out.

So somebody can compute them anew with an ontology or configuration of their own, beside what runs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from pipeline.cli.export import span_of
from pipeline.cli.topics import wanted
from pipeline.client.choice import topic_of
from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError, ConfigError
from pipeline.contract.topics import ARTICLES, EVENTS, Topic
from pipeline.kafkasettings import KafkaSettings
from pipeline.settings import Settings, load_settings
from pipeline.transport.kafka import KafkaPublisher, require_topics, tail
from pipeline.transport.layout import apply


def run_replay(
    topic: str, since: str | None, until: str | None, prefix: str, to_kafka: str | None, config: Path | None
) -> None:
    """Publish again, keys, bytes and headers as they were; what cannot be read is counted and left out.

    Raises ConfigError when the new topics would be the old ones, or are not empty.
    """
    settings = load_settings(config)
    source = settings.pipeline.kafka
    target = source.model_copy(update={"bootstrap": to_kafka}) if to_kafka else source
    found = topic_of(topic)
    if found not in (ARTICLES, EVENTS):
        raise ConfigError(["only articles and events are replayed: all else is computed from them"])
    if not prefix and target.bootstrap == source.bootstrap:
        raise ConfigError(["the new topic would be the old one: give --prefix, or --to-kafka another broker"])
    span = span_of(since, until)
    require_topics(source, [found.name], timeout_s=5)
    _lay_out(settings, found, prefix, target)
    publisher = KafkaPublisher(
        target, settings.pipeline.kafka.in_flight_bytes, settings.pipeline.kafka.delivery_timeout_s
    )
    sent = unread = 0
    try:
        for message in tail(source, [found.name]):
            try:
                inside = decode(found.model, message.value) in span
            except BadRecordError:
                unread += 1
                continue
            if inside:
                key = (message.key or b"").decode("utf-8", "surrogateescape")
                publisher.send(prefix + found.name, key, message.value or b"", message.headers)
                sent += 1
        publisher.flush()
    finally:
        publisher.close()
    typer.echo(f"{sent:8d}  {prefix}{found.name} on {target.bootstrap}")
    if unread:
        typer.echo(f"{unread} records of {found.name} could not be read and were left out", err=True)
        raise typer.Exit(1)


def _lay_out(settings: Settings, topic: Topic, prefix: str, target: KafkaSettings) -> None:
    """Create the new topic like the old one; old records are kept for ever, or it would lose them at once."""
    name = prefix + topic.name
    layout = wanted(settings)[topic.name]
    apply(target, {name: replace(layout, configs={**layout.configs, "retention.ms": "-1"})})
    if next(tail(target, [name]), None) is not None:
        raise ConfigError(
            [f"{name} on {target.bootstrap} is not empty: choose another --prefix, or delete the topic"]
        )

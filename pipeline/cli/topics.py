"""Topic layout: what config/topics.yaml wants, against the broker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.contract.topics import BY_NAME
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.transport.layout import Layout


def list_topics(config: Path | None) -> None:
    """Print every topic with its layout and meaning."""
    settings = load_settings(config)
    for name, spec in settings.topics.topics.items():
        keep = f"{spec.retention_days:g} d" if spec.retention_days else "latest"
        meaning = BY_NAME[name].summary if name in BY_NAME else _meaning(name)
        typer.echo(f"{name:42s} {spec.partitions:3d} x{settings.topics.replication}  {keep:7s} {meaning}")


def diff_topics(config: Path | None) -> None:
    """Print differences; exit code 1 when there are any."""
    from pipeline.transport.layout import compare

    settings = load_settings(config)
    found = compare(settings.pipeline.kafka, wanted(settings))
    for difference in found:
        typer.echo(f"{difference.topic}: {difference.words}")
    typer.echo("the broker agrees with topics.yaml" if not found else f"{len(found)} difference(s)")
    if found:
        raise typer.Exit(1)


def apply_topics(config: Path | None) -> None:
    """Create and mend; exit code 1 when something is left that cannot be mended."""
    from pipeline.transport.kafka import wait_for_broker
    from pipeline.transport.layout import apply

    settings = load_settings(config)
    wait_for_broker(settings.pipeline.kafka, 180)
    before = apply(settings.pipeline.kafka, wanted(settings))
    for difference in before:
        typer.echo(
            f"{difference.topic}: {difference.words}{'' if difference.mendable else ' (left as it is)'}"
        )
    left = {difference.topic for difference in before if not difference.mendable}
    typer.echo(f"{len(settings.topics.topics) - len(left)} topics are as configured")
    if left:
        raise typer.Exit(1)


def wanted(settings: Settings) -> dict[str, Layout]:
    """The layout of every topic, as the broker's settings."""
    from pipeline.transport.layout import Layout

    layouts = {}
    for name, spec in settings.topics.topics.items():
        retention = -1 if spec.retention_days is None else int(spec.retention_days * 86_400_000)
        configs = {
            "cleanup.policy": spec.cleanup,
            "message.timestamp.type": "LogAppendTime",  # brokers refuse a sender whose clock is ahead
            "max.message.bytes": str(spec.max_message_bytes),
            "min.insync.replicas": str(settings.topics.min_insync),
            "retention.ms": str(retention),
        }
        layouts[name] = Layout(spec.partitions, settings.topics.replication, configs)
    return layouts


def _meaning(name: str) -> str:
    if name.endswith(".dlq"):
        return "records that could not be used, with their bytes and the reason"
    return "a worker's own memory"

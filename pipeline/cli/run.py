"""Starts workers: one on Kafka, or all embedded."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import typer

from pipeline.contract.errors import ConfigError
from pipeline.settings import Settings, load_settings
from pipeline.telemetry import beat, configure_logging, serve_metrics

if TYPE_CHECKING:
    from pipeline.workers.websub import Subscriber

WORKERS = ("poller", "extractor", "aggregator")
log = structlog.get_logger()


def run(worker: str, embedded: bool, once: bool, accept_loss: bool, config: Path | None) -> None:
    """Run what was asked for until it is told to stop."""
    if embedded == bool(worker) or (worker and worker not in WORKERS):
        raise typer.BadParameter(f"name one of {', '.join(WORKERS)}, or give --embedded")
    if once and worker in ("extractor", "aggregator"):
        raise typer.BadParameter("--once is for the poller and --embedded")
    if accept_loss and worker not in ("extractor", "aggregator"):
        raise typer.BadParameter("--accept-loss is for the extractor and the aggregator")
    settings = load_settings(config)
    configure_logging(settings.pipeline.log.level, settings.pipeline.log.format)
    _serve_metrics()
    log.info("worker_started", worker=worker or "embedded", config=str(settings.folder))
    if embedded:
        asyncio.run(run_embedded(settings, once))
    elif worker == "poller":
        asyncio.run(run_poller(settings, once))
    elif worker == "extractor":
        from pipeline.workers.extractor import run_extractor

        run_extractor(settings, accept_loss)
    else:
        from pipeline.workers.aggregator import run_aggregator

        run_aggregator(settings, accept_loss)
    log.info("worker_stopped", worker=worker or "embedded")


async def run_poller(settings: Settings, once: bool) -> None:
    """Poll feeds into Kafka."""
    from pipeline.contract.topics import ARTICLES
    from pipeline.transport.kafka import KafkaPublisher, require_topics
    from pipeline.workers.polling import new_fetcher, new_poller, new_subscriber

    kafka = settings.pipeline.kafka
    await asyncio.to_thread(require_topics, kafka, [ARTICLES.name])
    publisher = KafkaPublisher(kafka, kafka.in_flight_bytes, kafka.delivery_timeout_s)
    fetcher = new_fetcher(settings)
    poller = new_poller(settings, publisher, settings.state / "poller.sqlite", fetcher=fetcher)
    _on_stop_signal(poller.stop)
    try:
        if once:
            await poller.poll_once(datetime.now(UTC))
        else:
            async with _listening(new_subscriber(settings, poller, fetcher)):
                await poller.run()
    finally:
        await poller.close()
        publisher.close()


@asynccontextmanager
async def _listening(subscriber: Subscriber | None) -> AsyncIterator[None]:
    """Let hubs in meanwhile."""
    if subscriber is None:
        yield
        return
    await subscriber.open()
    asking = asyncio.create_task(subscriber.run())
    try:
        yield
    finally:
        subscriber.stop()
        await asking
        await subscriber.close()


async def run_embedded(settings: Settings, once: bool) -> None:
    """Poll, extract and aggregate in this process, over one SQLite file."""
    from pipeline.embedded import Embedded
    from pipeline.transport.store import EmbeddedStore
    from pipeline.workers.coder import load_coder
    from pipeline.workers.polling import new_poller

    store = EmbeddedStore(settings.state / "embedded.sqlite")
    coder = await asyncio.to_thread(load_coder, settings.ontology_overlay)
    stages = Embedded(settings, store, coder, lambda: datetime.now(UTC))
    poller = new_poller(settings, store, settings.state / "embedded-poller.sqlite")
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        poller.stop()

    _on_stop_signal(stop)
    try:
        while not stopping.is_set():
            await poller.poll_once(datetime.now(UTC))
            counts = await asyncio.to_thread(stages.drain, None, stopping.is_set)
            beat("embedded")
            if counts.articles:
                log.info(
                    "drained", articles=counts.articles, events=counts.events, published=counts.published
                )
            if once:
                break
            await _sleep(stopping, 5)
    finally:
        await poller.close()
        store.close()


async def _sleep(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


def _on_stop_signal(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def _serve_metrics() -> None:
    port = os.environ.get("BLOCWATCH_METRICS_PORT")
    if port is None:
        return
    if not port.isdigit():
        raise ConfigError([f"BLOCWATCH_METRICS_PORT: {port!r} is not a port number"])
    serve_metrics(int(port))

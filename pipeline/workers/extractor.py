"""The extractor process: articles topic in, events topic out; a pool of processes beside the loop codes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from multiprocessing.connection import wait
from pathlib import Path

import structlog

from pipeline.armed import Point, reach
from pipeline.contract.errors import DependencyError
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS
from pipeline.ontology.load import load_ontology
from pipeline.settings import Settings
from pipeline.telemetry import BATCH_SECONDS, beat
from pipeline.transport.aside import Aside
from pipeline.transport.base import Message, Publisher
from pipeline.transport.kafka import KafkaPublisher, require_topics
from pipeline.transport.lag import require_kept
from pipeline.transport.stream import Stream, StreamSettings
from pipeline.workers.coder import load_coder
from pipeline.workers.deadletters import DeadLetterLimit
from pipeline.workers.extraction import Outgoing, dead_letter, extract_batch, publish
from pipeline.workers.freshness import count_batch
from pipeline.workers.limited import OUT_OF_MEMORY, LimitedCoder, ended_by_memory, limit_memory

GROUP = "blocwatch-extractor"
_LONGEST_END_S = 5.0
_LONGEST_START_S = 240.0
_TOO_LONG, _TOO_MUCH, _KILLED = "took too long", "needed too much memory", "killed its process"
log = structlog.get_logger()
_coder: LimitedCoder | None = None  # one a pool process, loaded by its initializer


def run_extractor(settings: Settings, accept_loss: bool = False) -> None:
    """Read articles until told to stop; raises what stopped it otherwise."""
    kafka = settings.pipeline.kafka
    load_ontology(settings.ontology_overlay)  # its faults are told here, not by dying pool processes
    require_topics(kafka, [ARTICLES.name, ARTICLES.dlq, EVENTS.name, RECEIPTS.name])
    if not accept_loss:
        require_kept(kafka, GROUP, ARTICLES.name)
    publisher = KafkaPublisher(kafka, kafka.in_flight_bytes, kafka.delivery_timeout_s)
    aside = Aside("publish")
    pool = ExtractionPool(settings)
    limit = DeadLetterLimit("extractor", settings.pipeline.dead_letters)

    async def handle(messages: list[Message]) -> None:
        await _handle(messages, pool, publisher, aside, limit)

    own = settings.pipeline.extractor
    reading = StreamSettings(GROUP, kafka, own.batch * own.processes, own.linger_s, settings.state / "faust")
    try:
        Stream(reading, ARTICLES.name, handle, lambda: beat("extractor"), limit.check).run()
    finally:
        pool.close()
        aside.close()
        publisher.close()


async def _handle(
    messages: list[Message], pool: ExtractionPool, publisher: Publisher, aside: Aside, limit: DeadLetterLimit
) -> None:
    started = time.perf_counter()
    outgoing = await pool.extract(messages)
    await aside.run(publish, publisher, outgoing)
    reach(Point.EXTRACTOR_SENT)
    dead = sum(record.reason is not None for record in outgoing)
    count_batch("extractor", messages, (record.reason for record in outgoing), datetime.now(UTC))
    BATCH_SECONDS.labels("extractor").set(time.perf_counter() - started)
    events = sum(record.topic == EVENTS.name for record in outgoing)
    log.info("batch_extracted", articles=len(messages), events=events, dead_letters=dead)
    limit.count(len(messages), dead)


class ExtractionPool:
    """Processes that code articles; one that hangs or dies takes a single article with it, not the worker.

    A process ends itself when an article takes longer, or more memory, than it may. The batch that it was
    at is then coded one by one, so an article is given up when it has broken two processes: one among
    others, one alone.
    """

    def __init__(self, settings: Settings) -> None:
        self._processes = settings.pipeline.extractor.processes
        self._chunk = settings.pipeline.extractor.batch
        self._timeout_s = settings.pipeline.extractor.timeout_s
        self._seconds = settings.pipeline.extractor.article_seconds
        self._memory_mb = settings.pipeline.extractor.article_memory_mb
        self._overlay = settings.ontology_overlay
        self._pool = self._start()

    async def extract(self, messages: Sequence[Message]) -> list[Outgoing]:
        """Code a batch in the pool, in order; articles that break a process twice become dead letters."""
        await self._loaded()
        size = max(1, min(self._chunk, -(-len(messages) // self._processes)))
        chunks = [messages[start : start + size] for start in range(0, len(messages), size)]
        try:
            parts = await asyncio.gather(*(self._submit(chunk) for chunk in chunks))
            return [record for part in parts for record in part]
        except (BrokenProcessPool, TimeoutError):
            log.warning("extraction_broke", articles=len(messages), what="coding them one by one")
            self._restart()
        return [record for message in messages for record in await self._extract_one(message)]

    def close(self) -> None:
        """End the processes, whatever they are at."""
        self._kill()

    async def _extract_one(self, message: Message) -> list[Outgoing]:
        await self._loaded()
        try:
            return await self._submit([message])
        except (BrokenProcessPool, TimeoutError) as error:
            reason = _TOO_LONG if isinstance(error, TimeoutError) else await asyncio.to_thread(self._cause)
            self._restart()
            log.warning("article_given_up", partition=message.partition, offset=message.offset, reason=reason)
            return [dead_letter("extractor", ARTICLES, message, f"the article {reason}", datetime.now(UTC))]

    async def _loaded(self) -> None:
        """Wait for a process that can work, so that no article is blamed for a slow or failing start."""
        try:
            await self._answered()
        except BrokenProcessPool:  # one died at rest: a fresh one may live
            self._restart()
            try:
                await self._answered()
            except BrokenProcessPool as error:
                raise DependencyError(f"no process that codes articles comes up: {error}") from error

    async def _answered(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.run_in_executor(self._pool, _ready), _LONGEST_START_S)
        except TimeoutError as error:
            raise DependencyError("the processes that code articles do not come up") from error

    async def _submit(self, messages: Sequence[Message]) -> list[Outgoing]:
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._pool, _code, list(messages), datetime.now(UTC))
        return await asyncio.wait_for(running, self._timeout_s)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            multiprocessing.get_context("spawn"),
            initializer=_load,
            initargs=(self._overlay, self._seconds, self._memory_mb),
        )

    def _cause(self) -> str:
        """Why a process died, by its exit code; those that did no work are ended by the broken pool."""
        codes = set()
        for process in list((getattr(self._pool, "_processes", None) or {}).values()):
            process.join(_LONGEST_END_S)
            codes.add(process.exitcode)
        if -signal.SIGPROF in codes:
            return _TOO_LONG
        return _TOO_MUCH if OUT_OF_MEMORY in codes else _KILLED

    def _restart(self) -> None:
        self._kill()
        self._pool = self._start()

    def _kill(self) -> None:
        for process in list((getattr(self._pool, "_processes", None) or {}).values()):
            process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _load(overlay: Path | None, article_seconds: float, article_memory_mb: int) -> None:
    global _coder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _coder = LimitedCoder(load_coder(overlay), article_seconds)
    limit_memory(article_memory_mb * 1_000_000)


def _end_with_parent() -> None:
    """A pool process whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _ready() -> None:
    """Done as soon as a process has loaded."""


def _code(messages: list[Message], emitted_at: datetime) -> list[Outgoing]:
    if _coder is None:
        raise RuntimeError("the coder was not loaded")
    with ended_by_memory():
        return extract_batch(_coder, messages, emitted_at)

"""Kafka topics as batches of raw bytes, by faust: an agent that acknowledges a batch only when it is done.

faust decides who reads which partition and keeps offsets; records pass it as raw bytes, so that pydantic
stays the only schema language and poison reaches our dead-letter code. Its exactly-once transactions and
its tables are not used: both lost records (docs/adr/0015-the-ledger-writes-its-own-changelog.md).
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import IllegalStateError
from faust.worker import Worker

from pipeline.contract.errors import DependencyError, PipelineError
from pipeline.transport.admission import Admission
from pipeline.transport.backlog import tell_backlog, waiting
from pipeline.transport.base import Message
from pipeline.transport.connection import Broker, stream_arguments
from pipeline.transport.wakefulness import HEARTBEAT_S, SESSION_S, Wakefulness

Handler = Callable[[list[Message]], Awaitable[None]]
Idle = Callable[[], None]
_LONGEST_BATCH_S = 300.0
"""A batch that takes longer is no longer taken for healthy work."""
_LONGEST_SILENCE_S = 120.0
"""While records are known to wait, nothing may be handled for so long at most."""
_ADMISSION_S = 10.0
_LONGEST_END_S = 20.0
"""A worker that fails has so long to shut down; then it ends anyway, so that another life can begin."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How one worker reads: group name, broker, batch size and how long (s) to wait for a full batch."""

    group: str
    broker: Broker
    batch: int
    linger_s: float
    folder: Path


class MovedError(PipelineError):
    """A handler found that its partition is another's by now: the batch is left unacknowledged."""


class Stream:
    """One topic read in batches by one consumer group.

    `handle` gets each batch; when it returns, the batch is acknowledged; when it raises, the process
    ends with `fault` set and the batch will be read again by whoever comes next. `after` is called when a
    batch is acknowledged; when that raises, the process ends too, but the batch is done. `rest` is called
    every few seconds while nothing comes in, never at the same time as `handle`, and ends as that does.
    """

    def __init__(
        self,
        settings: StreamSettings,
        topic: str,
        handle: Handler,
        beat: Idle,
        after: Idle | None = None,
        rest: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.fault: BaseException | None = None
        self._settings = settings
        self._topic = topic
        self._handle = handle
        self._beat = beat
        self._after = after
        self._app = _app(settings)
        self._worker: Any = None
        self._busy_since: float | None = None
        self._handled_at = time.monotonic()
        self._next: dict[Any, int] = {}
        self._written_at = 0.0
        """Unix time that the broker's log gives the record handled last."""
        self._quiet = False
        self._keeps_state = False
        self.awake = Wakefulness()
        """To be asked before every write that whoever took over could not put right."""
        self._rest = rest
        self._one_at_a_time = asyncio.Lock()
        source = self._app.topic(
            topic, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw"
        )
        self._app.agent(source, name="work", concurrency=1)(self._work)
        self._app.timer(2.0, name="beat")(self._keep_alive)
        self._app.timer(1.0, name="awake")(self._stay_awake)
        self._admission = Admission(settings.broker, self._app)
        self._over = threading.Event()

    def on_move(self, moved: Callable[[], None]) -> None:
        """Have `moved` called whenever partitions come or go: what was remembered of them may be stale.

        From then on no batch is handled before the group has come to rest.
        """

        async def told(_app: Any, _partitions: Any, **_: Any) -> None:
            moved()

        self._keeps_state = True
        self._app.on_partitions_assigned.connect(told, weak=False)
        self._app.on_partitions_revoked.connect(told, weak=False)

    def run(self) -> None:
        """Read until SIGTERM or SIGINT, or until a batch fails; then raise what failed."""
        (self._settings.folder / self._settings.group).mkdir(parents=True, exist_ok=True)
        self._worker = Worker(
            self._app, loglevel=None, redirect_stdouts=False, override_logging=False, quiet=True
        )
        self._worker.spinner = None  # it would write escape codes into logs
        threading.Thread(target=self._stay_admitted, daemon=True).start()
        try:
            self._worker.execute_from_commandline()
        except SystemExit as left:
            if left.code and self.fault is None:
                self._admission.judge(self._worker.crash_reason)
                raise
        finally:
            self._over.set()
        if self.fault is not None:
            raise self.fault

    async def _work(self, stream: Any) -> None:
        async for events in stream.noack_take(self._settings.batch, within=self._settings.linger_s):
            while self._keeps_state and not self._in_charge():  # partitions are moving
                await asyncio.sleep(0.1)
            try:
                async with self._one_at_a_time:
                    self._busy_since, self._quiet = time.monotonic(), False
                    await self._handle([_message(event.message) for event in events])
            except asyncio.CancelledError:
                raise
            except MovedError as moved:
                log.info("batch_left", reason=str(moved))
                continue
            except BaseException as error:
                await self._end(error)
            for event in events:
                await stream.ack(event)
                self._next[event.message.tp] = event.message.offset + 1
                self._written_at = float(event.message.timestamp or 0.0)
            self._busy_since, self._handled_at = None, time.monotonic()
            try:
                if self._after is not None:
                    self._after()
            except Exception as error:
                await self._end(error)
            self._beat()

    async def _end(self, fault: BaseException) -> None:
        """Stop the process: faust would restart the agent and skip the batch."""
        self._fail(fault)
        await asyncio.Event().wait()

    def _fail(self, fault: BaseException) -> None:
        self.fault = fault
        log.error("worker_fails", error=str(fault))
        # faust's shutdown waits for what its producer still holds, which may never go out.
        last_resort = threading.Timer(_LONGEST_END_S, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        signal.raise_signal(signal.SIGTERM)

    async def _stay_awake(self) -> None:
        self.awake.tick()
        try:
            self.awake.require()
        except DependencyError as error:
            if self.fault is None:
                await self._end(error)

    def _stay_admitted(self) -> None:
        """In a thread of its own: faust starts no timer before its group has come to rest."""
        while not self._over.wait(_ADMISSION_S):
            try:
                self._admission.require()
            except PipelineError as error:
                if self.fault is None:
                    self._fail(error)
                return

    async def _keep_alive(self) -> None:
        busy_s = 0.0 if self._busy_since is None else time.monotonic() - self._busy_since
        if self.fault is None and busy_s < _LONGEST_BATCH_S:
            self._beat()
        if self._busy_since is None and self.fault is None and self._stalled():
            await self._end(DependencyError(
                f"records wait on {self._topic}, but none has come for {_LONGEST_SILENCE_S:g} s; start again"
            ))  # fmt: skip
        if self._rest is not None and self._quiet and self.fault is None and self._in_charge():
            try:
                async with self._one_at_a_time:
                    await self._rest()
            except MovedError as moved:
                log.info("batch_left", reason=str(moved))
            except Exception as error:
                await self._end(error)
        self._quiet = self._busy_since is None
        stage = self._settings.group.removeprefix("blocwatch-")
        tell_backlog(stage, waiting(self._app, self._topic, self._next), self._written_at)

    def _stalled(self) -> bool:
        """Whether the broker has told of records beyond those handled, and none came for long."""
        if time.monotonic() - self._handled_at < _LONGEST_SILENCE_S or not self._in_charge():
            return False
        ours = [tp for tp in self._app.assignor.assigned_actives() if tp.topic == self._topic]
        try:
            return any((self._app.consumer.highwater(tp) or 0) > self._next.get(tp, 0) for tp in ours
                       if tp in self._next)  # fmt: skip
        except IllegalStateError:  # the group gave us a partition that the consumer has let go
            return True

    def _in_charge(self) -> bool:
        """Whether the topic is ours to work on now, from where it was left."""
        app = self._app
        ours = any(tp.topic == self._topic for tp in app.assignor.assigned_actives())
        return ours and app.tables.recovery.completed.is_set() and not app.rebalancing


def _app(settings: StreamSettings) -> Any:
    return faust.App(
        settings.group,
        **stream_arguments(settings.broker),
        datadir=str(settings.folder / settings.group),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=1,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=1.0,
        # A consumer that is not asked for so long leaves its group and does not come back; it is not asked
        # while what it brought last waits for room, so that is bounded too.
        broker_max_poll_interval=3600.0,
        broker_max_poll_records=2000,
        broker_request_timeout=20.0,
        consumer_max_fetch_size=8_388_608,
        producer_max_request_size=8_388_608,
        stream_buffer_maxsize=max(256, settings.batch),
        stream_wait_empty=False,
        stream_ack_cancelled_tasks=False,
        worker_redirect_stdouts=False,
    )


def _message(message: Any) -> Message:
    headers = (
        tuple(message.headers.items()) if isinstance(message.headers, dict) else tuple(message.headers or ())
    )
    return Message(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        headers,
        message.timestamp,
    )

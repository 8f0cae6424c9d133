"""The aggregator process: events topic in, ledger on a topic of its own, metrics topics out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from pipeline.armed import Point, reach
from pipeline.contract.errors import DependencyError
from pipeline.contract.topics import EVENTS
from pipeline.metrics.aggregate import Aggregate
from pipeline.ontology.load import load_ontology
from pipeline.settings import Settings
from pipeline.telemetry import BATCH_SECONDS, RECORDS_SENT, WATERMARK, beat
from pipeline.transport.aside import Aside
from pipeline.transport.base import Message
from pipeline.transport.changelog import Changelog, ReplacedError
from pipeline.transport.kafka import KafkaPublisher, latest, require_topics
from pipeline.transport.lag import require_kept
from pipeline.transport.stream import MovedError, Stream, StreamSettings
from pipeline.workers.aggregation import (
    COMPACTED,
    MARK,
    Place,
    fold_batch,
    new_aggregate,
    outgoing_of,
    published_mark,
    recover,
)
from pipeline.workers.deadletters import DeadLetterLimit
from pipeline.workers.extraction import publish
from pipeline.workers.freshness import count_batch

GROUP = "blocwatch-aggregator"
_SETTLED_EVERY_S = 30.0
"""Under steady load, dyads that news elsewhere has nudged are published at least this often."""
_SOME = 20
"""Records after which a publication counts as half done, for `reach`."""
CHANGELOG = f"{GROUP}-ledger-changelog"
log = structlog.get_logger()


def run_aggregator(settings: Settings, accept_loss: bool = False) -> None:
    """Fold events until told to stop; raises what stopped it otherwise."""
    kafka = settings.pipeline.kafka
    counts = require_topics(
        kafka,
        [EVENTS.name, EVENTS.dlq, CHANGELOG, *COMPACTED],
    )
    if counts[EVENTS.name] != 1:
        raise DependencyError(
            f"{EVENTS.name} has {counts[EVENTS.name]} partitions; a coalition spans all dyads, so one "
            "aggregator must see all events: give the topic 1 partition (see docs/adr/0002-one-aggregator.md)"
        )
    if not accept_loss:
        require_kept(kafka, GROUP, EVENTS.name)
    Aggregator(settings).run()


class Aggregator:
    """Folds a batch, makes the ledger durable, publishes, remembers that, and only then acknowledges."""

    def __init__(self, settings: Settings) -> None:
        kafka, own = settings.pipeline.kafka, settings.pipeline.aggregator
        self._settings = settings
        self._ontology_version = load_ontology(settings.ontology_overlay).version
        self._publisher = KafkaPublisher(kafka, kafka.in_flight_bytes, kafka.delivery_timeout_s)
        self._limit = DeadLetterLimit("aggregator", settings.pipeline.dead_letters)
        self._aggregate: Aggregate | None = None
        self._aside = Aside("aggregator")
        self._tenure = 0
        reading = StreamSettings(GROUP, kafka, own.batch, own.linger_s, settings.state / "faust")
        self._settled_at = time.monotonic()
        self._stream = Stream(
            reading, EVENTS.name, self._handle, lambda: beat("aggregator"), self._limit.check, self._rest
        )
        self._stream.on_move(self._forget)
        self._changelog = Changelog(kafka, CHANGELOG, kafka.delivery_timeout_s)

    def run(self) -> None:
        """Work until told to stop."""
        try:
            self._stream.run()
        finally:
            self._aside.close()
            self._publisher.close()
            self._changelog.close()

    def _forget(self) -> None:
        """Partitions moved: what stands in memory may be another's past, so the changelog is read again."""
        self._aggregate = None
        self._tenure += 1

    async def _handle(self, messages: list[Message]) -> None:
        started, tenure = time.perf_counter(), self._tenure
        aggregate, whole = await self._current()
        changed, dead = await self._aside.run(fold_batch, aggregate, messages, datetime.now(UTC))
        reach(Point.LEDGER_FOLDED)
        self._still_ours(tenure)
        await self._remember({entry.key: entry.dump() for entry in changed}, tenure)
        reach(Point.LEDGER_WRITTEN)
        self._still_ours(tenure)
        await self._aside.run(publish, self._publisher, dead)
        settle = time.monotonic() - self._settled_at > _SETTLED_EVERY_S
        sent = await self._publish_all(aggregate, tenure, whole, settle)
        self._aggregate = aggregate
        count_batch("aggregator", messages, (record.reason for record in dead), datetime.now(UTC))
        BATCH_SECONDS.labels("aggregator").set(time.perf_counter() - started)
        log.info(
            "batch_folded", events=len(messages), changed=len(changed), published=sent, dead_letters=len(dead)
        )
        self._limit.count(len(messages), len(dead))

    async def _rest(self) -> None:
        """Publish what news elsewhere has nudged, or a former life left, while nothing comes in."""
        tenure = self._tenure
        aggregate, whole = await self._current()
        if whole or aggregate.unsettled:
            sent = await self._publish_all(aggregate, tenure, whole, settle=True)
            log.info("settled", published=sent)
        self._still_ours(tenure)
        self._aggregate = aggregate

    async def _current(self) -> tuple[Aggregate, bool]:
        """The ledger, and whether a former life may have left something of it unpublished."""
        if self._aggregate is not None:
            return self._aggregate, False
        return await self._aside.run(self._take_over)

    async def _publish_all(self, aggregate: Aggregate, tenure: int, whole: bool, settle: bool) -> int:
        """Publish, and where nothing is left to publish, remember that."""
        sent = await self._aside.run(self._publish, aggregate, whole, settle)
        reach(Point.PUBLISHED)
        self._still_ours(tenure)
        if not aggregate.unsettled:
            self._settled_at = time.monotonic()
            await self._remember({MARK: await self._aside.run(self._mark, aggregate)}, tenure)
            reach(Point.MARKED)
            self._still_ours(tenure)
        return sent

    def _still_ours(self, tenure: int) -> None:
        """Stop where the partition moved meanwhile: whoever has it now reads this batch again."""
        self._stream.awake.require()
        if tenure != self._tenure:
            raise MovedError("the events' partition has moved to another aggregator")

    async def _remember(self, changes: Mapping[str, bytes], tenure: int) -> None:
        """Write to the changelog; raises MovedError where another has taken over, as the group will tell."""
        try:
            await self._aside.run(self._changelog.write, changes)
        except ReplacedError:
            self._still_ours(tenure)
            raise

    def _mark(self, aggregate: Aggregate) -> bytes:
        return published_mark(aggregate, self._settings, self._ontology_version)

    def _take_over(self) -> tuple[Aggregate, bool]:
        """From now on only this process writes the ledger: the ledger as it was left, and as `_current`."""
        aggregate = new_aggregate(self._settings, self._ontology_version)
        kept = self._changelog.take_over()
        mark = kept.pop(MARK, None)
        recover(aggregate, kept.values())
        whole = mark != self._mark(aggregate)
        if not whole:
            aggregate.outputs()  # a former life has published them
        return aggregate, whole

    def _publish(self, aggregate: Aggregate, whole: bool, settle: bool) -> int:
        outputs = aggregate.everything(take=True) if whole else aggregate.outputs(settle)
        sent = 0
        known = self._known() if whole else ()
        for record in outgoing_of(outputs, datetime.now(UTC), known):
            self._stream.awake.require()
            self._publisher.send(record.topic, record.key, record.value, record.headers)
            RECORDS_SENT.labels(record.topic).inc()
            sent += 1
            if sent == _SOME:
                reach(Point.HALF_PUBLISHED)
        self._publisher.flush()
        if outputs.clock is not None:
            WATERMARK.labels("aggregator").set(outputs.clock.watermark.timestamp())
        return sent

    def _known(self) -> list[Place]:
        """All that lies on the topics: a former life may have said what its successor never would."""
        kafka = self._settings.pipeline.kafka
        return [(topic, key) for topic in COMPACTED for key in latest(kafka, topic)]

"""All that values depend on, at one moment of the ledger, in; the records of chosen ticks out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta

from pipeline.contract.metric import Clock, DyadMetric
from pipeline.contract.record import Record
from pipeline.contract.topics import METRICS, Topic
from pipeline.metrics.board import Table
from pipeline.metrics.clock import moment, moment_us
from pipeline.metrics.coalitions import Measures, measure
from pipeline.metrics.entry import HOUR_US
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.indexing import Past
from pipeline.metrics.journal import Day, Journal, Written
from pipeline.metrics.moves import moves_of
from pipeline.metrics.params import HOURS_A_DAY, MetricParams
from pipeline.metrics.records import Row, Stamp, dyad_records
from pipeline.metrics.revisions import Revisions
from pipeline.metrics.roster import Roster
from pipeline.metrics.signals import Told
from pipeline.metrics.structure import Structure
from pipeline.metrics.surges import readings
from pipeline.metrics.world import Rows, World, world_at

_STAGE = "aggregator"


@dataclass(frozen=True)
class Frame:
    """One moment of the ledger."""

    params: MetricParams
    roster: Roster
    table: Table
    rows: Rows
    journal: Journal
    revisions: Revisions
    chain: Sequence[tuple[int, str]]
    """Digest of all news up to each day."""
    reported: Set[int]
    """Days since 1970 on which anything was published."""
    span_us: tuple[int, int]
    """First and latest publication, microseconds since 1970."""
    events: int
    ontology_version: str
    told: Told

    @property
    def tick(self) -> int:
        """The latest tick: the end of the frontier's hour."""
        return self.span_us[1] // HOUR_US + 1

    @property
    def final_until(self) -> int:
        """Ticks up to this one are final."""
        return self.span_us[1] // HOUR_US - self.params.lateness_h

    @property
    def midnights(self) -> range:
        """Every midnight from the first publication to the latest tick."""
        first = self.span_us[0] // HOUR_US + 1
        return range(-(-first // HOURS_A_DAY) * HOURS_A_DAY, self.tick + 1, HOURS_A_DAY)

    def stamp(self, tick: int) -> Stamp:
        """What every record of a tick shares."""
        day = bisect_right(self.chain, (tick - 1) // HOURS_A_DAY, key=lambda link: link[0])
        digest = self.chain[max(day - 1, 0)][1]
        return Stamp(tick, tick <= self.final_until, self.revisions.at(tick), self.ontology_version, digest)

    def world(self, tick: int) -> World:
        """Measure every dyad at a tick."""
        return world_at(self.table, self.rows, tick, self.params)

    def written(self, midnight: int) -> Written:
        """Write a midnight's day into the journal; the days before it must stand there."""
        known = self.journal.written(midnight)
        if known is not None and known.world.rows is self.rows:
            return known
        return self.journal.write(self.world(midnight), self.table, self.reported)

    def history(self, days: Set[int]) -> list[Row]:
        """The rows of some midnights; writes what the journal lacks on the way."""
        rows: list[Row] = []
        before: World | None = None
        for midnight in self.midnights:
            if midnight not in days and self.journal.day(midnight) is not None:
                continue
            if before is None or before.tick != midnight - HOURS_A_DAY:
                before = self.world(midnight - HOURS_A_DAY)
            world, measures, day = self._measured(midnight)
            if midnight in days:
                shapes = {name: (midnight, found) for name, found in day.shapes.items()}
                rows += self.rows_of(world, measures, before, shapes)
            before = world
        return self.indexed(rows)

    def _measured(self, midnight: int) -> tuple[World, Mapping[str, Measures], Day]:
        """A midnight's world and measures; its day as the journal has it, where that is not the last."""
        day = self.journal.day(midnight)
        if day is None or midnight == self.midnights[-1]:
            written = self.written(midnight)
            return written.world, written.measures, written.day
        world = self.world(midnight)
        return world, measure(world, self.roster.at(midnight, self.rows), self.params), day

    def indexed(self, rows: Iterable[Row]) -> list[Row]:
        """Set each row's strength against the past, which the journal must hold by now."""
        pasts = self.pasts()
        return [
            replace(row, indexed=pasts[row.lineup.coalition].index(row.stamp.tick, row.measures.strength))
            for row in rows
        ]

    def pasts(self) -> dict[str, Past]:
        """Every coalition's daily strengths."""
        days = self.journal.days
        return {name: Past(self.roster.coalition(name), days, self.params) for name in self.roster.names}

    def rows_of(
        self,
        world: World,
        measures: Mapping[str, Measures],
        before: World,
        shapes: Mapping[str, tuple[int, Structure]],
    ) -> Iterator[Row]:
        """Every coalition's row at a world's tick, against the world of the midnight before; no index yet."""
        now, then = (self.roster.at(each.tick, self.rows) for each in (world, before))
        moves = moves_of((before, then), (world, now))
        stamp = self.stamp(world.tick)
        for lineup in now.lineups:
            name = lineup.coalition
            if name in measures:
                yield Row(
                    lineup=lineup,
                    stamp=stamp,
                    views=tuple(view.name for view in self.params.views),
                    measures=measures[name],
                    indexed=None,
                    shape=shapes.get(name),
                    moves=moves[name],
                )

    def latest(self) -> Latest:
        """The values of the latest tick; the journal must be written up to it."""
        return Latest(self)

    def clock(self, settled: bool = True) -> Clock:
        """How far event time has come."""
        frontier = moment_us(self.span_us[1])
        return Clock(
            stage=_STAGE,
            frontier=frontier,
            watermark=frontier - timedelta(hours=self.params.lateness_h),
            tick=moment(self.tick),
            events=self.events,
            ledger_digest=self.chain[-1][1],
            settled=settled,
        )


class Latest:
    """The values of the latest tick, and of the last midnight where they are daily."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.world = frame.world(frame.tick)
        present = self.world.sums.present
        self.dyads = {dyad for dyad, told in zip(frame.rows.dyads, present.tolist(), strict=True) if told}

    def records(self) -> dict[tuple[Topic, str], Record]:
        """Metrics, drift, blocs and alerts by topic and key."""
        frame = self._frame
        last = frame.midnights[-1] if frame.midnights else None
        written = None if last is None else frame.written(last)
        found: list[tuple[Topic, Record]] = [(METRICS, record) for record in self._metrics(written)]
        if written is not None and last is not None:
            found += frame.told.last(written, frame.roster, frame.params, frame.stamp(last))
        found += frame.told.alerts(self._days(written), frame.stamp)
        return {(topic, topic.key(record)): record for topic, record in found}

    def dyad_records(self, dyads: Sequence[str], impulses: Callable[[str], Impulses]) -> Iterator[DyadMetric]:
        """Publish some dyads."""
        frame = self._frame
        today = readings(frame.table, frame.tick, frame.reported).of()
        stamp = frame.stamp(frame.tick)
        rows = frame.rows.index(dyads).tolist()
        for dyad, row in zip(dyads, rows, strict=True):
            yield from dyad_records(self.world, row, stamp, impulses(dyad), today.get(dyad), frame.params)

    def _metrics(self, written: Written | None) -> Iterator[Record]:
        frame = self._frame
        midnight = (frame.tick - 1) // HOURS_A_DAY * HOURS_A_DAY
        if written is not None and written.world.tick == midnight:
            before = written.world
        else:
            before = frame.world(midnight)
        shapes = {}
        if written is not None:
            shapes = {name: (written.day.tick, found) for name, found in written.day.shapes.items()}
        measures = measure(self.world, frame.roster.at(frame.tick, frame.rows), frame.params)
        for row in frame.indexed(frame.rows_of(self.world, measures, before, shapes)):
            yield from row.records()

    def _days(self, written: Written | None) -> list[Day]:
        """Every day written, and the one that is running."""
        frame = self._frame
        days = frame.journal.days
        if written is None or written.day.tick < frame.tick:
            days.append(frame.journal.running(self.world, frame.table, frame.reported))
        return days

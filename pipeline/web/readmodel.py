"""Messages of the output topics in; what the dashboard knows, bounded in memory, out.

Folding is idempotent: a message that changes nothing returns False, so that repeats, replays and
re-read files are told to nobody twice.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pipeline.contract.codec import decode
from pipeline.contract.event import Event
from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.record import Record
from pipeline.contract.signal import Alert, Bloc, Drift
from pipeline.contract.topics import ALERTS, BLOCS, CLOCK, DRIFT, DYADS, EVENTS, HISTORY, METRICS, Topic

HEADLINE = "ewm30d"
"""The view that every page shows unless it says otherwise: decay with a half-life of 30 days."""
FOLDED: tuple[Topic, ...] = (EVENTS, DYADS, METRICS, HISTORY, DRIFT, BLOCS, ALERTS, CLOCK)
"""The topics that the dashboard reads; articles stay where they are, their sentences travel in events."""
R = TypeVar("R", bound=Record)
_VIEWED = frozenset({DYADS.name, METRICS.name, HISTORY.name})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept; beyond it the oldest goes."""

    events: int = 25_000
    days: int = 2_500
    """Midnights of one coalition."""
    dyads: int = 20_000
    alerts: int = 5_000
    signals: int = 5_000
    """Drifts, and blocs."""
    coalitions: int = 200


@dataclass(frozen=True, slots=True)
class Day:
    """One midnight of a coalition, as small as may be."""

    as_of: datetime
    index: float | None
    cohesion: float
    low: float
    high: float
    opposition: float | None
    frustration: float | None
    strength: float
    prior_share: float
    n_events: int
    members: int
    final: bool
    change: float | None
    """Cohesion less that of the midnight before."""
    drivers: tuple[tuple[str, float], ...]
    """Dyad and what it added to `change`, largest first."""
    rest: float


@dataclass(slots=True)
class ReadModel:
    """What the dashboard knows now."""

    limits: Limits = field(default_factory=Limits)
    metrics: dict[str, CoalitionMetric] = field(default_factory=dict)
    days: dict[str, dict[datetime, Day]] = field(default_factory=dict)
    dyads: dict[str, DyadMetric] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    blocs: dict[str, Bloc] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    events: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    clock: dict[str, Clock] = field(default_factory=dict)
    seen: dict[tuple[str, str], bytes] = field(default_factory=dict)
    by_dyad: dict[str, dict[str, None]] = field(default_factory=dict)
    """Ids of the events of each dyad, in order of arrival."""
    dropped: int = 0
    """Events let go because more than `limits.events` are known."""

    def fold(self, topic: str, key: str, value: bytes | None) -> bool:
        """Take one message; tell whether it changed anything. Raises BadRecordError for a bad value."""
        if not value:
            return self._forget(topic, key)
        if not may_count(topic, value):
            return False
        if topic == EVENTS.name:
            return self._event(decode(Event, value))
        mark = hashlib.blake2b(value, digest_size=8).digest()
        if self.seen.get((topic, key)) == mark:
            return False
        if not self._take(topic, key, value):
            return False
        self.seen[topic, key] = mark
        return True

    def _take(self, topic: str, key: str, value: bytes) -> bool:
        """Keep a record; False where it is of another view or topic."""
        if topic in _VIEWED:
            return self._viewed(topic, key, value)
        if topic == DRIFT.name:
            self._put(topic, self.drift, key, decode(Drift, value), self.limits.signals)
        elif topic == BLOCS.name:
            self._put(topic, self.blocs, key, decode(Bloc, value), self.limits.signals)
        elif topic == ALERTS.name:
            self._put(topic, self.alerts, key, decode(Alert, value), self.limits.alerts)
        elif topic == CLOCK.name:
            self._put(topic, self.clock, key, decode(Clock, value), 50)
        else:
            return False
        return True

    def _viewed(self, topic: str, key: str, value: bytes) -> bool:
        if topic == DYADS.name:
            dyad = decode(DyadMetric, value)
            if dyad.view == HEADLINE:
                self._put(topic, self.dyads, dyad.dyad, dyad, self.limits.dyads)
            return dyad.view == HEADLINE
        metric = decode(CoalitionMetric, value)
        if metric.view == HEADLINE and topic == METRICS.name:
            self._put(topic, self.metrics, metric.coalition, metric, self.limits.coalitions)
        elif metric.view == HEADLINE:
            return self._day(metric)
        return metric.view == HEADLINE

    def _put(self, topic: str, table: dict[str, R], name: str, record: R, limit: int) -> None:
        table[name] = record
        while len(table) > limit:
            oldest = next(iter(table))
            del table[oldest]
            self.seen.pop((topic, oldest if topic not in _VIEWED else f"{oldest}|{HEADLINE}"), None)

    def _day(self, metric: CoalitionMetric) -> bool:
        if metric.coalition not in self.days and len(self.days) >= self.limits.coalitions:
            return False
        days = self.days.setdefault(metric.coalition, {})
        days[metric.as_of] = _small(metric)
        while len(days) > self.limits.days:
            oldest = min(days)
            del days[oldest]
            self.seen.pop((HISTORY.name, f"{metric.coalition}|{HEADLINE}|{oldest:%Y-%m-%dT%H}"), None)
        return metric.as_of in days

    def _event(self, event: Event) -> bool:
        known = self.events.get(event.event_id)
        if known is not None and (known.revision > event.revision or known == event):
            return False
        self.events[event.event_id] = event
        self.by_dyad.setdefault(event.dyad, {})[event.event_id] = None
        while len(self.events) > self.limits.events:
            gone, old = self.events.popitem(last=False)
            del self.by_dyad[old.dyad][gone]
            if not self.by_dyad[old.dyad]:
                del self.by_dyad[old.dyad]
            self.dropped += 1
        return True

    def events_of(self, dyads: Iterable[str]) -> Iterator[Event]:
        """Give the known events of some dyads."""
        return (self.events[known] for dyad in dyads for known in self.by_dyad.get(dyad, ()))

    def _forget(self, topic: str, key: str) -> bool:
        """A tombstone: the key holds no longer."""
        if self.seen.pop((topic, key), None) is None:
            return False
        parts = key.split("|")
        if topic == HISTORY.name:
            self.days.get(parts[0], {}).pop(datetime.fromisoformat(f"{parts[2]}:00:00+00:00"), None)
        elif topic == METRICS.name:
            self.metrics.pop(parts[0], None)
        elif topic == DYADS.name:
            self.dyads.pop("|".join(parts[:2]), None)
        else:
            tables: dict[str, dict[str, Any]] = {
                DRIFT.name: self.drift,
                BLOCS.name: self.blocs,
                ALERTS.name: self.alerts,
            }
            tables.get(topic, {}).pop(key, None)
        return True


def may_count(topic: str, value: bytes) -> bool:
    """Tell cheaply whether a message may matter here: most are of other views, and are never decoded."""
    return topic not in _VIEWED or HEADLINE.encode() in value


def _small(metric: CoalitionMetric) -> Day:
    drivers = metric.drivers
    return Day(
        metric.as_of,
        metric.index.value if metric.index else None,
        metric.cohesion,
        metric.ci90[0],
        metric.ci90[1],
        metric.opposition,
        metric.frustration,
        metric.strength,
        metric.prior_share,
        metric.n_events,
        len(metric.members),
        metric.final,
        drivers.change if drivers else None,
        tuple((d.dyad, d.contribution) for d in drivers.dyads) if drivers else (),
        drivers.rest if drivers else 0.0,
    )

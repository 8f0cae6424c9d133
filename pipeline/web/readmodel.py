"""Messages of the output topics in; what the dashboard knows, bounded in memory, out.

Folding is idempotent: a message that changes nothing returns False, so that repeats, replays and
re-read files are told to nobody twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pipeline.contract.codec import decode
from pipeline.contract.event import Event
from pipeline.contract.metric import Clock, CoalitionMetric, DyadMetric
from pipeline.contract.signal import Alert, Bloc, Drift
from pipeline.contract.topics import ALERTS, BLOCS, CLOCK, DRIFT, DYADS, EVENTS, HISTORY, METRICS, Topic

HEADLINE = "ewm30d"
"""The view that every page shows unless it says otherwise: decay with a half-life of 30 days."""
FOLDED: tuple[Topic, ...] = (EVENTS, DYADS, METRICS, HISTORY, DRIFT, BLOCS, ALERTS, CLOCK)
"""The topics that the dashboard reads; articles stay where they are, their sentences travel in events."""
T = TypeVar("T")
_VIEWED = frozenset({DYADS.name, METRICS.name, HISTORY.name})
_CLOCKS = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept; beyond it the oldest goes."""

    events: int = 25_000
    days: int = 2_500
    """Midnights of one coalition in one view."""
    dyads: int = 20_000
    """Of one view."""
    alerts: int = 5_000
    signals: int = 5_000
    """Drifts, and blocs."""
    coalitions: int = 200
    views: int = 12


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
class Sight:
    """What one view, a window or a decay, shows of the world."""

    metrics: dict[str, CoalitionMetric] = field(default_factory=dict)
    """By coalition."""
    days: dict[str, dict[datetime, Day]] = field(default_factory=dict)
    """By coalition and midnight."""
    dyads: dict[str, DyadMetric] = field(default_factory=dict)


@dataclass(slots=True)
class ReadModel:
    """What the dashboard knows now."""

    limits: Limits = field(default_factory=Limits)
    sights: dict[str, Sight] = field(default_factory=dict)
    """By the name of the view."""
    drift: dict[str, Drift] = field(default_factory=dict)
    blocs: dict[str, Bloc] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    events: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    clock: dict[str, Clock] = field(default_factory=dict)
    by_dyad: dict[str, dict[str, None]] = field(default_factory=dict)
    """Ids of the events of each dyad, in order of arrival."""
    dropped: int = 0
    """Events let go because more than `limits.events` are known."""

    def fold(self, topic: str, key: str, value: bytes | None) -> bool:
        """Take one message; tell whether it changed anything. Raises BadRecordError for a bad value."""
        if not value:
            return self._forget(topic, key)
        if topic in _VIEWED:
            return self._viewed(topic, value)
        if topic == EVENTS.name:
            return self._event(decode(Event, value))
        if topic == DRIFT.name:
            return _put(self.drift, key, decode(Drift, value), self.limits.signals)
        if topic == BLOCS.name:
            return _put(self.blocs, key, decode(Bloc, value), self.limits.signals)
        if topic == ALERTS.name:
            return _put(self.alerts, key, decode(Alert, value), self.limits.alerts)
        return topic == CLOCK.name and _put(self.clock, key, decode(Clock, value), _CLOCKS)

    def sight(self, view: str) -> Sight:
        """What a view shows; nothing where it is not known."""
        return self.sights.get(view) or Sight()

    def events_of(self, dyads: Iterable[str]) -> Iterator[Event]:
        """Give the known events of some dyads."""
        return (self.events[known] for dyad in dyads for known in self.by_dyad.get(dyad, ()))

    def _viewed(self, topic: str, value: bytes) -> bool:
        if topic == DYADS.name:
            dyad = decode(DyadMetric, value)
            return _put(self._own(dyad.view).dyads, dyad.dyad, dyad, self.limits.dyads)
        metric = decode(CoalitionMetric, value)
        sight = self._own(metric.view)
        if topic == METRICS.name:
            return _put(sight.metrics, metric.coalition, metric, self.limits.coalitions)
        return self._day(sight, metric)

    def _own(self, view: str) -> Sight:
        """The view's own tables; beyond so many views what is kept of another is forgotten at once."""
        if view not in self.sights and len(self.sights) >= self.limits.views:
            return Sight()
        return self.sights.setdefault(view, Sight())

    def _day(self, sight: Sight, metric: CoalitionMetric) -> bool:
        if metric.coalition not in sight.days and len(sight.days) >= self.limits.coalitions:
            return False
        days, small = sight.days.setdefault(metric.coalition, {}), _small(metric)
        if days.get(metric.as_of) == small:
            return False
        days[metric.as_of] = small
        while len(days) > self.limits.days:
            del days[min(days)]
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

    def _forget(self, topic: str, key: str) -> bool:
        """A tombstone: the key holds no longer."""
        if topic not in _VIEWED:
            tables: dict[str, dict[str, Any]] = {
                DRIFT.name: self.drift,
                BLOCS.name: self.blocs,
                ALERTS.name: self.alerts,
                CLOCK.name: self.clock,
            }
            return tables.get(topic, {}).pop(key, None) is not None
        name, _, last = key.rpartition("|")
        if topic == DYADS.name:
            return self.sight(last).dyads.pop(name, None) is not None
        if topic == METRICS.name:
            return self.sight(last).metrics.pop(name, None) is not None
        coalition, _, view = name.rpartition("|")
        days = self.sight(view).days.get(coalition, {})
        return days.pop(datetime.fromisoformat(f"{last}:00:00+00:00"), None) is not None


def _put(table: dict[str, T], name: str, record: T, limit: int) -> bool:
    """Keep a record, and tell whether it is new; beyond the limit the oldest goes."""
    if table.get(name) == record:
        return False
    table[name] = record
    while len(table) > limit:
        del table[next(iter(table))]
    return True


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

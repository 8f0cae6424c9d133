"""The reports of one happening in; its one signed integer impulse out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.contract.event import SYMMETRIC, Status
from pipeline.metrics.entry import Entry
from pipeline.metrics.params import MICRO, MetricParams

HappeningKey = tuple[str, str, str, str, str]
"""Dyad, source, target, type and day; symmetric types name source and target in alphabetical order."""

_SYMMETRIC = frozenset(kind.value for kind in SYMMETRIC)
_COUNTING = {Status.OCCURRED: 1, Status.INTENDED: 0}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one happening adds to the ledger."""

    bucket: int
    """Hour that it counts in, hours since 1970."""
    direction: str
    """`>` from the dyad's first actor to its second, `<` back, `=` both alike."""
    impulse: int
    """Signed mass, micro Goldstein units: cooperation above zero, conflict below."""
    event_id: str
    """The report that stands for the happening."""
    url: str


def happening_of(entry: Entry) -> HappeningKey:
    """Name the happening that an entry reports: same dyad, direction, type and day.

    Symmetric types (a meeting, an agreement) have no direction.
    """
    ends = (entry.source, entry.target)
    if entry.type in _SYMMETRIC:
        ends = (min(ends), max(ends))
    return (entry.dyad, *ends, entry.type, entry.day.isoformat())


def counts(entry: Entry, params: MetricParams) -> bool:
    """Tell whether an entry moves a metric: not withdrawn, a fact or a plan, in time."""
    return not entry.retracted and entry.status in _COUNTING and in_time(entry, params)


def in_time(entry: Entry, params: MetricParams) -> bool:
    """Tell whether an event was first reported within the retention after it; others are dropped.

    A property of the entry alone, so that it never depends on what else has come, or when.
    """
    return any(mark.published_hour - mark.bucket <= params.retention_h for mark in entry.marks)


def contribution_of(entries: Iterable[Entry], params: MetricParams) -> Contribution | None:
    """Weigh a happening by its reports; None where no report counts.

    `x = |g| · q · f · w` (docs/explanation/metrics.md): the report that stands for all (a fact before
    a plan, then the surest, the earliest published, the smallest id) gives g, q, the hour and the
    status factor f; `w = min(1 + ln n, cap)` for n distinct owners.
    """
    live = [entry for entry in entries if counts(entry, params)]
    if not live:
        return None
    best = min(live, key=lambda e: (-_COUNTING[e.status], -e.q, e.published_us, e.event_id))
    owners = len({entry.owner for entry in live})
    factor = 1.0 if best.status is Status.OCCURRED else params.intended_factor
    weight = min(1 + math.log(owners), params.story_cap)
    mass = round(abs(best.g) * best.q * factor * weight / MICRO)
    return Contribution(
        best.bucket, _direction(best), mass if best.g >= 0 else -mass, best.event_id, best.url
    )


def _direction(entry: Entry) -> str:
    if entry.type in _SYMMETRIC or entry.source == entry.target:
        return "="
    return ">" if entry.source < entry.target else "<"

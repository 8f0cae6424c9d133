"""The reports of one happening in; its one signed integer impulse out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pipeline.contract.event import SYMMETRIC, Status
from pipeline.metrics.entry import HOUR_US, Entry
from pipeline.metrics.params import HOURS_A_DAY, MICRO, MetricParams

HappeningKey = tuple[str, str, str, str, date]
"""Dyad, source, target, type and day; symmetric types name source and target in alphabetical order."""

_SYMMETRIC = frozenset(kind.value for kind in SYMMETRIC)


class Contribution(NamedTuple):
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
    return (entry.dyad, *ends, entry.type, entry.day)


def counts(entry: Entry, params: MetricParams) -> bool:
    """Tell whether an entry moves a metric: not withdrawn, a fact or a plan, in time."""
    status = entry.status
    told = status is Status.OCCURRED or status is Status.INTENDED
    return told and not entry.retracted and in_time(entry, params)


def in_time(entry: Entry, params: MetricParams) -> bool:
    """Tell whether an event was first reported within the retention after it; others are dropped.

    A property of the entry alone, so that it never depends on what else has come, or when.
    """
    reach = params.retention_d * HOURS_A_DAY
    first = entry.marks[0]
    if first.published_us // HOUR_US - first.bucket <= reach:
        return True
    return any(mark.published_us // HOUR_US - mark.bucket <= reach for mark in entry.marks)


def contribution_of(entries: Sequence[Entry], params: MetricParams) -> Contribution | None:
    """Weigh a happening by its reports; None where no report counts.

    `x = |g| · q · f · w` (docs/explanation/metrics.md): the report that stands for all (a fact before
    a plan, then the surest, the earliest published, the smallest id) gives g, q, the hour and the
    status factor f; `w = min(1 + ln n, cap)` for n independent reports. Of copies of one text only the
    first published may stand for all, so that a copy read more surely changes nothing.
    """
    live = [entry for entry in entries if counts(entry, params)]
    if not live:
        return None
    best, weight = live[0], 1.0
    if len(live) > 1:
        best = min(_firsts(live), key=_rank)
        enough = math.ceil(math.exp(params.story_cap - 1))
        weight = min(1 + math.log(independent(live, enough)), params.story_cap)
    factor = 1.0 if best.status is Status.OCCURRED else params.intended_factor
    mass = round(abs(best.g) * best.q * factor * weight / MICRO)
    return Contribution(
        best.bucket, _direction(best), mass if best.g >= 0 else -mass, best.event_id, best.url
    )


def _rank(entry: Entry) -> tuple[bool, int, int, str]:
    return entry.status is not Status.OCCURRED, -entry.q, entry.published_us, entry.event_id


def _firsts(entries: Sequence[Entry]) -> list[Entry]:
    """The reports of each text as it was published first."""
    first: dict[str, int] = {}
    for entry in entries:
        story = entry.story or entry.event_id
        first[story] = min(entry.published_us, first.get(story, entry.published_us))
    return [entry for entry in entries if entry.published_us == first[entry.story or entry.event_id]]


def independent(entries: Sequence[Entry], enough: int) -> int:
    """Count reports that share neither owner nor text: the largest such set there is, up to `enough`.

    Fifty outlets with one wire report are one. A maximum matching of owners to texts (Kuhn 1955), so that
    one more report never lowers it.
    """
    texts: dict[str, set[str]] = {}
    for entry in entries:
        texts.setdefault(entry.owner, set()).add(entry.story or entry.event_id)
    teller: dict[str, str] = {}

    def settle(owner: str, tried: set[str]) -> bool:
        for text in sorted(texts[owner] - tried):
            tried.add(text)
            if text not in teller or settle(teller[text], tried):
                teller[text] = owner
                return True
        return False

    found = 0
    for owner in sorted(texts):
        found += settle(owner, set())
        if found == enough:
            break
    return found


def _direction(entry: Entry) -> str:
    if entry.type in _SYMMETRIC or entry.source == entry.target:
        return "="
    return ">" if entry.source < entry.target else "<"

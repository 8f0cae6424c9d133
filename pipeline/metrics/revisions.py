"""Entries in; how many changes after the fact reach each tick out."""

from __future__ import annotations

from bisect import bisect_left, insort

from pipeline.metrics.entry import Entry
from pipeline.metrics.params import MetricParams

_Span = tuple[int, int]


class Revisions:
    """Counts late reports, corrections and withdrawals that a tick's values may have been changed by."""

    def __init__(self, params: MetricParams) -> None:
        self._params = params
        self._starts: list[int] = []
        self._ends: list[int] = []

    def change(self, old: Entry | None, new: Entry) -> None:
        """Count an event as it is known now, instead of as it was."""
        for start, end in _spans(old, self._params) if old is not None else ():
            del self._starts[bisect_left(self._starts, start)]
            del self._ends[bisect_left(self._ends, end)]
        for start, end in _spans(new, self._params):
            insort(self._starts, start)
            insort(self._ends, end)

    def at(self, tick: int) -> int:
        """How many reach a tick; never falls as more becomes known."""
        return bisect_left(self._starts, tick) - bisect_left(self._ends, tick)


def _spans(entry: Entry, params: MetricParams) -> list[_Span]:
    """Between which ticks (after, until] each revision of an event is a change after the fact.

    A correction is one wherever any revision may have counted; a first report only at ticks that
    were final when it was published.
    """
    first, last = entry.hours
    until = last + params.retention_h
    ends = [
        until if mark.revision > 1 else min(until, mark.published_hour - params.lateness_h)
        for mark in entry.marks
    ]
    return [(first, end) for end in ends if end > first]

"""Entries in; impulses, marks, digests and revisions by the definitions out: plain loops, slow on purpose.

The first part of a second implementation of docs/explanation/metrics.md; reference.py goes on from here.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.metrics.entry import Entry
from pipeline.metrics.params import MetricParams

HOUR_US = 3_600_000_000
DAY = 24


class Point(NamedTuple):
    """One happening."""

    bucket: int
    mass: int
    """Signed micro Goldstein units."""
    event_id: str
    url: str


@dataclass(frozen=True)
class Event:
    """All revisions of one event, with the newest's content."""

    newest: Entry
    marks: tuple[tuple[int, int, int], ...]

    @property
    def in_time(self) -> list[int]:
        """By how many hours each revision was published after the event."""
        return [published // HOUR_US - bucket for _, published, bucket in self.marks]


class News:
    """What all entries together say."""

    def __init__(self, entries: Iterable[Entry], params: MetricParams) -> None:
        self.params = params
        self.events = _joined(entries)
        published = [mark[1] for event in self.events for mark in event.marks]
        self.first, self.frontier = min(published) // HOUR_US, max(published) // HOUR_US
        self.frontier_us = max(published)
        self.reported = {moment // HOUR_US // DAY for moment in published}
        counted = [e for e in self.events if min(e.in_time) <= params.retention_d * DAY]
        self.seen: dict[str, list[int]] = {}
        for event in counted:
            self.seen.setdefault(event.newest.dyad, []).extend(mark[2] for mark in event.marks)
        self.points: dict[str, list[Point]] = {}
        self._revisions: dict[int, int] = {}
        for dyad, point in _happenings([event.newest for event in counted], params):
            self.points.setdefault(dyad, []).append(point)

    @property
    def tick(self) -> int:
        """The end of the frontier's hour."""
        return self.frontier + 1

    @cached_property
    def midnights(self) -> list[int]:
        """Every one from the end of the first hour with news to the latest tick."""
        return [hour for hour in range(self.first + 1, self.tick + 1) if hour % DAY == 0]

    def present(self, dyad: str, tick: int) -> bool:
        """Whether any report of the dyad, counted or not, lies within the retention."""
        return any(0 < tick - hour <= self.params.retention_d * DAY for hour in self.seen.get(dyad, ()))

    def final(self, tick: int) -> bool:
        """Whether the watermark has passed."""
        return tick <= self.frontier - self.params.lateness_h

    def revision(self, tick: int) -> int:
        """Reports published after the tick was final, and corrections, of days that reach it."""
        if tick not in self._revisions:
            self._revisions[tick] = 0
            for event in self.events:
                days = [bucket // DAY for _, _, bucket in event.marks]
                if min(days) * DAY < tick < max(days) * DAY + DAY + self.params.retention_d * DAY:
                    self._revisions[tick] += sum(
                        revision > 1 or tick <= published // HOUR_US - self.params.lateness_h
                        for revision, published, _ in event.marks
                    )
        return self._revisions[tick]

    def digest(self, tick: int) -> str:
        """sha256 of the days up to the tick's, each by the sha256s of its events."""
        told = (line for day, line in self._lines if day <= (tick - 1) // DAY)
        return hashlib.sha256("".join(told).encode()).hexdigest()

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        """Each day with its line, ascending."""
        days: dict[int, list[bytes]] = {}
        for event in self.events:
            value = [*json.loads(event.newest.dump())[:-1], event.marks]
            dump = json.dumps(value, separators=(",", ":")).encode()
            days.setdefault(event.newest.bucket // DAY, []).append(hashlib.sha256(dump).digest())
        return [
            (day, f"{day} {hashlib.sha256(b''.join(sorted(days[day]))).hexdigest()}\n")
            for day in sorted(days)
        ]


def _joined(entries: Iterable[Entry]) -> list[Event]:
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.dyad, entry.event_id), []).append(entry)
    return [
        Event(
            max(group, key=lambda e: (e.revision, json.dumps(json.loads(e.dump())[:-1]))),
            tuple(sorted({tuple(mark) for e in group for mark in e.marks})),
        )
        for group in groups.values()
    ]


def _independent(reports: list[Entry]) -> int:
    """The most reports of which no two share an owner or a text, by trying every choice."""
    pairs = sorted({(e.owner, e.story or e.event_id) for e in reports})

    def most(left: list[tuple[str, str]]) -> int:
        if not left:
            return 0
        (owner, text), *others = left
        apart = [(o, t) for o, t in others if o != owner and t != text]
        return max(most(others), 1 + most(apart))

    return most(pairs)


def _happenings(newest: list[Entry], params: MetricParams) -> Iterator[tuple[str, Point]]:
    """Weigh the reports of one dyad, direction, type and day together: |g|·q·f·w, rounded once."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for e in newest:
        if not e.retracted and e.status.value in ("occurred", "intended"):
            ends = [e.source, e.target]
            if e.type in ("AGREE", "CONSULT", "COOPERATE"):
                ends.sort()
            groups.setdefault((*ends, e.type, str(e.day)), []).append(e)
    for reports in groups.values():
        firsts = [
            e
            for e in reports
            if not any(e.story and o.story == e.story and o.published_us < e.published_us for o in reports)
        ]
        best = min(firsts, key=lambda e: (e.status.value != "occurred", -e.q, e.published_us, e.event_id))
        weight = min(1 + math.log(_independent(reports)), params.story_cap)
        weight *= 1 if best.status.value == "occurred" else params.intended_factor
        mass = round(abs(best.g) * best.q * weight / 1e6)
        yield best.dyad, Point(best.bucket, mass if best.g >= 0 else -mass, best.event_id, best.url)

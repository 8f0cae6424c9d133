"""Coded events in; what is compared between two codings of one document out, at four levels of detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pipeline.contract.event import QUAD_OF, SYMMETRIC, Quad, Status
from pipeline.evaluation.documents import CodedEvent

Key = tuple[str, ...]
SCORED = frozenset({Status.OCCURRED, Status.INTENDED})
"""Only what moves a metric is counted."""
_COOPERATIVE = (Quad.VCOOP, Quad.MCOOP)


class Level(StrEnum):
    """What of an event must agree, beside its pair of actors."""

    TRIPLE = "triple"
    QUAD = "quad"
    SIGNED = "signed"
    DYAD = "dyad"


def grouped(
    events: Iterable[CodedEvent], level: Level, statuses: frozenset[Status] = SCORED
) -> dict[Key, list[CodedEvent]]:
    """Events by what is compared, lists of actors taken apart to pairs; one actor with itself is no pair.

    Pairs are unordered where the act is the same both ways: symmetric types, verbal cooperation as a
    quad class, and always when only the sign or the pair counts.
    """
    found: dict[Key, list[CodedEvent]] = {}
    for event in events:
        if event.status in statuses:
            for source, target in _pairs(event):
                found.setdefault(_key(event, source, target, level), []).append(event)
    return found


def chosen(events: Iterable[CodedEvent]) -> CodedEvent:
    """Which of several events on one key speaks for it: the first sure one, else the first."""
    told = list(events)
    return next((event for event in told if event.sure), told[0])


def _pairs(event: CodedEvent) -> Iterator[tuple[str, str]]:
    for source in event.source:
        for target in event.target:
            if source != target:
                yield source, target


def _key(event: CodedEvent, source: str, target: str, level: Level) -> Key:
    quad, pair = QUAD_OF[event.type], (source, target)
    either = (min(pair), max(pair))
    if level is Level.DYAD:
        return either
    if level is Level.SIGNED:
        return (*either, "+" if quad in _COOPERATIVE else "-")
    if event.type in SYMMETRIC or (level is Level.QUAD and quad is Quad.VCOOP):
        pair = either
    return (*pair, event.type if level is Level.TRIPLE else quad)

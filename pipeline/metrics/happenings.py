"""Events in; one happening for all the reports of it out, in whatever order and however often they come."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from pipeline.contract.event import Event, EventType, Status
from pipeline.contract.happening import Happening
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.impulse import HappeningKey, happening_of

_RANK = {Status.OCCURRED: 0, Status.INTENDED: 1}
_LAST = 2


def merged(events: Iterable[Event]) -> list[Happening]:
    """Merge the newest versions of events by dyad, direction, type and day; sorted by day and id.

    Raises BadRecordError for a publication time that no tick can follow.
    """
    newest: dict[str, tuple[Entry, Event]] = {}
    versions: dict[str, set[int]] = {}
    for event in events:
        entry = entry_of(event)
        versions.setdefault(event.event_id, set()).add(event.revision)
        known = newest.get(event.event_id)
        if known is None or known[0].join(entry)._content() != known[0]._content():
            newest[event.event_id] = (entry, event)
    groups: dict[HappeningKey, list[Event]] = {}
    for entry, event in newest.values():
        groups.setdefault(happening_of(entry), []).append(event)
    found = [_happening(key, group, versions) for key, group in groups.items()]
    return sorted(found, key=lambda happening: (happening.day, happening.happening_id))


def _happening(key: HappeningKey, events: Sequence[Event], versions: dict[str, set[int]]) -> Happening:
    live = [event for event in events if not event.retracted]
    best = min(
        live or events,
        key=lambda e: (_RANK.get(e.status, _LAST), -e.confidence, e.published_at, e.event_id),
    )
    dyad, source, target, kind, day = key
    return Happening(
        happening_id=hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=16).hexdigest(),
        revision=sum(len(versions[event.event_id]) for event in events),
        dyad=dyad,
        source=source,
        target=target,
        type=EventType(kind),
        day=day,
        status=best.status,
        confidence=best.confidence,
        n_reports=len({event.outlet for event in live}),
        n_articles=len({event.article_id for event in live}),
        first_reported=min(event.published_at for event in live or events),
        last_reported=max(event.published_at for event in live or events),
        retracted=not live,
        best=best,
    )

"""Events in; happenings with their mass, reports and quoted sentence out, as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.contract.record import format_utc
from pipeline.metrics.entry import entry_of
from pipeline.metrics.impulse import HappeningKey, contribution_of, happening_of
from pipeline.metrics.params import MICRO, MetricParams


@dataclass(frozen=True, slots=True)
class Told:
    """One happening: the report that stands for it, all its reports, and the mass it puts on the ledger."""

    day: date
    mass: float
    """Goldstein units, signed; 0 where it moves no number (denied, hypothetical, historical)."""
    best: Event
    outlets: tuple[str, ...]
    articles: int


def happenings(events: Iterable[Event], params: MetricParams) -> list[Told]:
    """Join reports of one happening as the metrics do (dyad, direction, type, day); newest first.

    Retracted reports are left out, and so are events that no tick can follow.
    """
    groups: dict[HappeningKey, list[Event]] = {}
    for event in events:
        if not event.retracted:
            try:
                groups.setdefault(happening_of(entry_of(event)), []).append(event)
            except BadRecordError:
                continue
    told = [_told(key[4], group, params) for key, group in groups.items()]
    return sorted(told, key=lambda t: (t.day, t.best.event_id), reverse=True)


def _told(day: date, group: list[Event], params: MetricParams) -> Told:
    counted = contribution_of([entry_of(event) for event in group], params)
    by_id = {event.event_id: event for event in group}
    best = by_id[counted.event_id] if counted else max(group, key=lambda e: (e.confidence, e.event_id))
    return Told(
        day,
        counted.impulse / MICRO if counted else 0.0,
        best,
        tuple(sorted({event.outlet for event in group})),
        len({event.article_id for event in group}),
    )


def card(told: Told) -> dict[str, Any]:
    """What a page shows of a happening: `source` verbatim from the report, `coded` derived by blocwatch."""
    event = told.best
    return {
        "event_id": event.event_id,
        "dyad": event.dyad,
        "source": {
            "sentence": parts(event),
            "outlet": event.outlet,
            "url": safe_link(event.url),
            "published_at": format_utc(event.published_at),
        },
        "coded": {
            "day": told.day.isoformat(),
            "date_rule": event.date_rule,
            "from": event.source.code,
            "to": event.target.code,
            "type": event.type.value,
            "mode": event.mode,
            "status": event.status.value,
            "goldstein": event.goldstein,
            "confidence": event.confidence,
            "mass": round(told.mass, 3),
            "outlets": list(told.outlets),
            "articles": told.articles,
        },
    }


def parts(event: Event) -> list[list[str]]:
    """Cut the sentence at the spans of source, target and trigger: [text, role] pairs that join up to it.

    Where spans overlap the trigger goes first, then the source; a span outside the sentence is left out.
    """
    evidence, text = event.evidence, event.evidence.sentence
    roles = [""] * len(text)
    spans = (
        ("target", evidence.target_span),
        ("source", evidence.source_span),
        ("trigger", evidence.trigger_span),
    )
    for role, (start, end) in spans:
        for at in range(max(0, start - evidence.sentence_span[0]), end - evidence.sentence_span[0]):
            if at < len(roles):
                roles[at] = role
    cut: list[list[str]] = []
    for letter, role in zip(text, roles, strict=True):
        if cut and cut[-1][1] == role:
            cut[-1][0] += letter
        else:
            cut.append([letter, role])
    return cut


def safe_link(url: str) -> str | None:
    """Return the address where it is http or https with a host, else None.

    >>> safe_link("javascript:alert(1)"), safe_link("https://example.org/a")
    (None, 'https://example.org/a')
    """
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    return url if split.scheme in {"http", "https"} and split.netloc else None

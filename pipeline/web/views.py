"""The read model in; what each page shows, as JSON-ready values, out. Everything here is pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from pipeline.contract.event import Event, dyad_of
from pipeline.contract.metric import CoalitionMetric, DyadMetric
from pipeline.contract.record import format_utc
from pipeline.web import wording
from pipeline.web.curves import curve
from pipeline.web.desk import Desk, named, stamp
from pipeline.web.evidence import Told, card, happenings
from pipeline.web.readmodel import Day
from pipeline.web.series import index_interval, move, ordered, turning_points

_SHOWN = 60
"""Happenings that one answer lists at most."""


def overview(desk: Desk) -> dict[str, Any]:
    """Every coalition: index, changes, interval, why it moved, its series; most news first."""
    metrics = sorted(desk.sight.metrics.values(), key=lambda m: (m.prior_share, m.coalition))
    return {**stamp(desk), "coalitions": [_summary(desk, metric) for metric in metrics]}


def coalition(desk: Desk, name: str, at: date | None = None) -> dict[str, Any] | None:
    """One coalition: summary, matrix of ties, series, drift, shape, and the events behind `at`."""
    metric = desk.sight.metrics.get(name)
    if metric is None:
        return None
    days = ordered(desk.sight.days.get(name, {}))
    shape = metric.shape
    until = at or metric.as_of.date()
    inside = {dyad_of(*pair) for pair in combinations(metric.members, 2)}
    told = _behind(desk, inside, until)
    point = next((day for day in days if day.as_of.date() == until), None)
    drift = sorted(
        (d for d in desk.model.drift.values() if d.coalition == name), key=lambda d: (-d.drift, d.state)
    )
    return {
        **stamp(desk),
        **_summary(desk, metric),
        "members": [named(desk, code) for code in metric.members],
        "matrix": _matrix(desk, metric),
        "opposition": metric.opposition,
        "opposition_ci90": metric.opposition_ci90,
        "frustration": metric.frustration,
        "polarisation": metric.polarisation,
        "density": metric.density,
        "observed": [metric.dyads_observed, metric.dyads_possible],
        "agreement": shape.partition_agreement if shape else None,
        "agreement_words": wording.agreement(shape.partition_agreement if shape else None),
        "placebo": shape.placebo_percentile if shape else None,
        "placebo_words": wording.placebo(shape.placebo_percentile if shape else None),
        "full_series": [_row(day) for day in days],
        "drift": [
            {
                **named(desk, d.state), "drift": d.drift, "ci90": d.ci90, "candidate": d.candidate,
                "days_above": d.days_above, "prior_share": d.prior_share, "n_eff": d.n_eff,
            }
            for d in drift
        ],
        "at": until.isoformat(),
        "at_drivers": [
            {"dyad": dyad, "name": wording.pair(dyad, desk.name), "part": part}
            for dyad, part in (point.drivers if point else ())
        ],
        "at_change": point.change if point else None,
        "happenings": [card(t) for t in told[:_SHOWN]],
        "happenings_total": len(told),
    }  # fmt: skip


def dyad(desk: Desk, one: str, other: str, at: date | None = None) -> dict[str, Any] | None:
    """Two actors: cooperation and conflict apart, tie, affinity, alerts, and the events behind `at`."""
    key = dyad_of(one, other)
    metric = desk.sight.dyads.get(key)
    everything = list(desk.model.events_of((key,)))
    if metric is None and not everything:
        return None
    told = happenings(everything, desk.params)
    end = _today(desk, told)
    until = at or end
    behind = _recent(told, until, desk.evidence_d)
    alerts = sorted(
        (a for a in desk.model.alerts.values() if a.subject == key), key=lambda a: a.as_of, reverse=True
    )
    return {
        **stamp(desk),
        "dyad": key,
        "actors": [named(desk, code) for code in key.split("|")],
        "title": wording.pair(key, desk.name),
        "metric": _dyad_metric(metric) if metric else None,
        "series": curve(told, end, desk.look, desk.params),
        "alerts": [
            {"kind": a.kind.value, "as_of": format_utc(a.as_of), "value": a.value, "threshold": a.threshold}
            for a in alerts[:40]
        ],
        "alerts_total": len(alerts),
        "coalitions": sorted(
            m.coalition for m in desk.sight.metrics.values() if set(key.split("|")) <= set(m.members)
        ),
        "at": until.isoformat(),
        "happenings": [card(t) for t in behind[:_SHOWN]],
        "happenings_total": len(behind),
        "known_total": len(told),
    }


def _summary(desk: Desk, metric: CoalitionMetric) -> dict[str, Any]:
    days = ordered(desk.sight.days.get(metric.coalition, {}))
    last = days[-1] if days else None
    interval = index_interval(last) if last else None
    inside = {dyad_of(*pair) for pair in combinations(metric.members, 2)}
    moves, reasons = {}, {}
    for span in (1, 7, 30):
        moved = move(days, span)
        moves[str(span)] = moved.index if moved else None
        if moved and last:
            told = happenings(
                (e for e in desk.model.events_of(inside) if _within(e, moved.since)), desk.params
            )
            news: dict[str, int] = {}
            for t in told:
                if t.mass and moved.since.date() <= t.day:
                    news[t.best.dyad] = news.get(t.best.dyad, 0) + 1
            reasons[str(span)] = wording.why(span, moved.cohesion, moved.parts, news, desk.name)
    return {
        "name": metric.coalition,
        "title": desk.titles.get(metric.coalition, metric.coalition),
        "rival": metric.rival,
        "index": last.index if last else None,
        "index_ci90": interval,
        "index_from": metric.index.baseline_from.date().isoformat() if metric.index else None,
        "index_until": metric.index.baseline_until.date().isoformat() if metric.index else None,
        "equal_weights": metric.capability == "equal",
        "changes": moves,
        "why": reasons,
        "cohesion": metric.cohesion,
        "cohesion_ci90": metric.ci90,
        "prior_share": metric.prior_share,
        "prior_words": wording.prior_note(metric.prior_share),
        "membership_words": wording.membership(_baseline_members(metric, days), len(metric.members)),
        "n_events": metric.n_events,
        "final": metric.final,
        "series_as_of": format_utc(last.as_of) if last else None,
        "spec_version": metric.spec_version,
        "ledger_digest": metric.ledger_digest,
        "series": [[int(d.as_of.timestamp()), d.index] for d in days if d.index is not None],
        "turning_points": [_turn(desk, day) for day in turning_points(days)],
    }


def _baseline_members(metric: CoalitionMetric, days: list[Day]) -> int | None:
    if metric.index is None:
        return None
    end = metric.index.baseline_until
    return next((day.members for day in reversed(days) if day.as_of <= end), None)


def _within(event: Event, since: datetime) -> bool:
    day = event.occurred_on or event.published_at.date()
    return day >= since.date()


def _turn(desk: Desk, day: Day) -> dict[str, Any]:
    lead = day.drivers[0] if day.drivers else None
    text = f"cohesion {wording.signed(day.change or 0)}"
    quote = None
    if lead:
        text = f"{wording.pair(lead[0], desk.name)}: {text}"
        near = desk.model.events_of((lead[0],))
        told = [
            t
            for t in happenings(near, desk.params)
            if timedelta(0) <= day.as_of.date() - t.day <= timedelta(days=2)
        ]
        quote = (
            max(told, key=lambda t: (abs(t.mass), t.best.event_id)).best.evidence.sentence if told else None
        )
    return {
        "t": int(day.as_of.timestamp()), "day": day.as_of.date().isoformat(), "index": day.index,
        "cohesion": day.cohesion, "text": text, "quote": quote, "dyad": lead[0] if lead else None,
    }  # fmt: skip


def _matrix(desk: Desk, metric: CoalitionMetric) -> dict[str, Any]:
    """Members sorted by their mean tie inside, closest first; a cell per pair."""
    ties = {d: desk.sight.dyads.get(d) for d in (dyad_of(*p) for p in combinations(metric.members, 2))}
    mean = dict.fromkeys(metric.members, 0.0)
    for key, row in ties.items():
        for code in key.split("|"):
            mean[code] += row.tie if row else 0.0
    order = sorted(metric.members, key=lambda code: (-mean[code], code))
    cells = {
        key: {"tie": row.tie, "ci90": row.tie_ci90, "n_events": row.n_events, "prior_share": row.prior_share}
        for key, row in ties.items()
        if row is not None and row.n_events
    }
    return {"order": [named(desk, code) for code in order], "cells": cells}


def _dyad_metric(metric: DyadMetric) -> dict[str, Any]:
    fields = {
        "tie", "tie_ci90", "tone", "ci90", "affinity", "coop", "conflict", "net", "n_eff", "n_events",
        "prior_share", "momentum", "surge_z", "surge_coop", "surge_conflict", "final",
    }  # fmt: skip
    return {
        **metric.model_dump(mode="json", include=fields),
        "prior_words": wording.prior_note(metric.prior_share),
    }


def _behind(desk: Desk, dyads: set[str], until: date) -> list[Told]:
    """Happenings of these dyads that can matter on a day, newest first."""
    told = happenings(desk.model.events_of(sorted(dyads)), desk.params)
    return _recent(told, until, desk.evidence_d)


def _recent(told: list[Told], until: date, days: int) -> list[Told]:
    return [t for t in told if timedelta(0) <= until - t.day <= timedelta(days=days)]


def _row(day: Day) -> dict[str, Any]:
    interval = index_interval(day)
    return {
        "t": int(day.as_of.timestamp()), "day": day.as_of.date().isoformat(), "index": day.index,
        "index_low": interval[0] if interval else None, "index_high": interval[1] if interval else None,
        "cohesion": day.cohesion, "cohesion_low": day.low, "cohesion_high": day.high,
        "opposition": day.opposition, "frustration": day.frustration,
        "prior_share": day.prior_share, "n_events": day.n_events, "final": day.final,
    }  # fmt: skip


def _today(desk: Desk, told: list[Told]) -> date:
    ends = [m.as_of.date() for m in desk.sight.metrics.values()]
    ends += [c.tick.date() for c in desk.model.clock.values()]
    return max(ends) if ends else max(t.day for t in told)

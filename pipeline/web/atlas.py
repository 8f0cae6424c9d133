"""The read model in; the signed network and the world by alignment with a bloc out, JSON-ready."""

from __future__ import annotations

from typing import Any

from pipeline.contract.metric import DyadMetric
from pipeline.web import wording
from pipeline.web.desk import Desk, coalitions, named, stamp
from pipeline.web.layout import place

_EDGES = 220
"""Ties that the network draws at most, strongest first."""


def network(desk: Desk) -> dict[str, Any]:
    """All ties with news as a signed network, each state where it stood before."""
    seen = [d for d in desk.model.dyads.values() if d.n_events and d.dyad.count("|") == 1]
    seen = [d for d in seen if len(set(d.dyad.split("|"))) == 2]
    strongest = sorted(seen, key=lambda d: (-abs(d.tie), d.dyad))[:_EDGES]
    ties = {(d.dyad.split("|")[0], d.dyad.split("|")[1]): d.tie for d in strongest}
    desk.places = place(ties, desk.places)
    return {
        **stamp(desk),
        "nodes": [{**named(desk, code), "x": x, "y": y} for code, (x, y) in desk.places.items()],
        "edges": [
            {"dyad": d.dyad, "tie": d.tie, "ci90": d.tie_ci90, "n_events": d.n_events,
             "prior_share": d.prior_share, "name": wording.pair(d.dyad, desk.name)}
            for d in strongest
        ],
        "left_out": len(seen) - len(strongest),
        "coalitions": coalitions(desk),
    }  # fmt: skip


def alignment(desk: Desk, bloc: str) -> dict[str, Any] | None:
    """Each state's mean tie with the members of a coalition; pairs without news count as 0."""
    metric = desk.model.metrics.get(bloc)
    if metric is None:
        return None
    members = set(metric.members)
    sums: dict[str, list[DyadMetric]] = {}
    for row in desk.model.dyads.values():
        for state, other in (row.dyad.split("|"), row.dyad.split("|")[::-1]):
            if other in members and state != other and row.n_events:
                sums.setdefault(state, []).append(row)
    states = []
    for state, rows in sorted(sums.items()):
        drift = desk.model.drift.get(f"{bloc}|{state}")
        others = len(members - {state})
        states.append(
            {**named(desk, state), "tie": sum(r.tie for r in rows) / others, "pairs": len(rows),
             "of": others, "n_events": sum(r.n_events for r in rows), "member": state in members,
             "drift": drift.drift if drift else None, "drift_ci90": drift.ci90 if drift else None}
        )  # fmt: skip
    return {
        **stamp(desk),
        "bloc": bloc,
        "title": desk.titles.get(bloc, bloc),
        "members": list(metric.members),
        "states": sorted(states, key=lambda s: (-s["tie"], s["code"])),
        "coalitions": coalitions(desk),
    }

"""The read model in; the signed network, blocs found in it, and the world by alignment out, JSON-ready."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from pipeline.contract.event import dyad_of
from pipeline.contract.metric import DyadMetric
from pipeline.contract.record import format_utc
from pipeline.contract.signal import Bloc
from pipeline.web import wording
from pipeline.web.desk import Desk, coalitions, named, stamp
from pipeline.web.layout import place

_PLACED = 220
"""Ties that states are placed by, strongest first."""
SHOWN = 60
"""Ties that are drawn where nobody asks for more or fewer."""


def network(desk: Desk, most: int = SHOWN, focus: str | None = None) -> dict[str, Any]:
    """The strongest ties with news as a signed network, or all of one state's; each state where it stood."""
    seen = [d for d in desk.sight.dyads.values() if d.n_events and len(set(d.dyad.split("|"))) == 2]
    strongest = sorted(seen, key=lambda d: (-abs(d.tie), d.dyad))
    own = [d for d in strongest if focus in d.dyad.split("|")]
    placing = [*strongest[:_PLACED], *own]
    ties = {(d.dyad.split("|")[0], d.dyad.split("|")[1]): d.tie for d in placing}
    desk.places.update(place(ties, desk.places))
    shown = own if focus else [d for d in strongest if set(d.dyad.split("|")) <= desk.places.keys()][:most]
    named_in = sorted({code for d in shown for code in d.dyad.split("|")})
    return {
        **stamp(desk),
        "most": most,
        "focus": named(desk, focus) if focus else None,
        "nodes": [
            {**named(desk, code), "x": desk.places[code][0], "y": desk.places[code][1]} for code in named_in
        ],
        "edges": [
            {"dyad": d.dyad, "tie": d.tie, "ci90": d.tie_ci90, "n_events": d.n_events,
             "prior_share": d.prior_share, "name": wording.pair(d.dyad, desk.name)}
            for d in shown
        ],
        "left_out": len(seen) - len(shown),
        "states": [named(desk, code) for code in sorted({c for d in seen for c in d.dyad.split("|")})],
        "groups": [*coalitions(desk), *(_found(bloc) for bloc in _largest(desk))],
    }  # fmt: skip


def blocs(desk: Desk) -> dict[str, Any]:
    """Groups that ties alone show, largest first: members, cohesion, and the declared coalitions nearest.

    They are found in the slowest view, so their ties are shown in it, whichever was chosen.
    """
    slow = desk.through(desk.params.views[desk.params.slowest].name)
    seen, declared = slow if slow.sight.dyads else desk, coalitions(desk)
    found = [_bloc(seen, bloc, declared) for bloc in _largest(desk)]
    return {**stamp(desk), "ties_words": wording.view(seen.look), "blocs": found}


def _largest(desk: Desk) -> list[Bloc]:
    return sorted(desk.model.blocs.values(), key=lambda b: (-len(b.members), b.label))


def _found(bloc: Bloc) -> dict[str, Any]:
    return {"name": bloc.label, "title": f"found: {bloc.label}", "members": list(bloc.members)}


def _bloc(desk: Desk, bloc: Bloc, declared: list[dict[str, Any]]) -> dict[str, Any]:
    inside = [desk.sight.dyads.get(dyad_of(*pair)) for pair in combinations(bloc.members, 2)]
    told = sorted((d for d in inside if d and d.n_events), key=lambda d: (-d.tie, d.dyad))
    shared = {c["name"]: len(set(c["members"]) & set(bloc.members)) for c in declared}
    return {
        "label": bloc.label,
        "members": [named(desk, code) for code in bloc.members],
        "size": len(bloc.members),
        "cohesion": bloc.cohesion,
        "ci90": bloc.ci90,
        "since": format_utc(bloc.since),
        "as_of": format_utc(bloc.as_of),
        "n_eff": bloc.n_eff,
        "prior_share": bloc.prior_share,
        "prior_words": wording.prior_note(bloc.prior_share),
        "ledger_digest": bloc.ledger_digest,
        "pairs": [len(told), len(inside)],
        "ties": [
            {"dyad": d.dyad, "name": wording.pair(d.dyad, desk.name), "tie": d.tie, "ci90": d.tie_ci90,
             "n_events": d.n_events}
            for d in told[:8]
        ],
        "declared": [
            {"name": c["name"], "title": c["title"], "shared": shared[c["name"]], "of": len(c["members"])}
            for c in sorted(declared, key=lambda c: (-shared[c["name"]] / len(c["members"]), c["name"]))
            if shared[c["name"]] > 1
        ][:3],
    }  # fmt: skip


def alignment(desk: Desk, bloc: str) -> dict[str, Any] | None:
    """Each state's mean tie with the members of a coalition; pairs without news count as 0."""
    metric = desk.sight.metrics.get(bloc)
    if metric is None:
        return None
    members = set(metric.members)
    sums: dict[str, list[DyadMetric]] = {}
    for row in desk.sight.dyads.values():
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

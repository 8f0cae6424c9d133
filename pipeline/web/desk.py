"""What every view is computed from: the read model, names, places; and what every answer carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.contract.record import format_utc
from pipeline.metrics.params import MetricParams
from pipeline.web.layout import Place
from pipeline.web.readmodel import ReadModel


@dataclass(slots=True)
class Desk:
    """The read model, the names of actors and coalitions, and where states stand in the network."""

    model: ReadModel
    names: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    params: MetricParams = field(default_factory=MetricParams)
    """What a happening weighs."""

    def name(self, code: str) -> str:
        """The actor's name, or its code where none is known."""
        return self.names.get(code, code)


def named(desk: Desk, code: str) -> dict[str, str]:
    """An actor's code and name."""
    return {"code": code, "name": desk.name(code)}


def coalitions(desk: Desk) -> list[dict[str, Any]]:
    """Name, title and members of every coalition, to choose from."""
    rows = sorted(desk.model.metrics.values(), key=lambda m: m.coalition)
    return [
        {"name": m.coalition, "title": desk.titles.get(m.coalition, m.coalition), "members": list(m.members)}
        for m in rows
    ]


def stamp(desk: Desk) -> dict[str, Any]:
    """How fresh all of it is."""
    clocks = sorted(desk.model.clock.values(), key=lambda c: c.tick)
    last = clocks[-1] if clocks else None
    return {
        "tick": format_utc(last.tick) if last else None,
        "watermark": format_utc(last.watermark) if last else None,
        "events_known": len(desk.model.events),
        "events_dropped": desk.model.dropped,
    }

"""What every view is computed from: the read model, names, places; and what every answer carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.contract.record import format_utc
from pipeline.metrics.params import HOURS_A_DAY, MetricParams, View
from pipeline.web import wording
from pipeline.web.layout import Place
from pipeline.web.readmodel import HEADLINE, ReadModel, Sight


@dataclass(slots=True)
class Desk:
    """The read model, the names of actors and coalitions, and where states stand in the network."""

    model: ReadModel
    names: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    params: MetricParams = field(default_factory=MetricParams)
    """What a happening weighs, and which views there are."""
    view: str = HEADLINE
    """Whose numbers are shown."""

    def name(self, code: str) -> str:
        """The actor's name, or its code where none is known."""
        return self.names.get(code, code)

    def through(self, view: str | None) -> Desk:
        """The same desk, with the numbers of another view. Raises KeyError where there is no such view."""
        if view is not None and view not in {known.name for known in self.params.views}:
            raise KeyError(view)
        return replace(self, view=view or self.view)

    @property
    def sight(self) -> Sight:
        """What the view shows."""
        return self.model.sight(self.view)

    @property
    def look(self) -> View:
        """How far the view looks back; the headline where it is none of the configured."""
        views = self.params.views
        return next((view for view in views if view.name == self.view), views[self.params.headline])

    @property
    def evidence_d(self) -> int:
        """Days within which a happening can matter much: the window, or three half-lives."""
        look = self.look
        return 3 * look.half_life_h // HOURS_A_DAY if look.half_life_h else look.reach_h // HOURS_A_DAY


def named(desk: Desk, code: str) -> dict[str, str]:
    """An actor's code and name."""
    return {"code": code, "name": desk.name(code)}


def coalitions(desk: Desk) -> list[dict[str, Any]]:
    """Name, title and members of every coalition, to choose from."""
    rows = sorted(desk.sight.metrics.values(), key=lambda m: m.coalition)
    return [
        {"name": m.coalition, "title": desk.titles.get(m.coalition, m.coalition), "members": list(m.members)}
        for m in rows
    ]


def stamp(desk: Desk) -> dict[str, Any]:
    """How fresh all of it is, by which view, and which others there are."""
    clocks = sorted(desk.model.clock.values(), key=lambda c: c.tick)
    last = clocks[-1] if clocks else None
    known = [view for view in desk.params.views if view.name in desk.model.sights]
    return {
        "tick": format_utc(last.tick) if last else None,
        "watermark": format_utc(last.watermark) if last else None,
        "events_known": len(desk.model.events),
        "events_dropped": desk.model.dropped,
        "view": desk.view,
        "view_words": wording.view(desk.look),
        "evidence_days": desk.evidence_d,
        "views": [{"name": view.name, "words": wording.view(view)} for view in known],
    }

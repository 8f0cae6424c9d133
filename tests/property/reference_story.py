"""The definitions' story of all days beside the engine's records of them: what comparisons take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from pipeline.metrics.aggregate import Outputs
from pipeline.metrics.frame import Frame
from pipeline.metrics.params import View
from pipeline.ontology.coalition import Coalition
from tests.property import reference_camps as camps
from tests.property.reference import World
from tests.property.reference_camps import Camp
from tests.property.reference_news import News

Found = Mapping[str, object]
Shape = tuple[dict[str, float | None], tuple[float, float] | None]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(tick: int) -> datetime:
    """The aware moment of an hour."""
    return EPOCH + timedelta(hours=tick)


class Story:
    """What the definitions make of all news, day after day."""

    def __init__(self, news: News, groups: Sequence[Coalition]) -> None:
        self.news, self.groups = news, groups
        self._by_name = {group.name: group for group in groups}
        self._worlds: dict[int, World] = {}
        self._told: dict[tuple[str, int], bool] = {}
        self._outsiders: dict[tuple[str, int], dict[str, dict[str, object]]] = {}
        self._shapes: dict[tuple[str, int], Shape] = {}
        self._strength: dict[tuple[str, int, str], float] = {}
        self._strengths: dict[tuple[str, str], list[tuple[int, float]]] = {}

    def world(self, tick: int) -> World:
        if tick not in self._worlds:
            self._worlds[tick] = World(self.news, tick)
        return self._worlds[tick]

    def group(self, name: str) -> Coalition:
        return self._by_name[name]

    def sides(self, name: str, tick: int) -> tuple[Camp, Camp]:
        """The coalition's members and its rival's on a tick's date."""
        group = self._by_name[name]
        rival = None if group.rival is None else self._by_name.get(group.rival)
        return camps.camp(group, tick), camps.camp(rival, tick)

    def outsiders(self, name: str, tick: int) -> dict[str, dict[str, object]]:
        if (name, tick) not in self._outsiders:
            self._outsiders[name, tick] = camps.outsiders(self.world(tick), *self.sides(name, tick))
        return self._outsiders[name, tick]

    def shape(self, name: str, tick: int) -> Shape:
        """Balance and agreement, and the placebo."""
        if (name, tick) not in self._shapes:
            world, (own, rival) = self.world(tick), self.sides(name, tick)
            self._shapes[name, tick] = camps.shape(world, own, rival), camps.placebo(world, own)
        return self._shapes[name, tick]

    def told(self, name: str, tick: int) -> bool:
        if (name, tick) not in self._told:
            own, rival = self.sides(name, tick)
            pairs = {*camps.within(own), *camps.across(own, rival)}
            self._told[name, tick] = any(self.news.present(pair, tick) for pair in pairs)
        return self._told[name, tick]

    def strength(self, name: str, tick: int, view: View) -> float:
        key = (name, tick, view.name)
        if key not in self._strength:
            self._strength[key] = camps.strength(self.world(tick), self.sides(name, tick)[0], view)
        return self._strength[key]

    def strengths(self, name: str, view: View) -> list[tuple[int, float]]:
        """The midnights with a row, each with its strength."""
        if (name, view.name) not in self._strengths:
            self._strengths[name, view.name] = [
                (tick, self.strength(name, tick, view))
                for tick in self.news.midnights
                if self.told(name, tick)
            ]
        return self._strengths[name, view.name]

    @cached_property
    def standings(self) -> tuple[dict[tuple[str, str], tuple[int, int | None]], dict[str, Found]]:
        """Days above and since when a candidate, by outsider; and the alerts of those that became one."""
        rows: dict[tuple[str, str], tuple[int, int | None]] = {}
        alerts: dict[str, Found] = {}
        for tick in self.news.midnights:
            for coalition in self.groups:
                if not self.told(coalition.name, tick):
                    continue
                found = self.outsiders(coalition.name, tick)
                for state, values in found.items():
                    days, since = rows.get((coalition.name, state), (0, None))
                    value, low = values["drift"], values["ci90"][0]
                    days = days + 1 if value > 0.2 and low > 0 else 0
                    if since is not None and value < 0.1:
                        days, since = 0, None
                    elif since is None and days >= 14:
                        since = tick
                        subject = f"{coalition.name}|{state}"
                        parts = {k: v for k, v in values.items() if k != "drift"}
                        alerts[f"drift|{subject}|{moment(tick):%Y-%m-%d}"] = {
                            **parts, "value": value, "threshold": 0.2, "subject": subject
                        }  # fmt: skip
                    rows[coalition.name, state] = days, since
        return rows, alerts


@dataclass(frozen=True)
class Run:
    """One set of news through both."""

    story: Story
    frame: Frame
    outputs: Outputs

    @property
    def news(self) -> News:
        return self.story.news

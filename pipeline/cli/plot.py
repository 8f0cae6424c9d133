"""Metric history and events in; an annotated picture out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline.contract.event import Event, Status
from pipeline.contract.metric import CoalitionMetric

# Okabe and Ito's palette, safe for colour-blind readers; the first is for the coalition in question.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


@dataclass(frozen=True, slots=True)
class Turn:
    """A day on which a series moved much, and what was reported then."""

    at: datetime
    value: float
    words: str


def draw(
    history: Sequence[CoalitionMetric], events: Sequence[Event], names: Sequence[str], path: Path
) -> None:
    """Draw the cohesion of each named coalition, the first with its 90 % interval, its turning points and,
    below, its opposition to its rival. `history` is of one view."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (upper, lower) = plt.subplots(2, 1, figsize=(12, 8), sharex=True, height_ratios=(2.4, 1))
    series = {
        name: sorted((r for r in history if r.coalition == name), key=lambda r: r.as_of) for name in names
    }
    for colour, (name, rows) in zip(COLOURS, series.items(), strict=False):
        times = [row.as_of for row in rows]
        main = name == names[0]
        upper.plot(times, [row.cohesion for row in rows], color=colour, lw=2.2 if main else 1.1, label=name)
    rows = series[names[0]]
    if rows:
        _main_series(upper, lower, rows, events)
    view = rows[0].view if rows else "no data"
    upper.set_title(f"How strongly coalitions hold together in the sample feeds ({view})")
    upper.set_ylabel("cohesion: mean tie among members")
    lower.set_ylabel("opposition")
    for axis in (upper, lower):
        axis.axhline(0, color="#888888", linewidth=0.7)
        axis.grid(alpha=0.25)
        axis.legend(loc="lower left", frameon=False, ncols=6)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def turning_points(
    rows: Sequence[CoalitionMetric], events: Sequence[Event], most: int = 8, apart_d: int = 60
) -> list[Turn]:
    """Find the largest daily moves of cohesion, at least `apart_d` days apart, and name what was reported."""
    daily = {row.as_of.date(): row for row in rows}
    moves = sorted(
        (
            (abs(daily[after].cohesion - daily[before].cohesion), after)
            for before, after in pairwise(sorted(daily))
        ),
        reverse=True,
    )
    turns: list[Turn] = []
    for size, day in moves:
        if len(turns) == most or size < 0.005:
            break
        words = _reported(day, events, set(daily[day].members))
        if words and all(abs((turn.at.date() - day).days) >= apart_d for turn in turns):
            turns.append(Turn(daily[day].as_of, daily[day].cohesion, f"{words}\n{day:%d %b %Y}"))
    return sorted(turns, key=lambda turn: turn.at)


def _main_series(upper: Any, lower: Any, rows: Sequence[CoalitionMetric], events: Sequence[Event]) -> None:
    times = [row.as_of for row in rows]
    low, high = [row.ci90[0] for row in rows], [row.ci90[1] for row in rows]
    label = f"90 % interval of {rows[0].coalition}"
    upper.fill_between(times, low, high, color=COLOURS[0], alpha=0.12, lw=0, label=label)
    for number, turn in enumerate(turning_points(rows, events)):
        upper.annotate(
            turn.words,
            (turn.at, turn.value),
            xytext=(0, 38 + 30 * (number % 3)),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            arrowprops={"arrowstyle": "-", "color": "#555555", "lw": 0.8},
        )
    against = [(row.as_of, row.opposition) for row in rows if row.opposition is not None]
    if against:
        name = f"{rows[0].coalition} to {rows[0].rival}: minus mean tie across"
        lower.plot(*zip(*against, strict=True), color=COLOURS[0], lw=1.4, label=name)


def _reported(day: date, events: Sequence[Event], members: set[str]) -> str | None:
    near = [
        event
        for event in events
        if {event.source.code, event.target.code} <= members
        and event.status in (Status.OCCURRED, Status.INTENDED)
        and timedelta(0) <= day - event.published_at.date() <= timedelta(days=1)
    ]
    if not near:
        return None
    top = max(near, key=lambda event: (abs(event.goldstein) * event.confidence, event.event_id))
    return f"{top.source.code} {'and' if top.symmetric else 'to'} {top.target.code}: {top.type.lower()}"

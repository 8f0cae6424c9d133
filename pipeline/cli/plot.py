"""Metric history and events in; an annotated picture out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.contract.event import Event, Status
from pipeline.contract.metric import CoalitionMetric

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
)  # Okabe and Ito's palette, safe for colour-blind readers


@dataclass(frozen=True, slots=True)
class Turn:
    """A day on which a series moved much, and what was reported then."""

    at: datetime
    value: float
    words: str


def draw(
    history: Sequence[CoalitionMetric], events: Sequence[Event], names: Sequence[str], path: Path
) -> None:
    """Draw cohesion with its 90 % interval, and opposition, of each named coalition, turning points marked."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (upper, lower) = plt.subplots(2, 1, figsize=(12, 8.2), sharex=True, height_ratios=(2.2, 1))
    for colour, name in zip(COLOURS, names, strict=False):
        rows = sorted((r for r in history if r.coalition == name), key=lambda r: r.as_of)
        if not rows:
            continue
        times = [row.as_of for row in rows]
        upper.plot(times, [row.cohesion for row in rows], color=colour, linewidth=1.6, label=name)
        upper.fill_between(
            times, [r.ci90[0] for r in rows], [r.ci90[1] for r in rows], color=colour, alpha=0.14, lw=0
        )
        against = [(row.as_of, row.opposition) for row in rows if row.opposition is not None]
        if against:
            lower.plot(
                *zip(*against, strict=True), color=colour, linewidth=1.4, label=f"{name} to {rows[0].rival}"
            )
        if name == names[0]:
            _annotate(upper, turning_points(rows, events, set(rows[-1].members)), colour)
    upper.set_ylabel("cohesion (mean tone within)")
    upper.set_title(
        f"How strongly coalitions hold together in the sample feeds ({_view(history)}, 90 % interval)"
    )
    lower.set_ylabel("opposition (minus mean tone across)")
    for axis in (upper, lower):
        axis.axhline(0, color="#888888", linewidth=0.7)
        axis.grid(alpha=0.25)
        axis.legend(loc="lower left", frameon=False, ncols=4)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def turning_points(
    rows: Sequence[CoalitionMetric],
    events: Sequence[Event],
    members: set[str],
    most: int = 6,
    apart_d: int = 75,
) -> list[Turn]:
    """Find the largest daily moves of cohesion, at least `apart_d` days from each other, and name what was reported."""
    daily = {row.as_of.date(): row for row in rows}
    days = sorted(daily)
    moves = sorted(
        ((abs(daily[b].cohesion - daily[a].cohesion), b) for a, b in zip(days, days[1:], strict=False)),
        reverse=True,
    )
    turns: list[Turn] = []
    for size, day in moves:
        if len(turns) == most or size < 0.01:
            break
        if all(abs((turn.at.date() - day).days) >= apart_d for turn in turns):
            words = _reported(day, events, members)
            if words:
                turns.append(Turn(daily[day].as_of, daily[day].cohesion, f"{words}\n{day:%d %b %Y}"))
    return sorted(turns, key=lambda turn: turn.at)


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
    joint = "–" if top.symmetric else "→"
    return f"{top.source.code}{joint}{top.target.code} {top.type.lower()}"


def _annotate(axis: object, turns: Sequence[Turn], colour: str) -> None:
    for index, turn in enumerate(turns):
        axis.annotate(  # type: ignore[attr-defined]  # matplotlib is imported late, for a fast --help
            turn.words,
            (turn.at, turn.value),
            xytext=(0, 30 + 22 * (index % 2)),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=colour,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8},
        )


def _view(history: Sequence[CoalitionMetric]) -> str:
    return history[0].view if history else "no data"

"""Records of a compacted topic in, one at a time; out comes a table that stays in place, a line a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.metric import CoalitionMetric, DyadMetric

HEADLINE = "ewm30d"
_LINES = 40
_A_SECOND = 4.0

Cells = tuple[str, ...]
HEADS: dict[str, Cells] = {
    "metrics": ("coalition", "cohesion", "90 % interval", "opposition", "events", "as of", ""),
    "dyads": ("dyad", "tie", "90 % interval", "tone", "events", "as of", ""),
}
"""Columns by what is watched; the last tells whether the watermark has passed."""


@dataclass(slots=True)
class Board:
    """The newest row of each key, of the headline view."""

    what: str
    rows: dict[bytes, tuple[float, Cells]] = field(default_factory=dict)
    """By key: how to sort, greatest first, and the cells."""

    def take(self, key: bytes, value: bytes) -> None:
        """Take in one record; an empty value deletes. Raises BadRecordError for one that cannot be read."""
        if not value:
            self.rows.pop(key, None)
            return
        if self.what == "metrics":
            metric = decode(CoalitionMetric, value)
            if metric.view == HEADLINE:
                opposition = "–" if metric.opposition is None else f"{metric.opposition:+.3f}"
                numbers = (f"{metric.cohesion:+.3f}", _interval(metric.ci90), opposition)
                self.rows[key] = (
                    metric.n_events,
                    (metric.coalition, *numbers, str(metric.n_events), *_when(metric)),
                )
            return
        dyad = decode(DyadMetric, value)
        if dyad.view == HEADLINE:
            numbers = (f"{dyad.tie:+.3f}", _interval(dyad.tie_ci90), f"{dyad.tone:+.3f}")
            self.rows[key] = (dyad.n_events, (dyad.dyad, *numbers, str(dyad.n_events), *_when(dyad)))

    def table(self) -> Table:
        """Those with most events first."""
        table = Table(title=f"{self.what}, half-life 30 days (Ctrl-C ends)", title_justify="left")
        for head in HEADS[self.what]:
            table.add_column(head, justify="left" if head in ("coalition", "dyad", "") else "right")
        ranked = sorted(self.rows.items(), key=lambda item: (-item[1][0], item[1][1]))
        for _, (_, cells) in ranked[:_LINES]:
            table.add_row(*cells)
        if len(ranked) > _LINES:
            table.caption = f"and {len(ranked) - _LINES} more"
        return table


def follow(
    what: str, records: Iterable[tuple[bytes, bytes]], console: Console, passed_over: Callable[[str], None]
) -> None:
    """Show the table until `records`, keys with values, end; what cannot be read is told to `passed_over`."""
    board = Board(what)
    with Live(get_renderable=board.table, console=console, refresh_per_second=_A_SECOND):
        for key, value in records:
            try:
                board.take(key, value)
            except BadRecordError as error:
                passed_over(str(error))


def _interval(ci90: tuple[float, float]) -> str:
    return f"{ci90[0]:+.2f} … {ci90[1]:+.2f}"


def _when(record: CoalitionMetric | DyadMetric) -> Cells:
    return f"{record.as_of:%Y-%m-%d %H:%M}", "final" if record.final else "provisional"

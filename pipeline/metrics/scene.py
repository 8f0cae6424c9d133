"""Readable dyads, line-ups and ticks in; the records of chosen ticks out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.contract.metric import CoalitionMetric, DyadMetric
from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.coalitions import Block, measure, shown
from pipeline.metrics.dyads import Stamp, dyad_metrics
from pipeline.metrics.panel import Panel
from pipeline.metrics.params import MetricParams
from pipeline.metrics.roster import Roster
from pipeline.metrics.series import Impulses, Series

_TICKS_AT_ONCE = 256
"""Ticks measured together; bounds memory, changes no value."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that values depend on, at one moment of the ledger."""

    params: MetricParams
    roster: Roster
    series: Mapping[str, Series]
    """By dyad."""
    impulses: Mapping[str, Impulses]
    ticks: Hours
    """Every tick, sorted."""
    stamp: Stamp

    def blocks(self, wanted: Mapping[str, Mask]) -> Iterator[Block]:
        """Measure each coalition at the ticks wanted of it; coalitions that want the same share the work."""
        groups: dict[bytes, list[str]] = {}
        for name in sorted(wanted):
            groups.setdefault(wanted[name].tobytes(), []).append(name)
        for names in groups.values():
            ticks = self.ticks[wanted[names[0]]]
            dyads = [dyad for dyad in self.series if not set(self.roster.touched(dyad)).isdisjoint(names)]
            for start in range(0, len(ticks), _TICKS_AT_ONCE):
                panel = Panel(self.series, dyads, ticks[start : start + _TICKS_AT_ONCE], self.params)
                for name in names:
                    yield from self._measured(name, panel)

    def dyads(self, wanted: Mapping[str, int]) -> Iterator[DyadMetric]:
        """Measure dyads at one tick each, in every view."""
        for dyad in sorted(wanted):
            series, impulses = self.series[dyad], self.impulses[dyad]
            yield from dyad_metrics(dyad, series, impulses, wanted[dyad], self.params, self.stamp)

    def dyad_ticks(self) -> dict[str, int]:
        """The last tick of each dyad at which it has an entry within the retention."""
        found = ((dyad, series.last_presence(self.ticks)) for dyad, series in self.series.items())
        return {dyad: tick for dyad, tick in found if tick is not None}

    def _measured(self, name: str, panel: Panel) -> Iterator[Block]:
        for lineup, columns in self.roster.stretches(name, panel.ticks):
            kept = shown(panel, lineup, columns)
            if len(kept):
                yield measure(panel, lineup, kept, self.params, self.stamp)


def last_rows(blocks: tuple[Block, ...]) -> dict[str, tuple[int, tuple[CoalitionMetric, ...]]]:
    """The last tick of each coalition among some blocks, with its records."""
    last: dict[str, Block] = {}
    for block in blocks:
        name = block.lineup.coalition
        if name not in last or block.ticks[-1] > last[name].ticks[-1]:
            last[name] = block
    return {name: (int(block.ticks[-1]), tuple(block.last())) for name, block in sorted(last.items())}


def marked(ticks: Hours, base: Mask, spans: list[tuple[int, int]]) -> Mask:
    """Add to a mask over ticks those within some intervals (after, until]."""
    mask = base.copy()
    starts = np.searchsorted(ticks, [span[0] for span in spans], side="right")
    ends = np.searchsorted(ticks, [span[1] for span in spans], side="right")
    for start, end in zip(starts, ends, strict=True):
        mask[start:end] = True
    return mask

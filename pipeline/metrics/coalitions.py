"""A panel of dyads and a line-up in; a coalition's cohesion, opposition and strength at many ticks out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.contract.metric import SPEC_VERSION, CoalitionMetric, Interval, TopDyad
from pipeline.metrics.clock import Hours, moment
from pipeline.metrics.dyads import Stamp, rounded
from pipeline.metrics.interval import Z90
from pipeline.metrics.lineup import Lineup
from pipeline.metrics.panel import Pairs, Panel
from pipeline.metrics.params import MetricParams
from pipeline.metrics.series import Floats


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean tone with its 90 % interval; arrays of the shape (views, ticks), rounded."""

    value: Floats
    low: Floats
    high: Floats

    def negative(self) -> Mean:
        """The same with the sign turned."""
        return Mean(0.0 - self.value, 0.0 - self.high, 0.0 - self.low)

    def interval(self, at: tuple[int, int]) -> Interval:
        """The ends at one view and tick."""
        return float(self.low[at]), float(self.high[at])


@dataclass(frozen=True, slots=True)
class Top:
    """The pairs that carry a coalition, most happenings first; arrays of the shape (views, rank, ticks)."""

    dyads: tuple[str, ...]
    rows: Hours
    """Which of `dyads`."""
    n: Hours
    tone: Floats

    def listed(self, view: int, tick: int) -> tuple[TopDyad, ...]:
        """Those with any happening at one view and tick."""
        ranked = zip(
            self.rows[view, :, tick].tolist(),
            self.n[view, :, tick].tolist(),
            self.tone[view, :, tick].tolist(),
            strict=True,
        )
        return tuple(TopDyad(dyad=self.dyads[row], tone=tone, n_events=n) for row, n, tone in ranked if n)


@dataclass(frozen=True, slots=True)
class Block:
    """One line-up's values at some ticks as rounded columns; records are built when asked for."""

    lineup: Lineup
    views: tuple[str, ...]
    stamp: Stamp
    ticks: Hours
    revision: Hours
    cohesion: Mean
    opposition: Mean | None
    strength: Floats
    relative: Floats | None
    n: Hours
    n_eff: Floats
    prior_share: Floats
    observed: Hours
    top: Top

    def __len__(self) -> int:
        """Number of records."""
        return len(self.ticks) * len(self.views)

    def records(self) -> Iterator[CoalitionMetric]:
        """Build every record, by tick and then view."""
        for tick in range(len(self.ticks)):
            for view in range(len(self.views)):
                yield self._record(view, tick)

    def last(self) -> Iterator[CoalitionMetric]:
        """Build the records of the last tick."""
        for view in range(len(self.views)):
            yield self._record(view, len(self.ticks) - 1)

    def _record(self, view: int, tick: int) -> CoalitionMetric:
        at = (view, tick)
        hour = int(self.ticks[tick])
        opposed, relative = self.opposition, self.relative
        return CoalitionMetric(
            view=self.views[view],
            as_of=moment(hour),
            final=hour <= self.stamp.final_until,
            revision=int(self.revision[tick]),
            n_events=int(self.n[at]),
            n_eff=float(self.n_eff[at]),
            prior_share=float(self.prior_share[at]),
            spec_version=SPEC_VERSION,
            ontology_version=self.stamp.ontology_version,
            coalition=self.lineup.coalition,
            rival=self.lineup.rival,
            members=self.lineup.members,
            cohesion=float(self.cohesion.value[at]),
            ci90=self.cohesion.interval(at),
            opposition=None if opposed is None else float(opposed.value[at]),
            opposition_ci90=None if opposed is None else opposed.interval(at),
            strength=float(self.strength[at]),
            relative_strength=None if relative is None else float(relative[at]),
            dyads_observed=int(self.observed[at]),
            dyads_possible=len(self.lineup.within.dyads),
            top_dyads=self.top.listed(view, tick),
        )


def shown(panel: Panel, lineup: Lineup, columns: Hours) -> Hours:
    """Those of some ticks (columns of the panel) at which a row exists: a dyad of its own is present."""
    kept: Hours = columns[panel.present[panel.rows(lineup.own)][:, columns].any(axis=0)]
    return kept


def measure(panel: Panel, lineup: Lineup, columns: Hours, params: MetricParams, stamp: Stamp) -> Block:
    """Measure a coalition at some ticks (columns of the panel) that share one line-up.

    Cohesion is Σ ω·s / Σ ω over pairs of members, opposition minus the same over pairs with the
    rival, strength Σ p·μ·(1 + coh)/2 with coh a member's own weighted mean.
    Relative strength and opposition are None where nobody stands on the other side that day.
    """
    own = panel.rows(lineup.within.dyads)
    n = panel.n[:, own][:, :, columns]
    strength = _strength(panel, lineup.strength, lineup.mass, columns, params)
    across = _mean(panel, lineup.across, columns, params) if lineup.across.dyads else None
    ones = Pairs(lineup.within.dyads, (1.0,) * len(lineup.within.dyads))
    return Block(
        lineup=lineup,
        views=tuple(view.name for view in params.views),
        stamp=stamp,
        ticks=panel.ticks[columns],
        revision=panel.revisions[panel.rows(lineup.all)][:, columns].sum(axis=0),
        cohesion=_mean(panel, lineup.within, columns, params),
        opposition=None if across is None else across.negative(),
        strength=rounded(strength),
        relative=_relative(panel, lineup, strength, columns, params),
        n=n.sum(axis=1),
        n_eff=rounded(panel.weigh(panel.n_eff, ones, columns)),
        prior_share=rounded(np.clip(1.0 + panel.weigh(panel.informed, lineup.within, columns), 0.0, 1.0)),
        observed=(n > 0).sum(axis=1),
        top=_top(panel, own, columns, params),
    )


def _mean(panel: Panel, pairs: Pairs, columns: Hours, params: MetricParams) -> Mean:
    """Weigh tones; of each variance the share of the prior is common to all pairs, the rest its own.

    Ignorance does not average out: with no data at all the interval is that of a single prior.
    """
    mean = params.prior + panel.weigh(panel.deviation, pairs, columns)
    shared = panel.shared_sd0 + panel.weigh(panel.shared_sd, pairs, columns)
    own = panel.weigh(panel.own_variance, pairs, columns, power=2)
    margin = Z90 * np.sqrt(own + shared * shared)
    value, low, high = (rounded(np.clip(end, -1.0, 1.0)) for end in (mean, mean - margin, mean + margin))
    return Mean(value, low, high)


def _strength(panel: Panel, pairs: Pairs, mass: float, columns: Hours, params: MetricParams) -> Floats:
    moved = panel.weigh(panel.deviation, pairs, columns)
    return np.clip(mass * (1 + params.prior) / 2 + moved, 0.0, mass)


def _relative(
    panel: Panel, lineup: Lineup, strength: Floats, columns: Hours, params: MetricParams
) -> Floats | None:
    if lineup.rival_mass == 0:
        return None
    rival = _strength(panel, lineup.rival_strength, lineup.rival_mass, columns, params)
    both = strength + rival
    return rounded(np.divide(strength, both, out=np.full_like(both, 0.5), where=both > 0))


def _top(panel: Panel, own: list[int], columns: Hours, params: MetricParams) -> Top:
    n = panel.n[:, own][:, :, columns]
    tone = panel.tone[:, own][:, :, columns]
    order = np.argsort(-n, axis=1, kind="stable")[:, : params.top_dyads]
    return Top(
        tuple(panel.dyads[row] for row in own),
        order,
        np.take_along_axis(n, order, axis=1),
        rounded(np.take_along_axis(tone, order, axis=1)),
    )

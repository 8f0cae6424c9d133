"""Measured worlds in; the records that are published of them out, rounded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.contract.coalition import Driver, Drivers, Index, Shape, TopDyad, WeakestTie
from pipeline.contract.metric import SPEC_VERSION, CoalitionMetric, DyadMetric, Interval, TopEvent
from pipeline.metrics.clock import moment
from pipeline.metrics.coalitions import Mean, Measures
from pipeline.metrics.dyads import log_odds
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.lineup import Lineup
from pipeline.metrics.params import MetricParams
from pipeline.metrics.structure import Structure
from pipeline.metrics.world import World

_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every record of one tick shares."""

    tick: int
    final: bool
    revision: int
    ontology_version: str
    ledger_digest: str

    @property
    def as_of(self) -> datetime:
        """The moment of the tick."""
        return moment(self.tick)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A strength against its past; by view where it is a tuple."""

    values: tuple[float, ...]
    z: tuple[float | None, ...]
    first: int
    """First midnight of the baseline."""
    last: int


@dataclass(frozen=True, slots=True)
class Moves:
    """What each dyad added to a coalition's cohesion since a tick, in one view."""

    since: int
    change: float
    parts: tuple[tuple[str, float], ...]
    """Dyads that moved it most, largest first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One coalition at one tick, in every view; records are built when asked for."""

    lineup: Lineup
    stamp: Stamp
    views: tuple[str, ...]
    measures: Measures
    indexed: Indexed | None
    shape: tuple[int, Structure] | None
    """With the midnight that it is of."""
    moves: tuple[Moves, ...] | None

    def records(self) -> Iterator[CoalitionMetric]:
        """One record a view."""
        for view in range(len(self.views)):
            yield self._record(view)

    def _record(self, view: int) -> CoalitionMetric:
        found, stamp = self.measures, self.stamp
        weakest = found.weakest[view]
        return CoalitionMetric(
            view=self.views[view],
            as_of=stamp.as_of,
            final=stamp.final,
            revision=stamp.revision,
            n_events=int(found.n[view]),
            n_eff=rounded(found.n_eff[view]),
            prior_share=rounded(found.prior_share[view]),
            spec_version=SPEC_VERSION,
            ontology_version=stamp.ontology_version,
            ledger_digest=stamp.ledger_digest,
            coalition=self.lineup.coalition,
            rival=self.lineup.rival,
            members=self.lineup.members,
            cohesion=rounded(found.cohesion.value[view]),
            ci90=_ends(found.cohesion, view),
            affinity=rounded(found.affinity[view]),
            opposition=None if found.opposition is None else rounded(found.opposition.value[view]),
            opposition_ci90=None if found.opposition is None else _ends(found.opposition, view),
            polarisation=None if found.polarisation is None else rounded(found.polarisation[view]),
            esteban_ray=None if found.esteban_ray is None else rounded(found.esteban_ray[view]),
            strength=rounded(found.strength[view]),
            capability=self.lineup.capability,
            relative_strength=None if found.relative is None else rounded(found.relative[view]),
            index=None if self.indexed is None else _index(self.indexed, view),
            frustration=_defined(found.frustration[view]),
            density=_defined(found.density[view]),
            min_tie=None if weakest is None else WeakestTie(dyad=weakest[0], tie=rounded(weakest[1])),
            hub_share=_defined(found.hub_share[view]),
            shape=None if self.shape is None else _shape(*self.shape),
            dyads_observed=int(found.observed[view]),
            dyads_possible=len(self.lineup.own.within.dyads),
            top_dyads=tuple(TopDyad(dyad=d, tie=rounded(t), n_events=n) for d, t, n in found.top[view]),
            drivers=None if self.moves is None else _drivers(self.moves[view]),
        )


def dyad_records(
    world: World,
    row: int,
    stamp: Stamp,
    impulses: Impulses,
    surge: tuple[float, float, float] | None,
    params: MetricParams,
) -> Iterator[DyadMetric]:
    """Publish one dyad in every view; `surge` is today's robust z, and the log-ratios of both masses."""
    top = impulses.top(world.tick)
    first = len(params.views) - len(set(params.half_lives_d))
    tie = world.tie[:, row]
    momentum = (
        rounded(tie[first] - tie[params.headline]),
        rounded(tie[params.headline] - tie[params.slowest]),
    )
    expected = float(world.expected[row])
    for view, named in enumerate(params.views):
        coop, conflict = float(world.sums.coop[view, row]), float(world.sums.conflict[view, row])
        nu = float(world.plain.nu[view, row])
        tone = float(world.plain.tone[view, row])
        low, high = tone_interval(float(world.centred[view, row]), nu)
        yield DyadMetric(
            dyad=world.rows.dyads[row],
            view=named.name,
            as_of=stamp.as_of,
            final=stamp.final,
            revision=stamp.revision,
            coop=rounded(coop),
            conflict=rounded(conflict),
            net=rounded(coop - conflict),
            tone=rounded(tone),
            ci90=_rounded_pair(*tone_interval(tone, nu)),
            log_odds=rounded(log_odds(coop, conflict, params)),
            tie=rounded(tie[view]),
            tie_ci90=_rounded_pair(against(low, expected), against(high, expected)),
            expected=rounded(expected),
            affinity=rounded(world.affinity[view, row]),
            momentum=momentum,
            volume_share=rounded(world.shares[view, row]),
            surge_z=None if surge is None else _defined(surge[0]),
            surge_coop=None if surge is None else _defined(surge[1]),
            surge_conflict=None if surge is None else _defined(surge[2]),
            n_events=int(world.sums.n[view, row]),
            n_eff=rounded(world.plain.n_eff[view, row]),
            prior_share=rounded(world.plain.prior_share[view, row]),
            top_events=tuple(
                TopEvent(event_id=part.event_id, contribution=rounded(mass), url=part.url)
                for part, mass in top[view]
            ),
            spec_version=SPEC_VERSION,
            ontology_version=stamp.ontology_version,
            ledger_digest=stamp.ledger_digest,
        )


def against(tone: float, expected: float) -> float:
    """Turn a tone into a tie: take the expected log-odds off."""
    return math.tanh(math.atanh(min(max(tone, -_NEAR_ONE), _NEAR_ONE)) - expected / 2)


_NEAR_ONE = 1 - 1e-15


def rounded(value: float) -> float:
    """Round to nine decimals, without negative zero: what leaves the room."""
    return round(float(value), _DECIMALS) + 0.0


def _rounded_pair(low: float, high: float) -> Interval:
    return rounded(low), rounded(high)


def _ends(mean: Mean, view: int) -> Interval:
    return rounded(mean.low[view]), rounded(mean.high[view])


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else rounded(value)


def _index(indexed: Indexed, view: int) -> Index:
    z = indexed.z[view]
    return Index(
        value=rounded(indexed.values[view]),
        baseline_from=moment(indexed.first),
        baseline_until=moment(indexed.last),
        z=None if z is None else rounded(z),
    )


def _shape(midnight: int, found: Structure) -> Shape:
    values: Mapping[str, float | None] = {
        "triad_balance": found.triad_balance,
        "partition_agreement": found.partition_agreement,
        "placebo_percentile": found.placebo_percentile,
    }
    return Shape(as_of=moment(midnight), **{k: None if v is None else rounded(v) for k, v in values.items()})


def _drivers(moves: Moves) -> Drivers:
    """Rounded so that the parts still add up to the change."""
    change = rounded(moves.change)
    parts = tuple(Driver(dyad=dyad, contribution=rounded(part)) for dyad, part in moves.parts)
    rest = rounded(change - sum(part.contribution for part in parts))
    return Drivers(since=moment(moves.since), change=change, dyads=parts, rest=rest)

"""The engine against a slow reference of its own: every number of every dyad and coalition."""

from __future__ import annotations

import math
import os
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.topics import METRICS
from pipeline.metrics.aggregate import Aggregate, recompute
from pipeline.metrics.coalitions import measure
from pipeline.metrics.entry import Entry
from pipeline.metrics.params import MetricParams
from tests.property import reference
from tests.strategies import COALITIONS, SHORT, entries

EXAMPLES = int(os.environ.get("BLOCWATCH_EXAMPLES", "120"))
LISTS = st.lists(entries(), min_size=1, max_size=10)
some = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BY_NAME = {coalition.name: coalition for coalition in COALITIONS}


def hour(moment: datetime) -> int:
    return round(moment.timestamp()) // 3600


def near(value: float | None, wanted: object, within: float = 2e-9) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return value == pytest.approx(wanted, rel=within, abs=within)


@pytest.mark.parametrize("params", [SHORT, MetricParams()], ids=["short", "shipped"])
@given(found=LISTS)
@some
def test_every_dyad_is_as_the_reference_has_it(params: MetricParams, found: list[Entry]) -> None:
    told = reference.impulses(found, params)
    outputs = recompute(found, COALITIONS, params, "test")
    views = {view.name: view for view in params.views}
    tick = hour(outputs.dyads[0].as_of) if outputs.dyads else 0
    worlds = {name: reference.World(told, tick, view, params) for name, view in views.items()}
    for row in outputs.dyads:
        world = worlds[row.view]
        one, other = row.dyad.split("|")
        pair = (one, other)
        sums = world.of(pair)
        assert row.n_events == sums.n
        assert near(row.coop, sums.coop)
        assert near(row.conflict, sums.conflict)
        assert near(row.tie, world.tie(pair))
        assert near(row.expected, world.expected(pair))
        assert near(row.affinity, world.affinity(pair))
        assert near(row.n_eff, world.n_eff(pair))
        assert near(row.prior_share, world.prior_share(pair))
        kappa, s0 = params.kappa, params.prior
        tone = (sums.coop - sums.conflict + kappa * s0) / (sums.coop + sums.conflict + kappa)
        assert near(row.tone, tone)
        everybody = sum(d.n for p, d in world.dyads.items() if p[0] != p[1])
        assert near(row.volume_share, sums.n / everybody if everybody and one != other else 0.0)
        headline = params.views[params.headline].name
        decays = [view.name for view in params.views if view.half_life_h is not None]
        ties = [worlds[name].tie(pair) for name in (decays[0], headline, decays[-1])]
        assert near(row.momentum[0], ties[0] - ties[1])
        assert near(row.momentum[1], ties[1] - ties[2])
        assert row.tie_ci90[0] <= row.tie + 0.06
        assert row.tie_ci90[1] >= row.tie - 0.06


@pytest.mark.parametrize("params", [SHORT, MetricParams()], ids=["short", "shipped"])
@given(found=LISTS)
@some
def test_every_coalition_is_as_the_reference_has_it(params: MetricParams, found: list[Entry]) -> None:
    told = reference.impulses(found, params)
    outputs = recompute(found, COALITIONS, params, "test")
    views = {view.name: view for view in params.views}
    latest = [row for row in outputs.of(METRICS) if isinstance(row, CoalitionMetric)]
    history = list(outputs.history)
    worlds: dict[tuple[int, str], reference.World] = {}
    for row in [*latest, *history[:: max(1, len(history) // 30)]]:
        tick = hour(row.as_of)
        key = (tick, row.view)
        if key not in worlds:
            worlds[key] = reference.World(told, tick, views[row.view], params)
        own = BY_NAME[row.coalition]
        rival = BY_NAME.get(own.rival or "")
        for name, wanted in reference.coalition(worlds[key], own, rival, tick).items():
            value = getattr(row, name)
            if name == "min_tie":
                value = None if value is None else value.tie
            if name.startswith(("ci90", "opposition_ci90")):
                assert near(value[0], wanted[0]), name  # type: ignore[index]  # a pair
                assert near(value[1], wanted[1]), name  # type: ignore[index]  # a pair
            else:
                assert near(value, wanted), (name, value, wanted)


@given(found=LISTS)
@some
def test_before_rounding_both_agree_to_a_billionth_of_a_thousandth(found: list[Entry]) -> None:
    live = Aggregate(COALITIONS, SHORT, "test")
    for entry in found:
        live.fold(entry)
    live.everything()
    frame = live.frame()
    world = frame.world(frame.tick)
    told = reference.impulses(found, SHORT)
    measured = measure(world, frame.roster.at(frame.tick, frame.rows), SHORT)
    for number, view in enumerate(SHORT.views):
        slow = reference.World(told, frame.tick, view, SHORT)
        for row, dyad in enumerate(frame.rows.dyads):
            one, other = dyad.split("|")
            assert near(float(world.tie[number, row]), slow.tie((one, other)), 1e-12)
            assert near(float(world.affinity[number, row]), slow.affinity((one, other)), 1e-12)
        for name, m in measured.items():
            own = BY_NAME[name]
            wanted = reference.coalition(slow, own, BY_NAME.get(own.rival or ""), frame.tick)
            assert near(float(m.cohesion.value[number]), wanted["cohesion"], 1e-12)
            assert near(float(m.strength[number]), wanted["strength"], 1e-12)
            if m.opposition is not None:
                assert near(float(m.opposition.value[number]), wanted["opposition"], 1e-12)
            frustration = float(m.frustration[number])
            assert near(None if math.isnan(frustration) else frustration, wanted["frustration"], 1e-12)


@given(found=LISTS)
@some
def test_the_daily_shape_is_as_the_reference_has_it(found: list[Entry]) -> None:
    told = reference.impulses(found, SHORT)
    outputs = recompute(found, COALITIONS, SHORT, "test")
    headline = SHORT.views[SHORT.headline]
    rows = [row for row in outputs.history if row.view == headline.name]
    for row in rows[:: max(1, len(rows) // 12)]:
        assert row.shape is not None
        tick = hour(row.shape.as_of)
        world = reference.World(told, tick, headline, SHORT)
        day = row.shape.as_of.date()
        own = BY_NAME[row.coalition]
        rival = BY_NAME.get(own.rival or "")
        sides = {m.code: -1 for m in (rival.active(day) if rival else ())}
        sides |= {m.code: 1 for m in own.active(day)}
        assert near(row.shape.triad_balance, reference.triad_balance(world, sorted(sides)))
        wanted = reference.partition_agreement(world, sides)
        if wanted is None or _separated(world, sorted(sides)):
            assert near(row.shape.partition_agreement, wanted)


def _separated(world: reference.World, states: list[str]) -> bool:
    """Whether the leading eigenvalue stands alone, so that its vector is defined, none of it near 0."""
    import numpy as np

    ties = [[0.0 if a == b else world.tie(reference._of(a, b)) for b in states] for a in states]
    values, vectors = np.linalg.eigh(np.array(ties))
    small = np.abs(vectors[:, -1])
    clear = bool(((small > 1e-7) | (small < 1e-11)).all())
    return len(values) < 2 or (values[-1] - values[-2] > 1e-7 and clear)

"""Published records against what the definitions say: each function asserts every field of one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from pipeline.contract.coalition import Drivers
from pipeline.contract.metric import CoalitionMetric, DyadMetric, Measured
from pipeline.contract.signal import Alert, Drift
from pipeline.contract.topics import ALERTS, DRIFT
from pipeline.metrics.coalitions import Measures
from pipeline.metrics.params import View
from tests.property import reference_camps as camps
from tests.property.reference import World, interval
from tests.property.reference_camps import DUST
from tests.property.reference_story import Run, moment

DAY = 24


class Near:
    """Equal to any number within max(`rel`·|value|, `abs`), as `pytest.approx` is, at a tenth of its cost."""

    __slots__ = ("abs", "rel", "value")
    __array_ufunc__ = None  # leaves comparisons with numpy's scalars to this class
    __hash__ = None  # type: ignore[assignment]  # nearness is no equivalence

    def __init__(self, value: float, abs: float, rel: float) -> None:
        self.value, self.abs, self.rel = value, abs, rel

    def __eq__(self, got: object) -> bool:
        if got == self.value:
            return True
        if not isinstance(got, (int, float, np.integer)) or isinstance(got, bool) or math.isinf(self.value):
            return False
        return abs(got - self.value) <= max(self.abs, self.rel * abs(self.value))

    def __repr__(self) -> str:
        return f"{self.value} ± {max(self.abs, self.rel * abs(self.value))}"


def exactly(value: float) -> Near:
    return Near(value, 1e-12, 1e-12)


def nearly(value: float) -> Near:
    """Nine decimals are published; the engine's series for intervals are good to 2·10⁻¹⁰."""
    return Near(value, 1e-9, 1e-9)


def same(got: object, expected: object, near: Any, where: str) -> None:
    """Assert equality, of numbers and tuples of them to a tolerance; NaN expects nothing."""
    if isinstance(expected, tuple) and got is not None:
        for one, other in zip(got, expected, strict=True):
            same(one, other, near, where)
    elif isinstance(expected, float) and got is not None:
        assert math.isnan(expected) or got == near(expected), where
    else:
        assert got == expected, where


def fields(got: Any, expected: Mapping[str, object], near: Any, where: str) -> None:
    for name, value in expected.items():
        same(getattr(got, name), value, near, f"{where} {name}")


def stamped(run: Run, record: Measured, tick: int) -> None:
    news = run.news
    fields(
        record,
        {
            "as_of": moment(tick),
            "ontology_version": "test",
            "spec_version": "2.0",
            "ledger_digest": news.digest(tick),
        },
        nearly,
        "stamp",
    )
    if hasattr(record, "final"):
        assert record.final == news.final(tick)
    if hasattr(record, "revision"):
        assert record.revision == news.revision(tick)


RATIOS = ("frustration", "hub_share")
"""Shares of all ties' size: where ties are all but nothing, so are the digits they can be known to."""


def _small(near: Any, size: float) -> Any:
    slack = 1e-14 / size if size else 0.0
    return lambda value: Near(value, near(value).abs + slack, 0.0)


def camp_numbers(got: Any, expected: dict[str, object], near: Any, where: str) -> None:
    """All that is measured in one world, published or not yet rounded."""
    apart = {"top_dyads", "ties", "sizes", "dyads_possible", *RATIOS}
    fields(got, {name: value for name, value in expected.items() if name not in apart}, near, where)
    for name, size in expected["sizes"].items():
        if not DUST / 2 < size < DUST * 2:
            same(getattr(got, name), expected[name], _small(near, size), f"{where} {name}")
    ties = expected["ties"]
    assert (got.min_tie is None) == (not ties), where
    if ties:
        name, tie = got.min_tie
        assert tie == near(min(ties.values())), where
        assert ties[name] == near(tie), where
    same(tuple(got.top_dyads), tuple(expected["top_dyads"]), near, where)


class Unrounded:
    """One view of a coalition's measures under the published names."""

    def __init__(self, found: Measures, v: int) -> None:
        none = found.opposition is None
        self.n_events, self.n_eff = found.n[v], found.n_eff[v]
        self.prior_share, self.dyads_observed = found.prior_share[v], found.observed[v]
        self.cohesion = found.cohesion.value[v]
        self.ci90 = found.cohesion.low[v], found.cohesion.high[v]
        self.affinity, self.strength = found.affinity[v], found.strength[v]
        self.opposition = None if none else found.opposition.value[v]
        self.opposition_ci90 = None if none else (found.opposition.low[v], found.opposition.high[v])
        self.polarisation = None if found.polarisation is None else found.polarisation[v]
        self.esteban_ray = None if found.esteban_ray is None else found.esteban_ray[v]
        self.relative_strength = None if found.relative is None else found.relative[v]
        self.frustration, self.density = _null(found.frustration[v]), _null(found.density[v])
        self.hub_share, self.min_tie = _null(found.hub_share[v]), found.weakest[v]
        self.top_dyads = found.top[v]


class Published:
    """A record with its weakest pair and top dyads as plain tuples."""

    def __init__(self, record: CoalitionMetric) -> None:
        self._record = record
        self.min_tie = record.min_tie and (record.min_tie.dyad, record.min_tie.tie)
        self.top_dyads = [(top.dyad, top.tie, top.n_events) for top in record.top_dyads]

    def __getattr__(self, name: str) -> object:
        return getattr(self._record, name)


def coalition(run: Run, record: CoalitionMetric, tick: int) -> None:
    story, name = run.story, record.coalition
    view = next(v for v in run.news.params.views if v.name == record.view)
    where = f"{record.key} {record.as_of}"
    own, rival = story.sides(name, tick)
    stamped(run, record, tick)
    group = story.group(name)
    assert (record.rival, record.members) == (group.rival, tuple(sorted(own))), where
    expected = camps.measure(story.world(tick), own, rival, view)
    possible = expected["dyads_possible"]
    assert record.dyads_possible == possible, where
    camp_numbers(Published(record), expected, nearly, where)
    _shape(run, record, tick, where)
    _index(run, record, tick, view, where)
    drivers(run, record, tick, view, where)


def _shape(run: Run, record: CoalitionMetric, tick: int, where: str) -> None:
    midnight = max((m for m in run.news.midnights if m <= tick), default=None)
    if midnight is None or not run.story.told(record.coalition, midnight):
        assert record.shape is None, where
        return
    assert record.shape is not None, where
    assert record.shape.as_of == moment(midnight), where
    expected, placebo = run.story.shape(record.coalition, midnight)
    fields(record.shape, expected, nearly, where)
    got = record.shape.placebo_percentile
    assert (got is None) == (placebo is None), where
    if got is not None and placebo is not None:
        assert got == pytest.approx(placebo[0], abs=1e-9), where


def _index(run: Run, record: CoalitionMetric, tick: int, view: View, where: str) -> None:
    story = run.story
    now = story.strength(record.coalition, tick, view)
    past = story.strengths(record.coalition, view)
    expected = camps.index(past, now, tick, story.group(record.coalition), run.news.params)
    assert (record.index is None) == (expected is None), where
    if expected is None or record.index is None:
        return
    value, first, last, z, sd = expected
    assert record.index.value == nearly(value), where
    assert (record.index.baseline_from, record.index.baseline_until) == (moment(first), moment(last)), where
    if abs(sd - 1e-9) > 1e-12:
        assert (record.index.z is None) == (z is None), where
    if z is not None and record.index.z is not None:
        assert record.index.z == pytest.approx(z, abs=1e-9 + 1e-14 / sd, rel=1e-9), where


def drivers(run: Run, record: CoalitionMetric, tick: int, view: View, where: str) -> None:
    """The largest moves, in order, that with the rest add up to the change of cohesion."""
    found: Drivers | None = record.drivers
    since = (tick - 1) // DAY * DAY
    assert found is not None, where
    assert found.since == moment(since), where
    now, then = (_carried(run, record.coalition, at, view) for at in (tick, since))
    moves = {name: now.get(name, 0.0) - then.get(name, 0.0) for name in {*now, *then}}
    assert found.change == nearly(math.fsum(moves.values())), where
    told = {part.dyad: part.contribution for part in found.dyads}
    for name, part in told.items():
        assert part == nearly(moves[name]), where
    sizes = [abs(part) for part in told.values()]
    assert sizes == sorted(sizes, reverse=True), where
    left = [abs(move) for name, move in moves.items() if name not in told]
    assert len(told) == 5 or all(move < 1e-12 for move in left), where
    assert not told or max(left, default=0.0) <= min(sizes) + 2e-9, where
    assert len(told) <= 5, where
    assert found.rest + math.fsum(told.values()) == pytest.approx(found.change, abs=1e-12), where


def _carried(run: Run, name: str, tick: int, view: View) -> dict[str, float]:
    world, (own, _) = run.story.world(tick), run.story.sides(name, tick)
    return {pair: u * world.pair(pair, view).tie for pair, u in camps.within(own).items()}


def dyad(run: Run, world: World, record: DyadMetric, view: View) -> None:
    news, name = run.news, record.dyad
    pair, expected = world.pair(name, view), world.expected(name)
    stamped(run, record, world.tick)
    tone = camps.log_odds_of(pair.tone)
    first = news.params.views[len(news.params.views) - len(set(news.params.half_lives_d))]
    fast, mid, slow = (world.pair(name, v).tie for v in (first, world.headline, world.slowest))
    surge = camps.surge(news, name, world.tick)
    values = {
        "n_events": pair.n, "n_eff": pair.n_eff, "prior_share": pair.prior_share,
        "coop": pair.coop, "conflict": pair.conflict, "net": pair.coop - pair.conflict,
        "tone": pair.tone, "ci90": interval(tone, pair.nu), "log_odds": pair.log_odds,
        "tie": pair.tie, "tie_ci90": interval(pair.centred, pair.nu, expected), "expected": expected,
        "affinity": world.affinity(name, view), "momentum": (fast - mid, mid - slow),
        "volume_share": world.volume_share(name, view),
        "surge_z": None if surge is None else surge[0],
        "surge_coop": None if surge is None else surge[1][0],
        "surge_conflict": None if surge is None else surge[1][1],
    }  # fmt: skip
    fields(record, values, nearly, record.key)
    parts = sorted(
        ((p.mass * w / 1e6, p) for p, w in world.weighed(name, view) if p.mass),
        key=lambda part: (-abs(part[0]), part[1].event_id),
    )
    told = parts[: news.params.top_events]
    assert len(record.top_events) == len(told)
    known = {p.event_id: (mass, p.url) for mass, p in parts}
    for top, (mass, _) in zip(record.top_events, told, strict=True):
        assert abs(top.contribution) == nearly(abs(mass))
        assert top.contribution == nearly(known[top.event_id][0])
        assert top.url == known[top.event_id][1]


def drifts(run: Run) -> None:
    """Every outsider of the last midnight."""
    expected = {}
    if run.news.midnights:
        last = run.news.midnights[-1]
        for group in run.story.groups:
            if run.story.told(group.name, last):
                for state, values in run.story.outsiders(group.name, last).items():
                    expected[f"{group.name}|{state}"] = values
    records = [record for record in run.outputs.of(DRIFT) if isinstance(record, Drift)]
    assert {record.key for record in records} == set(expected)
    for record in records:
        stamped(run, record, run.news.midnights[-1])
        fields(record, expected[record.key], nearly, record.key)
        days, since = run.story.standings[0].get((record.coalition, record.state), (0, None))
        group = run.story.group(record.coalition)
        assert (record.rival, record.days_above, record.candidate) == (group.rival, days, since is not None)
        assert record.since == (None if since is None else moment(since))


def alerts(run: Run) -> None:
    """Surges of every day, gaps, and outsiders that became candidates; either way within 1e-9 of a limit."""
    news, params = run.news, run.news.params
    expected: dict[str, dict[str, object]] = dict(run.story.standings[1])
    ticks = {m: m for m in news.midnights}
    if news.tick % DAY:
        ticks[news.tick - news.tick % DAY + DAY] = news.tick
    doubtful = set()
    for ends, tick in ticks.items():
        day = f"{moment(ends):%Y-%m-%d}"
        for name in news.points:
            surge = camps.surge(news, name, tick)
            if surge is None:
                continue
            z, ratios, before = surge
            pair = run.story.world(tick).pair(name, run.story.world(tick).headline)
            coop, conflict = (
                None if then >= params.surge_ratio else now for now, then in zip(ratios, before, strict=True)
            )
            for kind, value, size, limit in (
                ("surge_up", z, z, params.surge_z),
                ("surge_down", z, None if z is None else -z, params.surge_z),
                ("more_coop", coop, coop, params.surge_ratio),
                ("more_conflict", conflict, conflict, params.surge_ratio),
            ):
                if size is not None and abs(size - limit) < 1e-9:
                    doubtful.add(f"{kind}|{name}|{day}")
                if size is not None and size >= limit - 1e-9:
                    expected[f"{kind}|{name}|{day}"] = {
                        "as_of": moment(ends), "subject": name, "value": value, "threshold": limit,
                        "n_eff": pair.n_eff, "prior_share": pair.prior_share, "ci90": None,
                    }  # fmt: skip
    for ends in ticks:
        day = ends // DAY - 1
        earlier = [known for known in news.reported if known < day]
        if day in news.reported and earlier and max(earlier) < day - 1:
            expected[f"data_gap|world|{moment(ends):%Y-%m-%d}"] = {
                "as_of": moment(ends), "subject": "world", "value": float(day - 1 - max(earlier)),
                "threshold": 1.0, "n_eff": 0.0, "prior_share": 1.0, "ci90": None,
            }  # fmt: skip
    records = {record.key: record for record in run.outputs.of(ALERTS) if isinstance(record, Alert)}
    assert set(records) ^ set(expected) <= doubtful
    for key in set(records) & set(expected):
        stamped(run, records[key], int((records[key].as_of - moment(0)).total_seconds()) // 3600)
        fields(records[key], expected[key], nearly, key)


def _null(value: float) -> float | None:
    return None if math.isnan(value) else float(value)

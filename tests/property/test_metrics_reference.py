"""A slow second implementation, written from the text, agrees with the engine in every published number.

More examples: BLOCWATCH_EXAMPLES=1000 draws a thousand for each definition.
"""

from __future__ import annotations

import math
import os
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.contract.event import EventType
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.signal import Drift
from pipeline.contract.topics import DRIFT, METRICS
from pipeline.metrics.aggregate import Aggregate
from pipeline.metrics.coalitions import measure as measure_fast
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, Member
from tests.property import comparison
from tests.property import reference_blocs as blocs
from tests.property import reference_camps as camps
from tests.property.comparison import exactly
from tests.property.reference_news import News
from tests.property.reference_story import Run, Story, moment
from tests.strategies import COALITIONS, CODES, NOON, SHORT, histories, make_event

GROUPS = (
    *COALITIONS,
    Coalition("few", "two against one", (Member("FIN"), Member("KAZ", capability=0.3)), "solo"),
    Coalition(
        "twins",
        "shares two members with its rival, has a baseline",
        (Member("CHN", weight=0.7), Member("IRN"), Member("RUS"), Member("USA", capability=3.0)),
        "axis",
        (date(2024, 3, 23), date(2024, 3, 27)),
    ),
    Coalition("near", "one against one", (Member("RUS"),), "far"),
    Coalition("far", "one against one", (Member("USA"),), "near"),
)
EXAMPLES = int(os.environ.get("BLOCWATCH_EXAMPLES", "60"))
often = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="BLOCWATCH_EXAMPLES" not in os.environ,  # long runs look for new examples
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def threads(draw: st.DrawFn) -> list[Entry]:
    """News of one pair on many days in a row: what standings, baselines and surges are made of."""
    source, target = draw(
        st.lists(st.sampled_from((*CODES, "TUR", "IGO:CIS")), min_size=2, max_size=2, unique=True)
    )
    kind = draw(st.sampled_from((EventType.AID, EventType.ACCUSE, EventType.CONSULT)))
    start, days = draw(st.integers(0, 20 * 24)), draw(st.integers(2, 36))
    g = draw(st.sampled_from((8.3, 6.0, 1.0, -2.0, -10.0)))
    moments = [NOON + timedelta(hours=start + 24 * day) for day in range(0, days, draw(st.integers(1, 2)))]
    found = [make_event(source, target, kind, g, when) for when in moments]
    burst = [
        make_event(source, target, other, 10 * sign, moments[-1])
        for other in (EventType.AID, EventType.ASSAULT, EventType.CONSULT)
        if (sign := draw(st.sampled_from((0, 0, 1, -1))))
    ]
    return [entry_of(event) for event in (*found, *burst)]


NEWS = st.builds(
    lambda single, rows: [*single, *(entry for row in rows for entry in row)],
    histories(min_size=1, max_size=14),
    st.lists(threads(), max_size=3),
)
ODD = MetricParams(
    kappa=4.0, prior=0.3, prior_events=2.0, windows_d=(2, 9), half_lives_d=(1, 3, 6), headline_d=3, ridge=0.3,
    dense_n_eff=2.0, polarisation_alpha=0.9, placebo_sets=137, surge_z=2.0, surge_ratio=0.7,
    bloc_resolution=-0.02, bloc_size=2, index_days=4, index_years=1, intended_factor=0.3, story_cap=1.5,
    lateness_h=5, retention_d=30, top_events=2, top_dyads=2,
)  # fmt: skip
"""Nothing at its default, so that no default can be written into a formula."""
PARAMS = st.sampled_from((SHORT, MetricParams(), ODD))


def run_of(found: list[Entry], params: MetricParams) -> Run:
    engine = Aggregate(GROUPS, params, "test")
    for entry in found:
        engine.fold(entry)
    outputs = engine.everything()
    return Run(Story(News(found, params), GROUPS), engine._frame(), outputs)


@given(NEWS, PARAMS)
@often
def test_every_number_of_a_world_is_that_of_the_definitions(found: list[Entry], params: MetricParams) -> None:
    run = run_of(found, params)
    for tick in _some([*run.news.midnights, run.news.tick]):
        slow, fast = run.story.world(tick), run.frame.world(tick)
        assert set(run.news.points) <= set(fast.rows.dyads)
        for row, name in enumerate(fast.rows.dyads):
            assert bool(fast.sums.present[row]) == run.news.present(name, tick)
            assert fast.expected[row] == exactly(slow.expected(name))
            for number, view in enumerate(params.views):
                pair = slow.pair(name, view)
                assert fast.sums.n[number, row] == pair.n
                for got, expected in (
                    (fast.sums.coop, pair.coop),
                    (fast.sums.conflict, pair.conflict),
                    (fast.plain.n_eff, pair.n_eff),
                    (fast.plain.nu, pair.nu),
                    (fast.plain.prior_share, pair.prior_share),
                    (fast.plain.tone, pair.tone),
                    (fast.centred, math.tanh(pair.centred / 2)),
                    (fast.tie, pair.tie),
                    (fast.tie_variance, pair.variance),
                    (fast.affinity, slow.affinity(name, view)),
                    (fast.shares, slow.volume_share(name, view)),
                ):
                    assert got[number, row] == exactly(expected), (name, view.name)
        measures = measure_fast(fast, run.frame.roster.at(tick, run.frame.rows), params)
        assert set(measures) == {group.name for group in GROUPS if run.story.told(group.name, tick)}
        for name, measured in measures.items():
            for number, view in enumerate(params.views):
                expected = camps.measure(slow, *run.story.sides(name, tick), view)
                comparison.camp_numbers(
                    comparison.Unrounded(measured, number), expected, exactly, f"{name} {view.name} {tick}"
                )


@given(NEWS, PARAMS)
@often
def test_every_published_coalition_is_that_of_the_definitions(
    found: list[Entry], params: MetricParams
) -> None:
    run = run_of(found, params)
    rows = [(record, record.as_of) for record in run.outputs.history]
    told = [
        (group.name, view.name, moment(tick))
        for tick in run.news.midnights
        for group in GROUPS
        if run.story.told(group.name, tick)
        for view in params.views
    ]
    assert sorted((r.coalition, r.view, r.as_of) for r, _ in rows) == sorted(told)
    latest = [record for record in run.outputs.of(METRICS) if isinstance(record, CoalitionMetric)]
    tick = run.news.tick
    assert {r.key for r in latest} == {
        f"{g.name}|{v.name}" for g in GROUPS if run.story.told(g.name, tick) for v in params.views
    }
    kept = {moment(t) for t in _some(run.news.midnights)}
    for record in (*(r for r, when in rows if when in kept), *latest):
        comparison.coalition(run, record, tick_of(record))


@given(NEWS, PARAMS)
@often
def test_every_published_dyad_is_that_of_the_definitions(found: list[Entry], params: MetricParams) -> None:
    run = run_of(found, params)
    tick = run.news.tick
    world = run.story.world(tick)
    present = {e.dyad for e in found if run.news.present(e.dyad, tick)}
    assert {d.key for d in run.outputs.dyads} == {f"{d}|{v.name}" for d in present for v in params.views}
    views = {view.name: view for view in params.views}
    for record in run.outputs.dyads:
        comparison.dyad(run, world, record, views[record.view])


@given(NEWS, PARAMS)
@often
def test_every_signal_is_that_of_the_definitions(found: list[Entry], params: MetricParams) -> None:
    run = run_of(found, params)
    comparison.drifts(run)
    comparison.alerts(run)
    blocs.check(run)


def courtship(lasting: int, then: int, kind: EventType = EventType.CONSULT, g: float = 1.0) -> list[Entry]:
    """A state sides with one of two others for some days, then with the other; a second now and then too."""
    found = []
    for day in range(lasting + then):
        when = NOON + timedelta(days=day)
        friend, foe = ("RUS", "USA") if day < lasting else ("USA", "RUS")
        found += [make_event("TUR", friend, EventType.AID, 8.3, when)]
        found += [make_event("TUR", foe, EventType.ASSAULT, -10.0, when)]
        if day % 3 == 0:
            found += [make_event("KAZ", friend, kind, g, when), make_event("USA", "RUS", kind, g, when)]
    return [entry_of(event) for event in found]


COURTSHIPS = st.builds(
    courtship,
    st.integers(15, 30),
    st.integers(0, 12),
    st.sampled_from((EventType.CONSULT, EventType.AID)),
    st.sampled_from((1.0, 8.3, -2.0)),
)


@given(COURTSHIPS, histories(max_size=5), PARAMS)
@settings(often, max_examples=max(10, EXAMPLES // 6))
def test_candidates_come_and_go_by_the_definitions(
    courting: list[Entry], rest: list[Entry], params: MetricParams
) -> None:
    run = run_of([*courting, *rest], params)
    comparison.drifts(run)
    comparison.alerts(run)


def test_a_courted_state_becomes_a_candidate_and_ceases_to_be_one() -> None:
    """Guards the test before against never meeting a candidate."""
    for then, candidate in ((0, True), (12, False)):
        run = run_of(courtship(25, then), SHORT)
        comparison.drifts(run)
        comparison.alerts(run)
        records = {record.key: record for record in run.outputs.of(DRIFT)}
        standing = records["near|TUR"]
        assert isinstance(standing, Drift)
        assert standing.candidate == candidate


@given(histories(min_size=1, max_size=12))
@often
def test_midnights_and_the_clock(found: list[Entry]) -> None:
    run = run_of(found, SHORT)
    clock = run.outputs.clock
    assert clock is not None
    assert clock.frontier == max(moment(0) + timedelta(microseconds=e.published_us) for e in found)
    assert clock.tick == moment(run.news.tick)
    assert clock.watermark == clock.frontier - timedelta(hours=SHORT.lateness_h)
    assert clock.events == len(run.news.events)
    assert clock.ledger_digest == run.news.digest(10**7)
    assert list(run.frame.midnights) == run.news.midnights


def tick_of(record: CoalitionMetric) -> int:
    return int((record.as_of - moment(0)).total_seconds()) // 3600


def _some(ticks: list[int], most: int = 12) -> list[int]:
    """Evenly spread over them, the last among them."""
    step = max(1, -(-len(ticks) // most))
    return ticks[::-step][::-1]

"""Coalitions against hand arithmetic, and every degenerate case."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from pipeline.contract.codec import encode
from pipeline.contract.event import Event, EventType, Status
from pipeline.contract.metric import CoalitionMetric, DyadMetric
from pipeline.contract.topics import METRICS
from pipeline.metrics.aggregate import Aggregate, recompute
from pipeline.metrics.effects import actor_effects
from pipeline.metrics.entry import entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, Member
from tests.strategies import NOON, make_event

PARAMS = MetricParams()
STIFF = MetricParams(ridge=1e15)
"""No actor has an effect of its own: what is expected of a pair is the common level μ alone."""
AXIS = Coalition("axis", "three", (Member("CHN"), Member("IRN"), Member("RUS")), "west")
WEST = Coalition("west", "two", (Member("GBR"), Member("USA")), "axis")
SEED = (
    make_event("CHN", "RUS", EventType.CONSULT, 5.0),
    make_event("IRN", "RUS", EventType.AID, 10.0),
    make_event("RUS", "USA", EventType.SANCTION, -5.0),
    make_event("GBR", "USA", EventType.AGREE, 5.0),
)
"""Log-odds with κ/2 = 7.5: ln(12.5/7.5) = .510826; ln(17.5/7.5) = .847298; −.510826; .510826.

Weights √5, √10, √5, √5, so μ = (√5·.510826 + √10·.847298)/(3√5 + √10) = .387178.
"""
LEVEL = (math.sqrt(5) * math.log(12.5 / 7.5) + math.sqrt(10) * math.log(17.5 / 7.5)) / (
    3 * math.sqrt(5) + math.sqrt(10)
)
"""μ of the seed."""


def tie(coop: float, conflict: float) -> float:
    """τ where μ alone is expected: the prior's κ = 15 is split as a tone of tanh(μ/2) splits it."""
    usual = math.tanh(LEVEL / 2)
    odds = math.log((coop + 7.5 * (1 + usual)) / (conflict + 7.5 * (1 - usual)))
    return math.tanh((odds - LEVEL) / 2)


A, B, C, D = tie(5, 0), tie(10, 0), tie(0, 5), tie(5, 0)
"""Ties of CHN|RUS, IRN|RUS, RUS|USA and GBR|USA."""


def latest(
    *events: Event,
    coalitions: tuple[Coalition, ...] = (AXIS, WEST),
    view: str = "ewm30d",
    params: MetricParams = STIFF,
) -> dict[str, CoalitionMetric]:
    outputs = recompute([entry_of(event) for event in events], coalitions, params, "test")
    rows = [row for row in outputs.of(METRICS) if isinstance(row, CoalitionMetric)]
    return {row.coalition: row for row in rows if row.view == view}


def dyads(*events: Event, params: MetricParams = STIFF) -> dict[str, DyadMetric]:
    outputs = recompute([entry_of(event) for event in events], (), params, "test")
    return {row.dyad: row for row in outputs.dyads if row.view == "ewm30d"}


def near(value: float | None) -> object:
    return None if value is None else pytest.approx(value, abs=1e-9)


def test_the_level_and_the_ties_by_hand() -> None:
    """μ = .387178; tanh(μ/2) = .191207, so the prior is 8.934053 of cooperation and 6.065947 of conflict.

    CHN|RUS: ln(13.934053/6.065947) − .387178 = .444465, τ = tanh(.222232) = .218645.
    """
    assert near(0.387177857) == LEVEL
    found = dyads(*SEED)
    assert found["CHN|RUS"].expected == near(LEVEL)
    assert found["CHN|RUS"].tie == near(A) == pytest.approx(0.218645, abs=1e-6)
    assert found["RUS|USA"].tie == near(C)
    assert C < 0 < A < B


def test_actor_effects_by_hand() -> None:
    """Two dyads, weights 1, λ = 1: ℓ_01 = 1, ℓ_02 = 0. Unknown μ, a, b, c:

    2μ + 2a + b + c = 1; 2μ + 3a + b + c = 1; μ + a + 2b = 1; μ + a + 2c = 0. The first two give a = 0, the
    last two b = (1 − μ)/2, c = −μ/2, so 2μ + (1 − 2μ)/2 = 1, μ = 1/2, b = 1/4, c = −1/4.
    """
    ends = (np.array([0, 0]), np.array([1, 2]))
    found = actor_effects(ends, np.array([1.0, 0.0]), np.array([1.0, 1.0]), 4, ridge=1.0)
    assert found.level == pytest.approx(0.5, abs=1e-12)
    assert found.of_actor == pytest.approx([0.0, 0.25, -0.25, 0.0], abs=1e-12)
    assert found.expected(np.array([0]), np.array([1])) == pytest.approx([0.75], abs=1e-12)


def test_affinity_by_hand() -> None:
    """Cooperation 5, 10 and 5: totals CHN 5, IRN 10, RUS 15, GBR 5, USA 5, together 40.

    CHN|RUS: ln((5 + 15)/(5·15/40 + 15)); RUS|USA has no cooperation: ln(15/(15·5/40 + 15)).
    """
    found = dyads(*SEED)
    assert found["CHN|RUS"].affinity == near(math.log(20 / (75 / 40 + 15)))
    assert found["RUS|USA"].affinity == near(math.log(15 / (75 / 40 + 15)))
    axis = latest(*SEED)["axis"]
    unseen = math.log(15 / (5 * 10 / 40 + 15))  # CHN|IRN
    of_iran = math.log(25 / (150 / 40 + 15))
    assert axis.affinity == near((found["CHN|RUS"].affinity + of_iran + unseen) / 3)


def test_volume_shares_and_momentum_by_hand() -> None:
    """One of four happenings. Everything fell in the hour that the tick closes, so all half-lives agree."""
    found = dyads(*SEED)["CHN|RUS"]
    assert found.volume_share == 0.25
    assert found.momentum == (0.0, 0.0)
    war = make_event("CHN", "RUS", EventType.ASSAULT, -9.0, NOON + timedelta(days=10))
    outputs = recompute([entry_of(event) for event in (*SEED, war)], (), STIFF, "test")
    ties = {row.view: row.tie for row in outputs.dyads if row.dyad == "CHN|RUS"}
    (momentum,) = {row.momentum for row in outputs.dyads if row.dyad == "CHN|RUS"}
    assert momentum[0] == near(ties["ewm7d"] - ties["ewm30d"])
    assert momentum[1] == near(ties["ewm30d"] - ties["ewm90d"])
    assert momentum[0] < 0, "the last week was worse than the month"


def test_cohesion_opposition_and_strength_by_hand() -> None:
    """Three pairs of weight 1: A, B and, never in the news, 0. Six pairs across, one of them C.

    Strength: coh of CHN is (A + 0)/2, of IRN (B + 0)/2, of RUS (A + B)/2, so Σ(1 + coh)/2 = 1.5 + (A + B)/2.
    West has coh D twice: 1 + D.
    """
    axis = latest(*SEED)["axis"]
    assert axis.cohesion == near((A + B) / 3)
    assert axis.opposition == near(-C / 6)
    assert axis.strength == near(1.5 + (A + B) / 2)
    assert axis.relative_strength == near((1.5 + (A + B) / 2) / (2.5 + (A + B) / 2 + D))
    assert axis.members == ("CHN", "IRN", "RUS")
    assert (axis.n_events, axis.n_eff, axis.dyads_observed, axis.dyads_possible) == (2, 2.0, 2, 3)
    assert axis.prior_share == near((15 / 20 + 15 / 25 + 1) / 3)
    assert [(top.dyad, top.n_events) for top in axis.top_dyads] == [("CHN|RUS", 1), ("IRN|RUS", 1)]


def test_polarisation_and_esteban_ray_by_hand() -> None:
    """Shares of mass 3/5 and 2/5, distance (1 − C/6)/2, α = 1.3: .6^2.3·.4 + .4^2.3·.6 = .196467."""
    axis = latest(*SEED)["axis"]
    assert axis.polarisation == near(((A + B) / 3 + D) / 2 - C / 6)
    identified = 0.6**2.3 * 0.4 + 0.4**2.3 * 0.6
    assert identified == pytest.approx(0.196467, abs=1e-6)
    assert axis.esteban_ray == near(identified * (1 - C / 6) / 2)


def test_frustration_density_weakest_and_hub_by_hand() -> None:
    """No tie has the wrong sign: A, B, D friendly inside, C hostile across. No pair has five happenings.

    The weakest pair is the silent one. RUS has a part in both ties that count, so it carries all.
    """
    axis = latest(*SEED)["axis"]
    assert axis.frustration == 0.0
    assert axis.density == 0.0
    assert axis.min_tie is not None
    assert (axis.min_tie.dyad, axis.min_tie.tie) == ("CHN|IRN", 0.0)
    assert axis.hub_share == near(1.0)
    quarrel = latest(*SEED, make_event("CHN", "IRN", EventType.SANCTION, -5.0))["axis"]
    assert quarrel.frustration is not None
    assert 0 < quarrel.frustration < 1


def test_the_shape_by_hand() -> None:
    """A midnight later. Ties inside friendly, across hostile: every state stands where it is declared.

    Triangles of CHN, IRN, RUS, GBR, USA: those with three ties in the news. Only RUS|USA joins the camps, so
    none is whole until a hostile CHN|USA closes CHN, RUS, USA: one friend, two foes, balanced.
    """
    events = [*SEED, make_event("CHN", "USA", EventType.SANCTION, -9.0)]
    axis = latest(*events, make_event("BRA", "ARG", published_at=NOON + timedelta(days=1)))["axis"]
    assert axis.shape is not None
    assert axis.shape.as_of == datetime(2024, 3, 22, tzinfo=UTC)
    assert axis.shape.triad_balance == 1.0
    assert axis.shape.partition_agreement == 1.0
    assert axis.shape.placebo_percentile is None, "three of seven states leave too few to draw from"


def test_the_placebo_of_the_best_and_the_worst() -> None:
    """Four friends and four foes among twelve states: no random four do better, none worse."""
    codes = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "III", "JJJ", "KKK", "LLL"]
    events = []
    for i, one in enumerate(codes):
        for j, other in enumerate(codes[i + 1 :], start=i + 1):
            kind, g = (EventType.AID, 9.0) if j < 4 else (EventType.ASSAULT, -9.0)
            if j >= 4 and i < 8:
                kind, g = EventType.CONSULT, 0.1
            events.append(make_event(one, other, kind, g))
    events.append(make_event("AAA", "BBB", published_at=NOON + timedelta(days=1)))
    friends = Coalition("friends", "best", tuple(map(Member, codes[:4])))
    foes = Coalition("foes", "worst", tuple(map(Member, codes[8:])))
    found = latest(*events, coalitions=(friends, foes))
    shapes = {name: row.shape.placebo_percentile for name, row in found.items() if row.shape is not None}
    assert shapes["friends"] > 99
    assert shapes["foes"] < 1


def test_drivers_add_up_to_the_change() -> None:
    """Since midnight came one gift: its pair moves up, and the level with it, so all others move down."""
    gift = make_event("CHN", "IRN", EventType.AID, 10.0, NOON + timedelta(days=1))
    before, after = latest(*SEED)["axis"], latest(*SEED, gift)["axis"]
    assert after.drivers is not None
    assert after.drivers.since == datetime(2024, 3, 22, tzinfo=UTC)
    parts = [driver.contribution for driver in after.drivers.dyads]
    assert after.drivers.dyads[0].dyad == "CHN|IRN"
    assert sum(parts) + after.drivers.rest == pytest.approx(after.drivers.change, abs=1e-12)
    assert after.drivers.change == pytest.approx(after.cohesion - before.cohesion, abs=0.02), "fading apart"


def test_the_index_is_a_hundred_over_its_baseline() -> None:
    """Nothing happens for 40 days after a baseline of two: the ties of both days fade alike, z needs 30."""
    based = Coalition("axis", "based", AXIS.members, None, baseline=(date(2024, 3, 21), date(2024, 3, 23)))
    events = [*SEED, make_event("BRA", "ARG", published_at=NOON + timedelta(days=40))]
    outputs = recompute([entry_of(event) for event in events], (based,), STIFF, "test")
    rows = [row for row in outputs.history if row.view == "ewm30d"]
    base = [row.strength for row in rows[:2]]
    assert [row.as_of.day for row in rows[:2]] == [22, 23]
    assert rows[0].index is None, "the baseline is not over"
    for row in rows[1:]:
        assert row.index is not None
        assert row.index.value == pytest.approx(100 * row.strength / (sum(base) / 2), abs=1e-6)
        assert row.index.baseline_from == datetime(2024, 3, 22, tzinfo=UTC)
    assert rows[20].index is not None
    assert rows[20].index.z is None
    last = rows[-1]
    assert last.index is not None
    past = [row.strength for row in rows[:-1]]
    mean = sum(past) / len(past)
    spread = math.sqrt(sum((p - mean) ** 2 for p in past) / (len(past) - 1))
    assert last.index.z == pytest.approx((last.strength - mean) / spread, abs=1e-4)


def test_without_a_configured_baseline_the_first_thirty_days_are_it() -> None:
    events = [*SEED, make_event("BRA", "ARG", published_at=NOON + timedelta(days=40))]
    outputs = recompute([entry_of(event) for event in events], (AXIS, WEST), STIFF, "test")
    rows = [row for row in outputs.history if (row.coalition, row.view) == ("axis", "ewm30d")]
    assert [row.index is None for row in rows] == [number < 29 for number in range(len(rows))]


def test_the_interval_of_a_cohesion_by_hand() -> None:
    """ν = 3 + min(1, 3·5/15) = 4, then 3 + min(1, 2) = 4, then 3; variance (1 − τ²)²/((1 − s²)(ν + 1)).

    s is the tone with the prior centred on μ: tanh((ln odds)/2).
    """
    usual = math.tanh(LEVEL / 2)

    def variance(coop: float, nu: float) -> float:
        odds = math.log((coop + 7.5 * (1 + usual)) / (7.5 * (1 - usual)))
        return (1 - tie(coop, 0) ** 2) ** 2 / ((1 - math.tanh(odds / 2) ** 2) * (nu + 1))

    parts = [(variance(5, 4), 15 / 20), (variance(10, 4), 15 / 25), (variance(0, 3), 1.0)]
    own = sum(v * (1 - prior) for v, prior in parts) / 9
    shared = sum(math.sqrt(v * prior) for v, prior in parts) / 3
    margin = 1.6448536269514722 * math.sqrt(own + shared**2)
    assert latest(*SEED)["axis"].ci90 == pytest.approx(((A + B) / 3 - margin, (A + B) / 3 + margin), abs=1e-9)


def test_degrees_and_capabilities_weigh() -> None:
    """ω of CHN|RUS is .5·√2, of IRN|RUS .5, of CHN|IRN √2."""
    uneven = Coalition(
        "axis", "uneven", (Member("CHN", capability=2.0), Member("IRN"), Member("RUS", weight=0.5)), None
    )
    axis = latest(*SEED, coalitions=(uneven,))["axis"]
    a, b, c = 0.5 * math.sqrt(2), 0.5, math.sqrt(2)
    assert axis.cohesion == near((a * A + b * B) / (a + b + c))
    china = 2 * (1 + (0.5 * A) / 1.5) / 2  # the others' pμ: 1 and .5
    iran = 1 * (1 + (0.5 * B) / 2.5) / 2
    russia = 0.5 * (1 + (2 * A + 1 * B) / 3) / 2
    assert axis.strength == near(china + iran + russia)


def test_members_are_those_of_the_day() -> None:
    leaver, joiner = Member("CHN", until=date(2024, 3, 24)), Member("IRN", since=date(2024, 3, 23))
    growing = Coalition("axis", "grows and shrinks", (leaver, joiner, Member("RUS")))
    events = [make_event("RUS", "CHN", published_at=NOON + timedelta(days=d)) for d in range(4)]
    events += [make_event("RUS", "IRN", published_at=NOON + timedelta(days=4))]
    outputs = recompute([entry_of(event) for event in events], (growing,), STIFF)
    members = {row.as_of: row.members for row in outputs.history}
    assert members[datetime(2024, 3, 22, tzinfo=UTC)] == ("CHN", "RUS")
    assert members[datetime(2024, 3, 23, tzinfo=UTC)] == ("CHN", "IRN", "RUS")
    assert datetime(2024, 3, 24, tzinfo=UTC) not in members, "no pair of members has any news then"
    (row, *_) = outputs.of(METRICS)
    assert isinstance(row, CoalitionMetric)
    assert (row.as_of, row.members) == (datetime(2024, 3, 25, 13, tzinfo=UTC), ("IRN", "RUS"))


def test_no_rival() -> None:
    alone = Coalition("axis", "alone", AXIS.members)
    axis = latest(*SEED, coalitions=(alone,))["axis"]
    assert (axis.rival, axis.opposition, axis.opposition_ci90, axis.relative_strength) == (None,) * 4
    assert (axis.polarisation, axis.esteban_ray) == (None, None)


def test_a_rival_without_members_that_day_is_nobody() -> None:
    later = Coalition("west", "later", (Member("USA", since=date(2030, 1, 1)),))
    axis = latest(*SEED, coalitions=(AXIS, later))["axis"]
    assert axis.rival == "west"
    assert (axis.opposition, axis.relative_strength) == (None, None)


def test_one_member_has_no_pairs_but_may_stand_against_a_rival() -> None:
    """Cohesion is 0 with a single prior's interval; strength (1 + 0)/2."""
    solo = Coalition("solo", "one", (Member("RUS"),), "west")
    found = latest(*SEED, coalitions=(solo, WEST))["solo"]
    assert (found.cohesion, found.prior_share, found.n_eff, found.dyads_possible) == (0, 1, 0, 0)
    assert found.ci90 == pytest.approx((-0.822426813, 0.822426813), abs=1e-9)  # 1.645·√(1/4)
    assert found.opposition == near(-C / 2)  # pairs GBR|RUS 0 and RUS|USA C
    assert found.strength == 0.5
    assert (found.top_dyads, found.min_tie, found.density, found.hub_share) == ((), None, None, None)


def test_a_member_of_both_camps_is_not_its_own_rival() -> None:
    mixed = Coalition("mixed", "shares RUS with axis", (Member("RUS"), Member("USA")), "axis")
    found = latest(*SEED, coalitions=(AXIS, WEST, mixed))["mixed"]
    # Pairs across: CHN|RUS A, IRN|RUS B, CHN|USA and IRN|USA 0; RUS|USA is its own.
    assert found.opposition == near(-(A + B) / 4)
    assert found.cohesion == near(C)


def test_a_rival_inside_the_coalition_leaves_nobody_across() -> None:
    whole = Coalition("whole", "holds its rival", (*AXIS.members, *WEST.members), "west")
    found = latest(*SEED, coalitions=(AXIS, WEST, whole))["whole"]
    assert (found.opposition, found.opposition_ci90, found.polarisation) == (None, None, None)
    assert found.relative_strength is not None


def test_no_data_no_rows() -> None:
    assert recompute([], (AXIS, WEST), STIFF) == Aggregate((AXIS,), STIFF).outputs()
    assert list(recompute([], (AXIS, WEST), STIFF).records()) == []
    assert latest(make_event("BRA", "ARG")) == {}


def test_an_event_that_counts_nothing_still_makes_a_row_of_the_prior() -> None:
    axis = latest(make_event("CHN", "RUS", status=Status.DENIED))["axis"]
    assert (axis.cohesion, axis.n_events, axis.prior_share, axis.top_dyads) == (0, 0, 1, ())
    assert (axis.frustration, axis.hub_share) == (None, None)


def test_all_conflict_stays_within_bounds() -> None:
    """Tones near −1. Ties are below 0 too: so one-sided a world was not to be expected from κ's prior."""
    events = [
        make_event(a, b, EventType.ASSAULT, -10.0, occurred_on=date(2024, 3, day))
        for a, b in (("CHN", "RUS"), ("IRN", "RUS"), ("CHN", "IRN"))
        for day in range(1, 21)
    ]
    axis = latest(*events, view="w90d", params=MetricParams())["axis"]
    assert -1 < axis.cohesion < 0
    assert -1 <= axis.ci90[0] < axis.cohesion < axis.ci90[1] <= 1
    assert 0 < axis.strength < 1.5
    outputs = recompute([entry_of(event) for event in events], (AXIS,), MetricParams())
    tones = {row.dyad: row.tone for row in outputs.dyads if row.view == "w90d"}
    assert tones["CHN|RUS"] == pytest.approx(-200 / 215, abs=1e-9)


def test_news_of_400_days_ago_is_nearly_the_prior_and_then_gone() -> None:
    """PRK is no member, so its event moves the tick only: day 400 is the last to see the old news."""
    old = make_event("CHN", "RUS", EventType.CONSULT, 5.0)
    for days, n in ((399, 1), (400, 1), (401, 0)):
        outputs = recompute(
            [entry_of(old), entry_of(make_event("PRK", "BRA", published_at=NOON + timedelta(days=days)))],
            (AXIS,),
            PARAMS,
        )
        rows = [row for row in outputs.history if row.view == "ewm7d"]
        assert rows[-1].n_events == 1
        assert rows[-1].cohesion == pytest.approx(0, abs=1e-9)
        assert rows[-1].prior_share == 1.0
        assert (rows[-1].as_of.date() == (NOON + timedelta(days=days)).date()) == bool(n)


def test_late_news_raises_the_revision_of_final_rows_only_once_each() -> None:
    start = make_event("CHN", "RUS", EventType.CONSULT, 5.0)
    late = make_event("IRN", "RUS", published_at=NOON + timedelta(days=5), occurred_on=date(2024, 3, 21))
    rows = list(recompute([entry_of(start), entry_of(late)], (AXIS,), PARAMS).history)
    found = {row.as_of: (row.revision, row.final) for row in rows if row.view == "w30d"}
    assert found == {
        datetime(2024, 3, 22, tzinfo=UTC): (1, True),
        datetime(2024, 3, 23, tzinfo=UTC): (1, True),
        datetime(2024, 3, 24, tzinfo=UTC): (1, True),  # the frontier, 26th 12:00, less 48 h
        datetime(2024, 3, 25, tzinfo=UTC): (0, False),
        datetime(2024, 3, 26, tzinfo=UTC): (0, False),
    }


def test_a_correction_counts_even_where_it_keeps_its_publication_time() -> None:
    told = make_event("CHN", "RUS", EventType.CONSULT, 5.0, event_id="a" * 32)
    withdrawn = make_event(
        "CHN", "RUS", EventType.CONSULT, 5.0, event_id="a" * 32, revision=2, retracted=True
    )
    before, now = latest(told)["axis"], latest(withdrawn, told)["axis"]
    assert (before.revision, before.cohesion > 0) == (0, True)
    assert (now.revision, now.cohesion) == (1, 0.0)


def test_as_of_shows_what_was_known_then() -> None:
    events = [entry_of(event) for event in SEED]
    later = entry_of(make_event("CHN", "IRN", published_at=NOON + timedelta(days=1)))
    then = recompute([*events, later], (AXIS, WEST), PARAMS, as_of=NOON + timedelta(hours=3))
    assert list(map(encode, then.dyads)) == list(map(encode, recompute(events, (AXIS, WEST), PARAMS).dyads))


def test_outputs_are_empty_until_something_is_new() -> None:
    live = Aggregate((AXIS, WEST), PARAMS)
    entry = entry_of(SEED[0])
    assert live.fold(entry)
    first = live.outputs()
    assert len(list(first.records())) == 7 + 7 + 1  # one dyad and one coalition in seven views, the clock
    assert list(live.outputs().records()) == []
    assert not live.fold(entry)
    assert list(live.outputs().records()) == []
    assert list(live.everything().records()) == list(first.records())
    with pytest.raises(KeyError):
        live.stored(entry_of(SEED[1]))


def test_the_clock_comes_last_and_names_the_watermark() -> None:
    *_, (topic, key, record) = recompute([entry_of(e) for e in SEED], (AXIS,), PARAMS).records()
    assert (topic.name, key) == ("coalition.clock.v1", "aggregator")
    assert encode(record).startswith(
        b'{"stage":"aggregator","frontier":"2024-03-21T12:00:00Z","watermark":"2024-03-19T12:00:00Z",'
        b'"tick":"2024-03-21T13:00:00Z","events":4,'
    )


def test_a_day_is_published_again_when_it_turns_final() -> None:
    live, final = Aggregate((AXIS,), PARAMS), list[tuple[str, bool]]()
    for hours in (0, 13, 24, 48, 61, 62):
        live.fold(entry_of(make_event("CHN", "RUS", published_at=NOON + timedelta(hours=hours))))
        rows = [row for row in live.outputs().history if row.view == "w1d"]
        final += [(f"{row.as_of:%m-%d}", row.final) for row in rows if row.as_of.day == 22]
    assert final == [("03-22", False), ("03-22", True)]


def test_dyads_that_were_only_nudged_wait_until_the_stream_rests() -> None:
    live = Aggregate((AXIS, WEST), PARAMS)
    for event in SEED:
        live.fold(entry_of(event))
    live.outputs()
    live.fold(entry_of(make_event("CHN", "IRN", EventType.AID, 8.0, NOON + timedelta(minutes=5))))
    busy = live.outputs(settle=False)
    assert {dyad.dyad for dyad in busy.dyads} == {"CHN|IRN"}
    assert busy.clock is not None
    assert not busy.clock.settled
    assert live.unsettled
    rest = live.outputs()
    assert {dyad.dyad for dyad in rest.dyads} == {"CHN|IRN", "CHN|RUS", "IRN|RUS", "RUS|USA", "GBR|USA"}
    assert not live.unsettled
    assert list(live.outputs().records()) == []

"""Coalitions against hand arithmetic, and every degenerate case."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.contract.codec import encode
from pipeline.contract.event import Event, EventType, Status
from pipeline.contract.metric import CoalitionMetric
from pipeline.metrics.aggregate import Aggregate, recompute
from pipeline.metrics.entry import entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, Member
from tests.strategies import NOON, make_event

PARAMS = MetricParams()
AXIS = Coalition("axis", "three", (Member("CHN"), Member("IRN"), Member("RUS")), "west")
WEST = Coalition("west", "two", (Member("GBR"), Member("USA")), "axis")
SEED = (
    make_event("CHN", "RUS", EventType.CONSULT, 5.0),  # tone 5/20 = 1/4
    make_event("IRN", "RUS", EventType.AID, 10.0),  # tone 10/25 = 2/5
    make_event("RUS", "USA", EventType.SANCTION, -5.0),  # tone −1/4
    make_event("GBR", "USA", EventType.AGREE, 5.0),  # tone 1/4
)


def latest(
    *events: Event, coalitions: tuple[Coalition, ...] = (AXIS, WEST), view: str = "ewm30d"
) -> dict[str, CoalitionMetric]:
    outputs = recompute([entry_of(event) for event in events], coalitions, PARAMS, "test")
    return {metric.coalition: metric for metric in outputs.metrics if metric.view == view}


def test_cohesion_opposition_and_strength_by_hand() -> None:
    """Three pairs of weight 1 with tones 1/4, 2/5 and, unobserved, 0.

    Cohesion (1/4 + 2/5 + 0)/3 = .216667. Opposition: six pairs, one at −1/4: 1/24. Strength: coh of CHN
    is (1/4 + 0)/2, of IRN (2/5 + 0)/2, of RUS (1/4 + 2/5)/2, so Σ(1 + coh)/2 = 1.5 + .65/2 = 1.825.
    West has coh 1/4 twice: 1.25. Relative strength 1.825/3.075.
    """
    axis = latest(*SEED)["axis"]
    assert axis.cohesion == pytest.approx(0.65 / 3, abs=1e-9)
    assert axis.opposition == pytest.approx(1 / 24, abs=1e-9)
    assert axis.strength == pytest.approx(1.825, abs=1e-9)
    assert axis.relative_strength == pytest.approx(1.825 / 3.075, abs=1e-9)
    assert axis.members == ("CHN", "IRN", "RUS")
    assert (axis.n_events, axis.n_eff, axis.dyads_observed, axis.dyads_possible) == (2, 2.0, 2, 3)
    assert axis.prior_share == pytest.approx((15 / 20 + 15 / 25 + 1) / 3, abs=1e-9)
    assert [(top.dyad, top.tone, top.n_events) for top in axis.top_dyads] == [
        ("CHN|RUS", 0.25, 1),
        ("IRN|RUS", 0.4, 1),
    ]


def test_the_interval_of_a_cohesion_by_hand() -> None:
    """ν = 3 + min(1, 3·5/15) = 4, then 3 + min(1, 2) = 4, then 3; variance (1 − s²)/(ν + 1).

    .9375/5 = .1875 with prior share .75; .84/5 = .168 with .6; 1/4 with 1. Own parts .1875·.25 and
    .168·.4, over 9; shared: (√.140625 + √.1008 + √.25)/3.
    """
    axis = latest(*SEED)["axis"]
    own = (0.1875 * 0.25 + 0.168 * 0.4) / 9
    shared = (math.sqrt(0.140625) + math.sqrt(0.1008) + 0.5) / 3
    margin = 1.6448536269514722 * math.sqrt(own + shared**2)
    assert axis.ci90 == pytest.approx((0.65 / 3 - margin, 0.65 / 3 + margin), abs=1e-9)


def test_degrees_and_capabilities_weigh() -> None:
    """ω of CHN|RUS is .5·√2, of IRN|RUS .5, of CHN|IRN √2."""
    uneven = Coalition(
        "axis", "uneven", (Member("CHN", capability=2.0), Member("IRN"), Member("RUS", weight=0.5)), None
    )
    axis = latest(*SEED, coalitions=(uneven,))["axis"]
    a, b, c = 0.5 * math.sqrt(2), 0.5, math.sqrt(2)
    assert axis.cohesion == pytest.approx((a / 4 + b * 2 / 5) / (a + b + c), abs=1e-9)
    china = 2 * (1 + (0.5 / 4) / 1.5) / 2  # the others' pμ: 1 and .5
    iran = 1 * (1 + (0.5 * 2 / 5) / 2.5) / 2
    russia = 0.5 * (1 + (2 / 4 + 1 * 2 / 5) / 3) / 2
    assert axis.strength == pytest.approx(china + iran + russia, abs=1e-9)


def test_members_are_those_of_the_day() -> None:
    leaver, joiner = Member("CHN", until=date(2024, 3, 24)), Member("IRN", since=date(2024, 3, 23))
    growing = Coalition("axis", "grows and shrinks", (leaver, joiner, Member("RUS")))
    events = [make_event("RUS", "CHN", published_at=NOON + timedelta(days=d)) for d in range(4)]
    events += [make_event("RUS", "IRN", published_at=NOON + timedelta(days=4))]
    rows = recompute([entry_of(event) for event in events], (growing,), PARAMS).history
    members = {row.as_of: row.members for row in rows}
    assert members[datetime(2024, 3, 22, tzinfo=UTC)] == ("CHN", "RUS")
    assert members[datetime(2024, 3, 23, tzinfo=UTC)] == ("CHN", "IRN", "RUS")
    assert datetime(2024, 3, 24, 13, tzinfo=UTC) not in members, "no member pair has any news then"
    assert members[datetime(2024, 3, 25, 13, tzinfo=UTC)] == ("IRN", "RUS")


def test_no_rival() -> None:
    alone = Coalition("axis", "alone", AXIS.members)
    axis = latest(*SEED, coalitions=(alone,))["axis"]
    assert (axis.rival, axis.opposition, axis.opposition_ci90, axis.relative_strength) == (None,) * 4


def test_a_rival_without_members_that_day_is_nobody() -> None:
    later = Coalition("west", "later", (Member("USA", since=date(2030, 1, 1)),))
    axis = latest(*SEED, coalitions=(AXIS, later))["axis"]
    assert axis.rival == "west"
    assert (axis.opposition, axis.relative_strength) == (None, None)


def test_one_member_has_no_pairs_but_may_stand_against_a_rival() -> None:
    """Cohesion is the prior with a single prior's interval; strength (1 + 0)/2."""
    solo = Coalition("solo", "one", (Member("RUS"),), "west")
    found = latest(*SEED, coalitions=(solo, WEST))["solo"]
    assert (found.cohesion, found.prior_share, found.n_eff, found.dyads_possible) == (0, 1, 0, 0)
    assert found.ci90 == pytest.approx((-0.822426813, 0.822426813), abs=1e-9)  # 1.645·√(1/4)
    assert found.opposition == pytest.approx(0.125, abs=1e-9)  # pairs GBR|RUS 0 and RUS|USA −1/4
    assert found.strength == 0.5
    assert found.top_dyads == ()


def test_a_member_of_both_camps_is_not_its_own_rival() -> None:
    mixed = Coalition("mixed", "shares RUS with axis", (Member("RUS"), Member("USA")), "axis")
    found = latest(*SEED, coalitions=(AXIS, WEST, mixed))["mixed"]
    # Pairs across: CHN|RUS 1/4, IRN|RUS 2/5, CHN|USA and IRN|USA 0; RUS|USA is its own.
    assert found.opposition == pytest.approx(-0.65 / 4, abs=1e-9)
    assert found.cohesion == pytest.approx(-0.25, abs=1e-9)


def test_a_rival_inside_the_coalition_leaves_nobody_across() -> None:
    whole = Coalition("whole", "holds its rival", (*AXIS.members, *WEST.members), "west")
    found = latest(*SEED, coalitions=(AXIS, WEST, whole))["whole"]
    assert (found.opposition, found.opposition_ci90) == (None, None)
    assert found.relative_strength is not None


def test_no_data_no_rows() -> None:
    assert recompute([], (AXIS, WEST), PARAMS) == Aggregate((AXIS,), PARAMS).outputs()
    assert len(recompute([], (AXIS, WEST), PARAMS)) == 0
    assert latest(make_event("BRA", "ARG")) == {}


def test_an_event_that_counts_nothing_still_makes_a_row_of_the_prior() -> None:
    axis = latest(make_event("CHN", "RUS", status=Status.DENIED))["axis"]
    assert (axis.cohesion, axis.n_events, axis.prior_share, axis.top_dyads) == (0, 0, 1, ())


def test_all_conflict_stays_within_bounds() -> None:
    events = [
        make_event(a, b, EventType.ASSAULT, -10.0, occurred_on=date(2024, 3, day))
        for a, b in (("CHN", "RUS"), ("IRN", "RUS"), ("CHN", "IRN"))
        for day in range(1, 21)
    ]
    axis = latest(*events, view="w90d")["axis"]
    assert axis.cohesion == pytest.approx(-200 / 215, abs=1e-9)
    assert -1 <= axis.ci90[0] < axis.cohesion < axis.ci90[1] < -0.5
    assert 0 < axis.strength < 0.2


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
        datetime(2024, 3, 21, 13, tzinfo=UTC): (1, True),
        datetime(2024, 3, 22, tzinfo=UTC): (1, True),
        datetime(2024, 3, 23, tzinfo=UTC): (1, True),
        datetime(2024, 3, 24, tzinfo=UTC): (1, True),  # the frontier, 26th 12:00, less 48 h
        datetime(2024, 3, 25, tzinfo=UTC): (0, False),
        datetime(2024, 3, 26, tzinfo=UTC): (0, False),
        datetime(2024, 3, 26, 13, tzinfo=UTC): (0, False),
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
    assert len(first) == len(list(first.records())) == 7 + 7 + 7 + 1  # history, dyad, latest, clock
    assert len(live.outputs()) == 0
    assert not live.fold(entry)
    assert len(live.outputs()) == 0
    assert len(live.everything()) == len(first)
    with pytest.raises(KeyError):
        live.stored(entry_of(SEED[1]))


def test_the_clock_comes_last_and_names_the_watermark() -> None:
    *_, (topic, key, record) = recompute([entry_of(e) for e in SEED], (AXIS,), PARAMS).records()
    assert (topic.name, key) == ("coalition.clock.v1", "aggregator")
    assert encode(record).startswith(
        b'{"stage":"aggregator","frontier":"2024-03-21T12:00:00Z","watermark":"2024-03-19T12:00:00Z",'
        b'"tick":"2024-03-21T13:00:00Z","events":4,'
    )


def test_the_last_row_of_a_silent_dyad_is_published_again_when_it_turns_final() -> None:
    """RUS|USA falls silent 400 days and an hour after noon; its last tick is the midnight before."""
    live, final = Aggregate((), PARAMS), list[tuple[str, bool]]()
    live.fold(entry_of(make_event("RUS", "USA")))
    live.outputs()
    for later in (timedelta(hours=9599), timedelta(hours=9602), timedelta(hours=9660)):
        live.fold(entry_of(make_event("BRA", "ARG", published_at=NOON + later)))
        told = [metric for metric in live.outputs().dyads if metric.key == "RUS|USA|w1d"]
        final += [(f"{metric.as_of:%m-%d %H}", metric.final) for metric in told]
    assert final == [("04-25 12", False), ("04-25 12", True)]

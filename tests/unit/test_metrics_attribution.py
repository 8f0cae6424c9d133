"""Ties and cohesions taken apart: by hand, and exactly for any news."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.event import EventType
from pipeline.contract.metric import CoalitionMetric, DyadMetric
from pipeline.metrics.aggregate import Aggregate
from pipeline.metrics.attribution import Standing, Step, logarithmic_mean, step_between
from pipeline.metrics.clock import hour_of
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.explanation import (
    CAME,
    FADED,
    LEFT,
    STAYED,
    Explanation,
    Told,
    explain_coalition,
    explain_dyad,
)
from pipeline.metrics.frame import Frame
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.params import HOURS_A_DAY, MetricParams
from tests.strategies import COALITIONS, NOON, SHORT, entries, make_event

KAPPA = 15.0
VIEWS = [view.name for view in SHORT.views]
NOTHING = Standing(0, 0, 0)


def tie(at: Standing) -> float:
    """Straight from the definition."""
    usual = math.tanh(at.expected / 2)
    odds = (at.coop + KAPPA / 2 * (1 + usual)) / (at.conflict + KAPPA / 2 * (1 - usual))
    return math.tanh((math.log(odds) - at.expected) / 2)


def test_the_logarithmic_mean_lies_between() -> None:
    assert logarithmic_mean(7.5, 12.5) == pytest.approx(5 / math.log(5 / 3), rel=1e-15)
    assert logarithmic_mean(12.5, 7.5) == logarithmic_mean(7.5, 12.5)
    assert logarithmic_mean(3.0, 3.0) == 3.0
    assert logarithmic_mean(1.0, 1 + 1e-14) == pytest.approx(1.0, rel=1e-13)


def test_events_of_one_kind_share_a_tie_by_their_mass() -> None:
    """IRN|RUS of the hand-checked example: +1 and +4 make .25 = .05 + .20."""
    step = step_between(NOTHING, Standing(5, 0, 0), KAPPA)
    shares = step.shares(np.zeros(2), np.array([1.0, 4.0]))
    assert shares.tolist() == pytest.approx([0.05, 0.20], rel=1e-12)


def test_cooperation_and_conflict_by_hand() -> None:
    """C = 5, K = 2: x = ln(12.5/9.5) = .274437, τ = 3/22; parts s·ln(12.5/7.5), −s·ln(9.5/7.5)."""
    step = step_between(NOTHING, Standing(5, 2, 0), KAPPA)
    assert step.shares(np.zeros(2), np.array([5.0, -2.0])).tolist() == pytest.approx(
        [0.253822, -0.117458], abs=1e-6
    )
    assert 5 * step.coop - 2 * step.conflict == pytest.approx(3 / 22, rel=1e-14)


def test_habits_by_hand() -> None:
    """Friendlier habits make the same news tell less: x from ln(1 + 7.5/7.5) to ln(1 + 7.5/11.25)."""
    step = step_between(Standing(7.5, 0, 0), Standing(7.5, 0, math.log(3)), KAPPA)
    assert step.habits == pytest.approx(1 / 4 - 1 / 3, rel=1e-13)
    assert step_between(NOTHING, Standing(0, 0, 2.0), KAPPA).habits == pytest.approx(0, abs=1e-15)


def test_both_orders_count_half() -> None:
    """C 0 → 7.5, e 0 → ln 3: news is ln(5/3) after habits and ln 2 before; half the difference is habits."""
    step = step_between(NOTHING, Standing(7.5, 0, math.log(3)), KAPPA)
    whole, secant = math.log(5 / 3), 0.25 / math.log(5 / 3)
    assert 7.5 * step.coop == pytest.approx(secant * (math.log(2) + whole) / 2, rel=1e-13)
    assert step.habits == pytest.approx(secant * (whole - math.log(2)) / 2, rel=1e-13)


def test_no_change_is_no_share() -> None:
    step = step_between(Standing(3, 1, 0.2), Standing(3, 1, 0.2), KAPPA)
    assert step.habits == 0
    assert step.coop == pytest.approx(
        (1 - tie(Standing(3, 1, 0.2)) ** 2) / 2 / (3 + 15 / (1 + math.exp(-0.2)))
    )
    assert isinstance(step, Step)


masses = st.floats(0, 500) | st.just(0.0)
standings = st.builds(Standing, masses, masses, st.floats(-4, 4))


@given(standings, standings)
def test_steps_add_up_to_the_difference_of_ties(then: Standing, now: Standing) -> None:
    step = step_between(then, now, KAPPA)
    coop, conflict = now.coop - then.coop, now.conflict - then.conflict
    assert step.coop * coop - step.conflict * conflict + step.habits == pytest.approx(
        tie(now) - tie(then), abs=1e-12
    )
    back = step_between(now, then, KAPPA)
    assert (back.coop, back.conflict) == pytest.approx((step.coop, step.conflict), rel=1e-9)
    assert back.habits == pytest.approx(-step.habits, abs=1e-12)
    mirrored = step_between(
        Standing(then.conflict, then.coop, -then.expected),
        Standing(now.conflict, now.coop, -now.expected),
        KAPPA,
    )
    assert (mirrored.coop, mirrored.conflict) == pytest.approx((step.conflict, step.coop), rel=1e-9)


def framed(found: list[Entry], params: MetricParams = SHORT) -> tuple[Frame, Told, Aggregate]:
    aggregate = Aggregate(COALITIONS, params)
    for entry in found:
        aggregate.fold(entry)
    frame, ledger = aggregate.frame(), aggregate.ledger
    return frame, cache(lambda dyad: Impulses(ledger.contributions(dyad), params)), aggregate


def adds_up(found: Explanation) -> None:
    """Every sum, to 1e-12."""
    assert sum(pair.now.value for pair in found.pairs) == pytest.approx(found.now, abs=1e-12)
    assert sum(pair.then.value for pair in found.pairs) == pytest.approx(found.then, abs=1e-12)
    assert sum(pair.change for pair in found.pairs) == pytest.approx(found.change, abs=1e-12)
    for pair in found.pairs:
        assert sum(share.value for share in pair.shares) == pytest.approx(pair.now.value, abs=1e-12)
        fates = sum(pair.moved_by(fate) for fate in (CAME, FADED, LEFT))
        assert fates + pair.habits + pair.membership == pytest.approx(pair.change, abs=1e-12)
        assert pair.rounding == pytest.approx((0, 0), abs=1e-12)
        assert pair.moved_by(STAYED) == 0
        coop = sum(share.now for share in pair.shares if share.now > 0)
        conflict = -sum(share.now for share in pair.shares if share.now < 0)
        assert (coop, conflict) == pytest.approx((pair.now.coop, pair.now.conflict), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(entries(), max_size=40),
    st.integers(-3 * 24, 45 * 24),
    st.integers(1, 20 * 24),
    st.sampled_from(range(len(VIEWS))),
)
def test_contributions_add_up_for_any_news(found: list[Entry], hours: int, back: int, view: int) -> None:
    """Corrected, withdrawn, late and scheduled events; windows and decays; before the first and after all."""
    frame, told, _ = framed(found)
    tick = hour_of(NOON.date()) + hours
    for coalition in COALITIONS:
        explained = explain_coalition(frame, told, coalition.name, (tick - back, tick), view)
        adds_up(explained)
        assert bool(explained.joined or explained.gone) or explained.membership == 0
    for dyad in frame.rows.dyads:
        adds_up(explain_dyad(frame, told, dyad, (tick - back, tick), view))


@settings(max_examples=25, deadline=None)
@given(st.lists(entries(), min_size=1, max_size=30))
def test_what_is_explained_is_what_is_published(found: list[Entry]) -> None:
    frame, told, aggregate = framed(found)
    midnight = (frame.tick - 1) // HOURS_A_DAY * HOURS_A_DAY
    for record in aggregate.everything().latest:
        value = record[1]
        if not isinstance(value, CoalitionMetric):
            continue
        view = VIEWS.index(value.view)
        explained = explain_coalition(frame, told, value.coalition, (midnight, frame.tick), view)
        assert round(explained.now, 9) + 0.0 == pytest.approx(value.cohesion, abs=1.5e-9)
        assert explained.interval == pytest.approx(value.ci90, abs=1e-9)
        if value.drivers is not None:
            assert explained.change == pytest.approx(value.drivers.change, abs=2e-9)
            changes = {pair.dyad: pair.change for pair in explained.pairs}
            for driver in value.drivers.dyads:
                assert changes[driver.dyad] == pytest.approx(driver.contribution, abs=2e-9)
    for dyad in aggregate.everything().dyads:
        assert isinstance(dyad, DyadMetric)
        view = VIEWS.index(dyad.view)
        explained = explain_dyad(frame, told, dyad.dyad, (midnight, frame.tick), view)
        assert explained.now == pytest.approx(dyad.tie, abs=1e-9)
        assert explained.interval == pytest.approx(dyad.tie_ci90, abs=1e-9)


def test_fates_of_a_window() -> None:
    """Of three acts on three days, a window of one day after the third has lost two; one came."""
    acts = [
        entry_of(make_event("RUS", "CHN", EventType.AID, g, NOON + timedelta(days=day)))
        for day, g in ((0, 5.0), (1, 3.0), (2, 1.0))
    ]
    frame, told, _ = framed(acts)
    tick = frame.tick
    pair = explain_dyad(frame, told, "CHN|RUS", (tick - HOURS_A_DAY, tick), VIEWS.index("w1d")).pairs[0]
    assert {share.part.impulse // 10**6: share.fate for share in pair.shares} == {1: CAME, 3: LEFT}
    pair = explain_dyad(frame, told, "CHN|RUS", (tick - HOURS_A_DAY, tick), VIEWS.index("w3d")).pairs[0]
    assert {share.part.impulse // 10**6: share.fate for share in pair.shares} == {
        1: CAME,
        3: STAYED,
        5: STAYED,
    }
    pair = explain_dyad(frame, told, "CHN|RUS", (tick - HOURS_A_DAY, tick), VIEWS.index("ewm1d")).pairs[0]
    assert {share.part.impulse // 10**6: share.fate for share in pair.shares} == {1: CAME, 3: FADED, 5: FADED}


def test_a_new_member_is_a_line_of_its_own() -> None:
    """IRN joins axis on 24 March; its pairs have no news, so that CHN|RUS counts for less."""
    frame, told, _ = framed([entry_of(make_event("RUS", "CHN", EventType.AID, 5.0))])
    ticks = (hour_of(date(2024, 3, 23)), hour_of(date(2024, 3, 24)))
    found = explain_coalition(frame, told, "axis", ticks, VIEWS.index("w3d"))
    assert found.joined == ("IRN",)
    chn_rus, chn_irn, irn_rus = 0.5 * math.sqrt(2), math.sqrt(2), 0.5
    (pair, *others) = found.pairs
    assert (pair.dyad, pair.then.weight) == ("CHN|RUS", 1.0)
    assert found.membership == pytest.approx(
        (pair.then.tie + pair.now.tie) / 2 * (pair.now.weight - 1), abs=1e-15
    )
    assert pair.now.weight == pytest.approx(chn_rus / (chn_rus + chn_irn + irn_rus), rel=1e-14)
    assert not any(other.change for other in others)
    adds_up(found)


def test_reports_of_a_happening_are_found_by_any_of_them() -> None:
    one = make_event("RUS", "CHN", EventType.AID, 5.0)
    other = make_event("RUS", "CHN", EventType.AID, 5.0, outlet="Levant Post", confidence=0.5)
    apart = make_event("CHN", "RUS", EventType.AID, 5.0)
    _, _, aggregate = framed([entry_of(event) for event in (one, other, apart)])
    for event in (one, other):
        reports = aggregate.ledger.reports("CHN|RUS", event.event_id)
        assert {entry.event_id for entry in reports} == {one.event_id, other.event_id}
    assert [e.event_id for e in aggregate.ledger.reports("CHN|RUS", apart.event_id)] == [apart.event_id]
    with pytest.raises(KeyError):
        aggregate.ledger.reports("CHN|RUS", "0" * 32)

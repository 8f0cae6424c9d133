"""Drifts against hand arithmetic; standings over days that rise, waver and fall."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics.drift import Hysteresis, Side, Standing, drift, step

DAY = date(2024, 3, 21)
moderate = settings(max_examples=100, deadline=None)


def side(
    tie: list[list[float]],
    weight: list[float] | list[list[float]],
    variance: float = 0.04,
    prior: float = 0.25,
) -> Side:
    """Ties of one variance and one prior share."""
    found = np.array(tie, float)
    return Side(found, np.full(found.shape, variance), np.full(found.shape, prior), np.array(weight, float))


def walk(days: list[tuple[float, float] | None], rule: Hysteresis = Hysteresis()) -> list[Standing]:
    """Standings after each day; None is a day without observation."""
    standing, found = Standing(), []
    for number, seen in enumerate(days):
        value, low = seen if seen else (None, None)
        standing = step(standing, DAY + timedelta(days=number), value, low, rule)
        found.append(standing)
    return found


def test_a_drift_and_its_interval_by_hand() -> None:
    """Weights 1 and 3 to own ties .6 and .2: .3; rival −.1: drift .4.

    Own variance .04 each, π = 1/4: (1/16 + 9/16)·.04·.75 = .01875 own, (.1)² = .01 shared; rival .03 + .01.
    Together .06875. The second outsider: 0 and .4 give .3, minus .5: −.2.
    """
    found = drift(side([[0.6, 0.2], [0.0, 0.4]], [1, 3]), side([[-0.1], [0.5]], [2]))
    margin = 1.6448536269514722 * math.sqrt(0.06875)
    assert found.value == pytest.approx([0.4, -0.2])
    assert found.low == pytest.approx([0.4 - margin, -0.2 - margin])
    assert found.high == pytest.approx([0.4 + margin, -0.2 + margin])


def test_ignorance_does_not_average_out() -> None:
    """No news at all: each side is as unsure as a single prior (variance 1/4, π = 1), however large."""
    few = drift(side([[0.0]], [1], 0.25, 1.0), side([[0.0]], [1], 0.25, 1.0))
    many = drift(side([[0.0] * 9], [1] * 9, 0.25, 1.0), side([[0.0] * 5], [1] * 5, 0.25, 1.0))
    assert few.high == pytest.approx([1.6448536269514722 * math.sqrt(0.5)])
    assert many.high == pytest.approx(few.high)
    assert many.low == pytest.approx(few.low)


def test_the_interval_is_cut_where_no_drift_can_be() -> None:
    found = drift(side([[1.0]], [1], 0.25, 1.0), side([[-1.0]], [1], 0.25, 1.0))
    assert (found.value[0], found.high[0]) == (2.0, 2.0)


def test_a_weight_of_zero_leaves_a_pair_out() -> None:
    """The second outsider has not been seen with the first member."""
    found = drift(side([[0.6, 0.2], [0.0, 0.2]], [[1, 1], [0, 1]]), side([[0.0], [0.0]], [1]))
    assert found.value == pytest.approx([0.4, 0.2])


def test_nobody_to_compare_with_is_no_observation() -> None:
    for rival in (side([[0.5]], [0]), Side(*(np.zeros((1, 0)),) * 3, np.zeros(0))):
        found = drift(side([[0.5]], [1]), rival)
        assert np.isnan([*found.value, *found.low, *found.high]).all()
    nobody = Side(*(np.zeros((0, 2)),) * 3, np.ones(2))
    assert drift(nobody, nobody).value.shape == (0,)


TIES = st.floats(-1, 1).map(lambda x: round(x, 3))


@given(st.lists(TIES, min_size=1, max_size=5), st.lists(TIES, min_size=1, max_size=5), st.floats(-0.5, 0.5))
@moderate
def test_turning_the_sides_turns_the_drift_and_a_common_shift_cancels(
    own: list[float], rival: list[float], shift: float
) -> None:
    here, there = side([own], [1.0] * len(own), 0.01), side([rival], [1.0] * len(rival), 0.01)
    found, turned = drift(here, there), drift(there, here)
    assert turned.value == pytest.approx(-found.value)
    assert turned.low == pytest.approx(-found.high)
    assert found.low <= found.value <= found.high
    assert abs(found.value[0]) <= 2
    moved = drift(
        side([[x + shift for x in own]], [1.0] * len(own)),
        side([[x + shift for x in rival]], [1.0] * len(rival)),
    )
    assert moved.value == pytest.approx(found.value, abs=1e-12)


def test_a_candidate_after_fourteen_days_and_until_it_falls_by_hand() -> None:
    """13 days at .3, then the fourteenth: 3 April. Then .15 keeps it, .10 too, .09 drops it."""
    found = walk([(0.3, 0.1)] * 14 + [(0.15, -0.1), (0.10, -0.2), (0.09, -0.2), (0.3, 0.1)])
    assert found[12] == Standing(13, False, None)
    assert found[13] == Standing(14, True, date(2024, 4, 3))
    assert found[14] == Standing(0, True, date(2024, 4, 3))
    assert found[15].candidate
    assert found[16] == Standing()
    assert found[17] == Standing(1)


@pytest.mark.parametrize("broken", [(0.2, 0.1), (0.15, 0.01), (0.5, 0.0), (0.5, -0.1), (-1.0, -1.2)])
def test_one_day_that_is_not_clearly_above_ends_the_row(broken: tuple[float, float]) -> None:
    found = walk([(0.3, 0.1)] * 13 + [broken] + [(0.3, 0.1)] * 13)
    assert not any(standing.candidate for standing in found)
    assert found[13] == Standing()
    assert found[-1].days_above == 13


def test_a_day_without_observation_leaves_everything_as_it_was() -> None:
    found = walk([(0.3, 0.1)] * 7 + [None] * 5 + [(0.3, 0.1)] * 7 + [None] * 400)
    assert found[11] == found[6]
    assert found[18] == Standing(14, True, DAY + timedelta(days=18))
    assert found[-1] == found[18]
    assert step(Standing(3), DAY, math.nan, math.nan) == Standing(3)
    assert step(Standing(3), DAY, 0.3, math.nan) == Standing()  # a drift without an interval is not clear


DAYS = st.lists(st.none() | st.tuples(st.floats(-2, 2), st.floats(-2, 2)), max_size=60)


@given(DAYS, st.booleans(), st.integers(0, 20))
@moderate
def test_within_the_band_nothing_flips(
    days: list[tuple[float, float] | None], candidate: bool, row: int
) -> None:
    standing = Standing(row, candidate, DAY if candidate else None)
    for seen in days:
        value = None if seen is None else 0.10 + (seen[0] + 2) / 4 * 0.10
        standing = step(standing, DAY, value, None if seen is None else seen[1])
        assert standing.candidate is candidate


@given(DAYS, st.integers(1, 4))
@moderate
def test_every_change_has_its_reason(days: list[tuple[float, float] | None], needed: int) -> None:
    rule = Hysteresis(days=needed)
    before = Standing()
    for number, after in enumerate(walk(days, rule)):
        seen = [day for day in days[: number + 1] if day]
        if after.candidate and not before.candidate:
            assert len(seen) >= needed
            assert all(value > 0.20 and low > 0 for value, low in seen[-needed:])
        if before.candidate and not after.candidate:
            assert days[number] is not None
            assert seen[-1][0] < 0.10
        assert (after.since is not None) is after.candidate
        before = after


@given(DAYS)
@moderate
def test_leaving_out_days_without_observation_leads_to_the_same_standing(
    days: list[tuple[float, float] | None],
) -> None:
    with_gaps, without = walk(days), walk([day for day in days if day])
    if without:
        assert (with_gaps[-1].days_above, with_gaps[-1].candidate) == (
            without[-1].days_above,
            without[-1].candidate,
        )

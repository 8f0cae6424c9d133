"""Unusual days against hand arithmetic; laws of both detectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics import surge
from pipeline.metrics.clock import Mask
from pipeline.metrics.surge import log_ratio, robust_z
from pipeline.metrics.trail import Floats

NAN = math.nan
moderate = settings(max_examples=80, deadline=None)


def always(days: int) -> Mask:
    return np.ones(days, dtype=bool)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Floats, Mask]:
    """Up to four dyads over up to thirty days of whole Goldstein units, some days without any data."""
    dyads, days = draw(st.integers(0, 4)), draw(st.integers(0, 30))
    size = dyads * days
    net = draw(st.lists(st.integers(-20, 20), min_size=size, max_size=size))
    seen = draw(st.lists(st.booleans(), min_size=days, max_size=days))
    return np.array(net, float).reshape(dyads, days), np.array(seen, bool)


def test_a_surge_by_hand() -> None:
    """Three days back, two at least. Day 2: 1 and 3 have median 2, MAD 1: (2 − 2)/1.4826.

    Day 3: 1, 3, 2 have median 2, MAD 1: (12 − 2)/1.4826. Day 4: 3, 2, 12 have median 3, MAD 1.
    """
    found = robust_z(np.array([[1.0, 3, 2, 12, -3]]), always(5), trailing=3, least=2, floor=0.5)
    assert found == pytest.approx(np.array([[NAN, NAN, 0.0, 10 / 1.4826, -6 / 1.4826]]), nan_ok=True)


def test_a_quiet_dyad_is_measured_by_the_floor() -> None:
    """Thirty silent days, then three typical events: 15/5 = 3; one act of force: −10/5 = −2."""
    net = np.zeros((2, 31))
    net[:, 30] = 15, -10
    assert robust_z(net, always(31))[:, 30].tolist() == [3.0, -2.0]


def test_a_loud_dyad_is_measured_by_its_own_spread() -> None:
    """±40 in turn: median 0, MAD 40; a day of 100 is 100/59.304."""
    net = np.array([*([40.0, -40.0] * 30), 100.0])
    assert robust_z(net, always(61))[60] == pytest.approx(100 / (1.4826 * 40))


def test_days_without_data_are_no_observation() -> None:
    """The same as in the first test, with two days of which nothing is known in between."""
    net = np.array([1.0, 999, 3, 2, NAN, 12])
    observed = np.array([True, False, True, True, False, True])
    found = robust_z(net, observed, trailing=5, least=3, floor=0.5)
    assert found == pytest.approx([NAN, NAN, NAN, NAN, NAN, 10 / 1.4826], nan_ok=True)
    assert np.isnan(robust_z(net, observed, trailing=4, least=3)).all()  # day 0 is five days back


def test_too_little_history_is_no_judgement() -> None:
    assert np.isnan(robust_z(np.ones(21), always(21))[:20]).all()
    assert robust_z(np.ones(21), always(21))[20] == 0.0
    assert np.isnan(robust_z(np.ones(1), always(1))).all()
    assert np.isnan(robust_z(np.ones(9), always(9), least=0)[0])


def test_degenerate_shapes() -> None:
    for shape in ((0,), (3, 0), (0, 5), (0, 0)):
        assert robust_z(np.zeros(shape), always(shape[-1])).shape == shape
        assert log_ratio(np.zeros(shape), always(shape[-1])).shape == shape
    assert (robust_z(np.zeros((2, 90)), always(90))[:, 20:] == 0).all()
    assert (log_ratio(np.zeros((2, 90)), always(90)) == 0).all()
    assert (robust_z(np.full((2, 90), -4.0), always(90))[:, 20:] == 0).all()
    assert np.isnan(robust_z(np.zeros((2, 90)), ~always(90))).all()
    assert np.isnan(log_ratio(np.zeros((2, 90)), ~always(90))).all()


@given(histories(), st.integers(-50, 50))
@moderate
def test_z_ignores_a_common_shift_and_turns_with_the_sign(history: tuple[Floats, Mask], shift: int) -> None:
    net, observed = history
    found = robust_z(net, observed, 9, 3)
    np.testing.assert_array_equal(robust_z(net + shift, observed, 9, 3), found)
    np.testing.assert_array_equal(robust_z(-net, observed, 9, 3), -found)
    np.testing.assert_array_equal(robust_z(4 * net, observed, 9, 3, floor=20.0), found)


@given(histories(), st.integers(0, 30))
@moderate
def test_dyads_and_days_are_judged_alike_alone_and_together(history: tuple[Floats, Mask], start: int) -> None:
    net, observed = history
    start = min(start, net.shape[1])
    found, ratio = robust_z(net, observed, 9, 3), log_ratio(np.abs(net), observed, 2, 9)
    np.testing.assert_array_equal(robust_z(net, observed, 9, 3, start=start), found[:, start:])
    for row in range(len(net)):
        np.testing.assert_array_equal(robust_z(net[row], observed, 9, 3), found[row])
        np.testing.assert_array_equal(log_ratio(np.abs(net[row]), observed, 2, 9), ratio[row])
    early = slice(0, start)  # what comes later changes nothing
    np.testing.assert_array_equal(robust_z(net[:, early], observed[early], 9, 3), found[:, early])
    np.testing.assert_array_equal(log_ratio(np.abs(net[:, early]), observed[early], 2, 9), ratio[:, early])


@given(histories())
@moderate
def test_against_a_plain_median_of_the_days_before(history: tuple[Floats, Mask]) -> None:
    """The same sentence in plain Python."""
    net, observed = history
    found = robust_z(net, observed, 9, 3)
    for row, day in np.ndindex(net.shape):
        before = [float(net[row, d]) for d in range(max(0, day - 9), day) if observed[d]]
        if not observed[day] or len(before) < 3:
            assert math.isnan(found[row, day])
            continue
        median = float(np.median(before))
        spread = 1.4826 * float(np.median([abs(x - median) for x in before]))
        assert found[row, day] == pytest.approx((net[row, day] - median) / max(spread, 5.0))


def test_blocks_bound_memory_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    net = np.random.default_rng(3).normal(0, 9, (7, 40))
    found = robust_z(net, always(40))
    monkeypatch.setattr(surge, "_BLOCK", 1)
    np.testing.assert_array_equal(robust_z(net, always(40)), found)


def test_a_log_ratio_by_hand() -> None:
    """One typical event today after 89 silent days; ε = 1/6. Then two days against four, ε = 1.

    Days 0, 0, 2, 4: day 3 is ln((3 + 1)/(1.5 + 1)); day 2 is ln((1 + 1)/(2/3 + 1)).
    """
    mass = np.zeros(90)
    mass[89] = 5.0
    assert log_ratio(mass, always(90))[89] == pytest.approx(math.log((5 / 7 + 1 / 6) / (5 / 90 + 1 / 6)))
    assert log_ratio(mass, always(90))[:89].tolist() == [0.0] * 89
    found = log_ratio(np.array([[0.0, 0, 2, 4]]), always(4), short=2, long=4, prior=1.0)
    assert found == pytest.approx(np.array([[0.0, 0.0, math.log(2 / (5 / 3)), math.log(4 / 2.5)]]))


def test_means_are_over_observed_days() -> None:
    """Of the last two days one is observed (6), of the last four two (0, 6); then a week of nothing."""
    mass = np.array([0.0, NAN, 99.0, 6.0, 1.0, 1.0])
    observed = np.array([True, False, False, True, False, False])
    found = log_ratio(mass, observed, short=2, long=4, prior=1.0)
    expected = [0.0, 0.0, NAN, math.log(7 / 4), 0.0, NAN]  # day 4: 6 in either window
    assert found == pytest.approx(expected, nan_ok=True)


@given(histories())
@moderate
def test_a_log_ratio_is_bounded_and_does_not_depend_on_the_unit(history: tuple[Floats, Mask]) -> None:
    """The short window is part of the long one: never above ln(long/short) where all is observed."""
    mass, observed = np.abs(history[0]), history[1]
    found = log_ratio(mass, observed, 2, 9)
    np.testing.assert_allclose(log_ratio(4 * mass, observed, 2, 9, prior=4 * 15 / 90), found, atol=1e-12)
    assert (log_ratio(mass, always(mass.shape[1]), 2, 9) <= math.log(9 / 2)).all()

"""Somebody sets the wall clock: what was due stays as far away as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.articles.schedule import FeedState, believed, shifted
from pipeline.workers.clocksteps import ClockSteps

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=2)])
def test_a_step_is_told_once(step: timedelta) -> None:
    wall, ran = [NOON], [5.0]
    clock = ClockSteps(lambda: wall[0], lambda: ran[0])
    wall[0] += timedelta(hours=1) + step
    ran[0] += 3600
    assert clock.taken() == step
    wall[0] += timedelta(seconds=3)
    ran[0] += 3
    assert clock.taken() == timedelta()


def test_the_time_that_passes_and_small_corrections_are_no_step() -> None:
    wall, ran = [NOON], [0.0]
    clock = ClockSteps(lambda: wall[0], lambda: ran[0])
    wall[0] += timedelta(hours=8, seconds=20)
    ran[0] += 8 * 3600
    assert clock.taken() == timedelta()


def test_what_was_due_stays_as_far_away() -> None:
    state = FeedState("a", "https://a.example/", next_due=NOON + timedelta(hours=1))
    fresh = FeedState("b", "https://b.example/")
    back = timedelta(days=-1)
    assert shifted({"a": state, "b": fresh}, back) == {
        "a": FeedState("a", "https://a.example/", next_due=NOON + timedelta(hours=1) + back),
        "b": fresh,
    }


def test_a_state_from_the_future_does_not_say_when_a_feed_is_due() -> None:
    later = NOON + timedelta(days=1)
    saved = FeedState("a", "https://a.example/", next_due=later, polled_at=later)
    assert believed({"a": saved}, NOON)["a"].next_due is None
    assert believed({"a": saved}, later)["a"] == saved

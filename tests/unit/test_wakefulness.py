"""Who stood still for longer than its session may not write any more, whatever it is told later."""

from __future__ import annotations

import pytest

from pipeline.contract.errors import DependencyError
from pipeline.transport.wakefulness import Wakefulness


def test_a_long_sleep_is_noticed_by_whoever_looks_first_and_not_forgotten() -> None:
    now = [0.0]
    awake = Wakefulness(lambda: now[0])
    now[0] = 100.0
    awake.require()  # not begun yet
    awake.tick()
    for now[0] in (101.0, 103.5, 109.0):  # a busy machine
        awake.require()
        awake.tick()
    now[0] = 123.0
    awake.tick()  # the loop wakes before the one that wants to write
    now[0] = 124.0
    awake.tick()
    with pytest.raises(DependencyError, match="stood still for 14 s"):
        awake.require()


def test_a_sleep_is_noticed_before_the_loop_ticks_again() -> None:
    now = [0.0]
    awake = Wakefulness(lambda: now[0])
    awake.tick()
    now[0] = 13.0
    with pytest.raises(DependencyError):
        awake.require()

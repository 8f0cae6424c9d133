"""Notices that somebody set the wall clock while a process ran."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

_LEAST = timedelta(minutes=1)
"""Smaller steps, as time servers make them, need no answer."""
log = structlog.get_logger()


class ClockSteps:
    """Compares the wall clock with the monotonic one, which nobody can set."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now, self._monotonic = now, monotonic
        self._at, self._ran = now(), monotonic()

    def taken(self) -> timedelta:
        """How far the clock was set since the last question; zero unless by a minute or more."""
        at, ran = self._now(), self._monotonic()
        step = (at - self._at) - timedelta(seconds=ran - self._ran)
        self._at, self._ran = at, ran
        if abs(step) < _LEAST:
            return timedelta()
        log.warning("clock_was_set", by_s=round(step.total_seconds()))
        return step

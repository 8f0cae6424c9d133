"""Ticks of an event loop in; whether the process stood still so long that it may be replaced out."""

from __future__ import annotations

import time
from collections.abc import Callable

from pipeline.contract.errors import DependencyError

SESSION_S = 12.0
"""A member of a consumer group that is silent for longer loses its partitions."""
HEARTBEAT_S = 3.0
_LONGEST_SLEEP_S = SESSION_S - HEARTBEAT_S - 1.0
"""Between two ticks; who stood still for longer may be out of its group without knowing it yet."""


class Wakefulness:
    """Notices that the process was frozen (SIGSTOP, a paused machine), and never forgets it.

    Who was replaced meanwhile would write what is the other's past by now, before the group tells it so.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ticked_at: float | None = None
        self._slept_s = 0.0

    def tick(self) -> None:
        """Say that the loop runs; about once a second."""
        self._look()
        self._ticked_at = self._clock()

    def require(self) -> None:
        """Raise DependencyError after too long a sleep, from any thread; before the first tick, never."""
        self._look()
        if self._slept_s > _LONGEST_SLEEP_S:
            raise DependencyError(
                f"this process stood still for {self._slept_s:.0f} s, another may do its work: start again"
            )

    def _look(self) -> None:
        if self._ticked_at is not None:
            self._slept_s = max(self._slept_s, self._clock() - self._ticked_at)

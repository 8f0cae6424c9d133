"""An event loop whose time stands still while there is work, and jumps on when there is none.

What is said of waiting can be tested exactly, however busy the machine is. For coroutines that wait
for each other and for time only: nothing from outside wakes this loop.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.SelectSelector):
    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and for nothing that time brings")
        found = super().select(0)
        if not found:
            self.now_s += max(0.0, timeout)
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run in virtual time, which begins at 0 s; raises RuntimeError for what would wait for ever."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)

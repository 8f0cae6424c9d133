"""One thread beside an event loop, for work that would block it: one piece after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Aside:
    """A single thread; two pieces of work never run at the same time, even if who asked for one has gone.

    asyncio's own pool starts a second thread when the first is about to become free, and a third: each
    keeps memory of its own, and clients that are not for several threads would meet several.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Do it there and give what it returns; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*given, **named))

    def close(self) -> None:
        """Take no more work; what is under way ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

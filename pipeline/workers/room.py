"""Who wants to come in; who may, first come, first served, while there is room by number and by bytes."""

from __future__ import annotations

import asyncio
from collections import deque


class Room:
    """Bounds what is held at once. The bytes of those inside are known only later, by `hold`.

    So the bound on bytes may be passed by what those inside bring; with none inside, one always may enter.
    """

    def __init__(self, places: int, size_bytes: int) -> None:
        self._places = places
        self._size_bytes = size_bytes
        self._inside = 0
        self._held_bytes = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for a place and take it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # admitted just before
                self.leave(0)
            raise

    def hold(self, size_bytes: int) -> None:
        """Say what one inside brought."""
        self._held_bytes += size_bytes

    def leave(self, size_bytes: int) -> None:
        """Give a place back with what was held there."""
        self._inside -= 1
        self._held_bytes -= size_bytes
        self._admit()

    def _admit(self) -> None:
        while self._queue and self._free():
            turn = self._queue.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)

    def _free(self) -> bool:
        if not self._inside:
            return True
        return self._inside < self._places and self._held_bytes < self._size_bytes

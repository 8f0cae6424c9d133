"""Counts dead letters against records read, and says when a worker had better stop."""

from __future__ import annotations

from collections import deque

from pipeline.contract.errors import DeadLetterLimitError


class DeadLetterLimit:
    """Stops a worker when more than `limit` of the last `window` records were bad.

    A broken feed or an incompatible release makes everything bad at once: better to stop and be seen
    than to drain the topic into the dead letters.
    """

    def __init__(self, window: int, limit: int) -> None:
        self._recent: deque[tuple[int, int]] = deque()
        self._window = window
        self._limit = limit

    def count(self, read: int, dead: int) -> None:
        """Add one batch; raises DeadLetterLimitError when the limit is passed."""
        self._recent.append((read, dead))
        while sum(n for n, _ in self._recent) - self._recent[0][0] >= self._window:
            self._recent.popleft()
        bad = sum(d for _, d in self._recent)
        if bad > self._limit:
            raise DeadLetterLimitError(
                f"{bad} of the last {sum(n for n, _ in self._recent)} records were bad; look at the dead "
                "letters (their headers give the reason), mend the cause and start again"
            )

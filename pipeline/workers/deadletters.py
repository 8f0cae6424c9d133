"""Counts dead letters against records read, and says when a worker had better stop."""

from __future__ import annotations

from collections import deque

from pipeline.contract.errors import DeadLetterLimitError


class DeadLetterLimit:
    """Stops a worker when more than `share` of the records last read were bad, once `window` were read.

    A broken feed or an incompatible release makes everything bad at once: better to stop and be seen
    than to drain the topic into the dead letters. Asked after a batch is acknowledged, so that a new
    start goes on behind it.
    """

    def __init__(self, window: int, share: float) -> None:
        self._recent: deque[tuple[int, int]] = deque()
        self._window = window
        self._share = share

    def count(self, read: int, dead: int) -> None:
        """Add one batch."""
        self._recent.append((read, dead))
        while sum(n for n, _ in self._recent) - self._recent[0][0] >= self._window:
            self._recent.popleft()

    def check(self) -> None:
        """Raise DeadLetterLimitError when the limit is passed."""
        seen = sum(read for read, _ in self._recent)
        bad = sum(dead for _, dead in self._recent)
        if seen >= self._window and bad > self._share * seen:
            raise DeadLetterLimitError(
                f"{bad} of the last {seen} records were bad; look at the dead letters (their headers give "
                "the reason), mend the cause and start again"
            )

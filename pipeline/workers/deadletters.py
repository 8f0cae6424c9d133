"""Counts dead letters against records read, and says when a worker had better stop."""

from __future__ import annotations

from collections import deque

from pipeline.contract.errors import DeadLetterLimitError
from pipeline.settings import DeadLetterSettings
from pipeline.telemetry import DEAD_LETTER_SHARE


class DeadLetterLimit:
    """Stops a worker when more than a share of the records last read were bad, and not just a few.

    A broken feed or an incompatible release makes everything bad at once: better to stop and be seen
    than to drain the topic into the dead letters. Asked after a batch is acknowledged, so that a new
    start goes on behind it.
    """

    def __init__(self, stage: str, settings: DeadLetterSettings) -> None:
        self._recent: deque[tuple[int, int]] = deque()
        self._settings = settings
        self._share = DEAD_LETTER_SHARE.labels(stage)

    def count(self, read: int, dead: int) -> None:
        """Add one batch."""
        self._recent.append((read, dead))
        while sum(n for n, _ in self._recent) - self._recent[0][0] >= self._settings.window:
            self._recent.popleft()
        seen, bad = self._sums()
        self._share.set(bad / seen if seen else 0.0)

    def check(self) -> None:
        """Raise DeadLetterLimitError when the limit is passed."""
        seen, bad = self._sums()
        if bad >= self._settings.least and bad > self._settings.share * seen:
            raise DeadLetterLimitError(
                f"{bad} of the last {seen} records were bad, which is no matter of single records; see "
                "`blocwatch dlq list` for the reasons, mend the cause, start again, and send what is good "
                "after all with `blocwatch dlq replay`"
            )

    def _sums(self) -> tuple[int, int]:
        return sum(read for read, _ in self._recent), sum(dead for _, dead in self._recent)

"""The dashboard's own log of changes: numbered from 0, the newest kept, so that a browser can resume."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One record that changed."""

    offset: int
    topic: str
    key: str


class ChangeLog:
    """Changes in order. An id is `epoch.offset`: an epoch names one life of the server."""

    def __init__(self, epoch: str, keep: int = 10_000) -> None:
        self.epoch = epoch
        self.next = 0
        self._kept: deque[Change] = deque(maxlen=keep)

    def append(self, topic: str, key: str) -> Change:
        """Number one change and keep it; the oldest goes when there are too many."""
        change = Change(self.next, topic, key)
        self._kept.append(change)
        self.next += 1
        return change

    def since(self, offset: int) -> list[Change]:
        """Every change that is kept with this offset or a later one, in order."""
        first = self._kept[0].offset if self._kept else self.next
        skip = max(0, offset - first)
        return [self._kept[at] for at in range(skip, len(self._kept))] if skip < len(self._kept) else []

    def resume(self, last_event_id: str | None) -> tuple[int, bool]:
        """Where a browser goes on, and whether it must read everything anew first.

        Anew where its id is of another life of the server, not an id, or so old that changes are gone.
        Without an id it starts at the end.
        """
        if not last_event_id:
            return self.next, False
        epoch, _, number = last_event_id.partition(".")
        # A colossal number would make int() refuse or take long; no id of ours has so many digits.
        if epoch == self.epoch and number == "-1":
            return (0, False) if not self._kept or self._kept[0].offset == 0 else (self.next, True)
        if epoch != self.epoch or not (number.isascii() and number.isdigit() and len(number) < 16):
            return self.next, True
        offset = int(number) + 1
        first = self._kept[0].offset if self._kept else self.next
        if offset < first or offset > self.next:
            return self.next, True
        return offset, False

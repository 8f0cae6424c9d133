"""Points at which a test can end this process, or freeze it; without BLOCWATCH_ARMED they do nothing.

BLOCWATCH_ARMED is a point's name; `name:stop` freezes (SIGSTOP) instead of killing, `name@3` strikes at the
third time. Deployments never set it: it exists so that the moments between two steps can be tested.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from enum import StrEnum


class Point(StrEnum):
    """Moments at which one step is done and the next, which would make it safe, is not."""

    POLLER_SENT = "poller-sent"
    """Articles are acknowledged, the cursors not saved."""
    EXTRACTOR_SENT = "extractor-sent"
    """Events and receipts are acknowledged, their articles not committed."""
    LEDGER_FOLDED = "ledger-folded"
    """A batch is folded in memory, nothing of it written."""
    LEDGER_WRITTEN = "ledger-written"
    """The changelog has a batch, the topics have nothing of it."""
    HALF_PUBLISHED = "half-published"
    """Some of what a batch changed has been sent, the rest and the clock not."""
    PUBLISHED = "published"
    """All is sent and acknowledged, the mark that says so not written."""
    MARKED = "marked"
    """The mark is written, the batch not committed."""


_ARMED = os.environ.get("BLOCWATCH_ARMED", "")
_passed: Counter[Point] = Counter()


def reach(point: Point) -> None:
    """Go on, unless this point is armed and its time has come."""
    if not _ARMED:
        return
    name, _, turn = _ARMED.partition("@")
    name, _, how = name.partition(":")
    _passed[point] += 1
    if name == point and _passed[point] == int(turn or 1):
        os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)

"""Records and a rate in; each sent at its own moment, however the receivers fare, and when that was, out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Send = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Sending:
    """What was sent: key → the moment (Unix s) for which it was planned, and how late the sender ever was."""

    planned: dict[str, float]
    latest_s: float
    """A sender that is late by more than some ms measures itself."""


def send_at(rate: float, records: Sequence[tuple[str, bytes]], send: Send, stop: threading.Event) -> Sending:
    """Send records evenly, `rate` a second, until all are sent or `stop` is set.

    A moment passed is not waited for and not forgotten: latency counts from the plan.
    """
    planned: dict[str, float] = {}
    began, late = time.time() + 0.1, 0.0
    for number, (key, value) in enumerate(records):
        at = began + number / rate
        while (left := at - time.time()) > 0:
            if stop.wait(min(left, 0.5)):
                return Sending(planned, late)
        late = max(late, -left)
        send(key, value)
        planned[key] = at
    return Sending(planned, late)

"""A worker's consumer in; how many records wait for it, and how old its work is, out, as metrics."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from aiokafka.errors import IllegalStateError

from pipeline.telemetry import RECORDS_BEHIND, SECONDS_BEHIND


def waiting(app: Any, topic: str, following: Mapping[Any, int]) -> int:
    """Count records of the partitions that a faust app has; `following` are the offsets it handles next."""
    found = 0
    for tp in app.assignor.assigned_actives():
        with contextlib.suppress(IllegalStateError):
            if tp.topic == topic and (end := app.consumer.highwater(tp)) is not None:
                # nothing handled yet: where the group stands is what it has read, or what it committed
                done = following.get(tp, app.consumer._read_offset.get(tp))
                found += max(0, end - (0 if done is None else done))
    return found


def tell_backlog(stage: str, records: int, written_at: float) -> None:
    """Show what waits; `written_at` is the Unix time of the record handled last, 0 before the first."""
    RECORDS_BEHIND.labels(stage).set(records)
    SECONDS_BEHIND.labels(stage).set(max(0.0, time.time() - written_at) if records and written_at else 0.0)

"""A publication time, and when its record was written, in; whether the one can be true of the other, out.

No clock is asked: the log itself says when each record was written. A record is therefore judged the same
live, after a restart and in any replay, whatever stands beside it (docs/adr/0013-no-news-from-the-future.md).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.contract.errors import BadRecordError
from pipeline.transport.base import Message

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No news is older: what the poller holds feeds to."""
AHEAD = timedelta(days=2)
"""How far publication may lie past the writing: the day that the poller grants, and one for clocks."""


def require_known(published_at: datetime, written_s: float | None) -> None:
    """Raise BadRecordError where news was published before there were feeds, or well after it was written.

    `written_s` is Unix time; None where nothing tells it, so that only the earliest date counts.
    """
    day = published_at.date().isoformat()
    if published_at < EARLIEST:
        raise BadRecordError(f"implausible time: published_at {day} is before {EARLIEST:%Y}")
    if written_s is not None and published_at.timestamp() > written_s + AHEAD.total_seconds():
        raise BadRecordError(
            f"implausible time: published_at {day} is over {AHEAD.days} days after the record was written"
        )


def written(message: Message) -> float | None:
    """Unix time by which a record was written, or None where nothing tells.

    The earlier of the broker's time and of the `ce_time` that the sender gave, which a replay keeps. A sender
    can forge both to be earlier, which only narrows what is taken; not to be later than the broker allows
    (`message.timestamp.after.max.ms`, an hour).
    """
    moments = [] if message.written_s is None else [message.written_s]
    told = dict(message.headers).get("ce_time")
    if told is not None:
        try:
            moment = datetime.fromisoformat(told.decode("ascii"))
        except ValueError:  # no sender of ours wrote that: the broker's word alone counts
            return min(moments, default=None)
        moments.append(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    return min(moments, default=None)

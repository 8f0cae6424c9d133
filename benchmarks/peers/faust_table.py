"""faust's table as a newcomer would use it: one running number a dyad, sent on at every event."""

from __future__ import annotations

import json
from typing import Any

import faust

from benchmarks.peers.work import BOOTSTRAP, GROUP, SINK, SOURCE

app = faust.App(
    f"{GROUP}-table",
    broker=f"kafka://{BOOTSTRAP}",
    value_serializer="json",
    key_serializer="raw",
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
    topic_partitions=1,
)
told = app.topic(SOURCE, value_type=bytes, value_serializer="raw", partitions=1)
tones = app.topic(SINK, key_type=bytes, value_type=bytes, value_serializer="raw", partitions=1)
tone = app.Table("tone", default=float, partitions=1)


@app.agent(told)  # type: ignore[untyped-decorator]  # faust ships no types
async def fold(stream: Any) -> None:
    """Add each event's scale to its dyad."""
    async for value in stream:
        event = json.loads(value)
        dyad = f"{event['source']}|{event['target']}"
        tone[dyad] += event["goldstein"]
        await tones.send(key=dyad.encode(), value=json.dumps(tone[dyad]).encode())


if __name__ == "__main__":
    app.main()

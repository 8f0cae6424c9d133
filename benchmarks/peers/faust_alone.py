"""faust alone: an agent that sends what it finds."""

from __future__ import annotations

from typing import Any

import faust

from benchmarks.peers.work import BOOTSTRAP, GROUP, SINK, SOURCE, coded

app = faust.App(
    GROUP,
    broker=f"kafka://{BOOTSTRAP}",
    value_serializer="raw",
    key_serializer="raw",
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
)
articles = app.topic(SOURCE, value_type=bytes)
events = app.topic(SINK, value_type=bytes)


@app.agent(articles)  # type: ignore[untyped-decorator]  # faust ships no types
async def work(stream: Any) -> None:
    """Code each article as it comes."""
    async for value in stream:
        for event in coded(value):
            await events.send(value=event)


if __name__ == "__main__":
    app.main()

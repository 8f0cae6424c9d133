"""quixstreams: a dataframe over a topic, expanded to events."""

from __future__ import annotations

from quixstreams import Application

from benchmarks.peers.work import BOOTSTRAP, GROUP, SINK, SOURCE, coded


def main() -> None:
    """Run until stopped."""
    app = Application(broker_address=BOOTSTRAP, consumer_group=GROUP, auto_offset_reset="earliest")
    articles = app.topic(SOURCE, value_deserializer="bytes")
    events = app.topic(SINK, value_serializer="bytes")
    app.dataframe(articles).apply(coded, expand=True).to_topic(events)
    app.run()


if __name__ == "__main__":
    main()

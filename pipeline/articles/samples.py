"""The sample feeds that the package brings: made-up outlets, real and dated facts, our own words."""

from __future__ import annotations

from pipeline.articles.feed import Feed


def _sample(feed_id: str, outlet: str, country: str) -> Feed:
    return Feed(feed_id, f"sample:{feed_id}.xml", outlet, country, "en")


SAMPLE_FEEDS = (
    _sample("atlas-dispatch", "Atlas Dispatch", "USA"),
    _sample("copyline", "Copyline", "CHE"),
    _sample("levant-ledger", "Levant Ledger", "JOR"),
    _sample("meridian-wire", "Meridian Wire", "GBR"),
    _sample("north-harbour-post", "North Harbour Post", "NOR"),
    _sample("pacific-desk", "Pacific Desk", "JPN"),
    _sample("steppe-monitor", "Steppe Monitor", "KAZ"),
    _sample("strait-courier", "Strait Courier", "SGP"),
)

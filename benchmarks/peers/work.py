"""One article's bytes in, its events' bytes out: the function that every peer calls."""

from __future__ import annotations

import os
from functools import cache

from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.events.extract import Coder
from pipeline.workers.coder import load_coder

SOURCE, SINK, GROUP = "bench.articles", "bench.events", "bench-peer"
BOOTSTRAP = os.environ.get("BLOCWATCH_BENCH_KAFKA", "127.0.0.1:9092")


@cache
def coder() -> Coder:
    """The coder that the pipeline ships, loaded once a process."""
    return load_coder()


def coded(value: bytes) -> list[bytes]:
    """Code one article: each of its events as bytes."""
    return [encode(event) for event in coder().code(decode(Article, value)).events]

"""What operators see: structured logs, metrics declared once, a health mark touched by the working loop."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge, Histogram, start_http_server
from prometheus_client.metrics import MetricWrapperBase

from pipeline.loglines import LibraryFormatter, harmless_event

ARTICLES_PUBLISHED = Counter("blocwatch_articles_published_total", "Article versions sent.", ["feed"])
FEEDS_CONFIGURED = Gauge("blocwatch_feeds_configured", "Feeds that the poller is to ask.")
FEED_ANSWERED_AT = Gauge(
    "blocwatch_feed_answered_timestamp_seconds",
    "Unix time of the latest usable answer of a feed; 0 before the first.",
    ["feed"],
)
FEED_FAULTS = Counter("blocwatch_feed_faults_total", "Polls that brought no usable answer.", ["feed"])
FEED_RECOVERIES = Counter(
    "blocwatch_feed_recoveries_total", "Feeds that answered well again after failures.", ["feed"]
)
FEED_GAPS = Counter("blocwatch_feed_gaps_total", "Windows that shared no entry with the last one.", ["feed"])
UNREAD_LANGUAGES = Counter(
    "blocwatch_unread_articles_total", "Articles in a language that extraction does not read.", ["language"]
)
RECORDS_READ = Counter("blocwatch_records_read_total", "Records taken from a topic.", ["stage"])
RECORDS_SENT = Counter("blocwatch_records_sent_total", "Records sent to a topic.", ["topic"])
DEAD_LETTERS = Counter(
    "blocwatch_dead_letters_total",
    "Records given up, with their bytes kept in the dead-letter topic; `reason` is the kind of fault.",
    ["stage", "reason"],
)
DEAD_LETTER_SHARE = Gauge(
    "blocwatch_dead_letter_share",
    "Share of bad records among those last read; above the limit in pipeline.yaml the worker stops.",
    ["stage"],
)
BATCH_SECONDS = Gauge("blocwatch_batch_seconds", "Seconds that the latest batch took.", ["stage"])
RECORDS_BEHIND = Gauge(
    "blocwatch_records_behind",
    "Records of the stage's input that wait, over the partitions that this process has.",
    ["stage"],
)
SECONDS_BEHIND = Gauge(
    "blocwatch_time_lag_seconds",
    "How long ago the record handled last was written, while others wait behind it; 0 when none waits.",
    ["stage"],
)
WATERMARK = Gauge(
    "blocwatch_watermark_timestamp_seconds",
    "Unix time up to which published metrics are final (event time).",
    ["stage"],
)
LATENCY = Histogram(
    "blocwatch_latency_seconds",
    "From `origin` (published: by the outlet; fetched: by the poller; written: to the stage's input) "
    "until what the stage made of it was acknowledged by the broker.",
    ["stage", "origin"],
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400, 604800),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric as Prometheus shows it: full name, type, labels, help."""

    name: str
    kind: str
    labels: tuple[str, ...]
    words: str

    @property
    def series(self) -> tuple[str, ...]:
        """Names under which samples are stored."""
        if self.kind == "histogram":
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


def declared() -> list[Declared]:
    """Every metric that this module declares, in order of name."""
    found = []
    for metric in globals().values():
        if isinstance(metric, MetricWrapperBase):
            (told,) = metric.describe()
            name = f"{told.name}_total" if told.type == "counter" else told.name
            # prometheus_client has no public way to ask for the names of labels
            labels = tuple(metric._labelnames)
            found.append(Declared(name, told.type, labels, told.documentation))
    return sorted(found, key=lambda metric: metric.name)


def configure_logging(level: str, style: str) -> None:
    """Send structured lines to stderr: readable (`console`) or one JSON object a line (`json`).

    A record is one line, whatever it quotes, and holds no credentials (see `loglines`).
    `auto` is readable where a person reads along, on a terminal, and JSON elsewhere.
    """
    if style == "auto":
        style = "console" if sys.stderr.isatty() else "json"
    number = getattr(logging, level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LibraryFormatter(style))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
    # kafka-python tells every attempt to connect; what matters reaches us as an error, with what to do.
    logging.getLogger("kafka").setLevel(logging.DEBUG if level == "debug" else logging.CRITICAL)
    renderer = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            harmless_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


def serve_metrics(port: int) -> None:
    """Answer Prometheus on `port` of every interface, from a thread."""
    start_http_server(port)


def health_folder() -> Path:
    """Folder of the health marks: one file a worker, on a writable temporary file system."""
    return Path(tempfile.gettempdir()) / "blocwatch-health"


def beat(worker: str) -> None:
    """Mark that `worker` is alive and working; called from its loop."""
    folder = health_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / worker).touch()


def unhealthy(limit_s: float, worker: str | None = None) -> str | None:
    """Return why the worker (or the one that beat last) is not well, or None."""
    folder = health_folder()
    marks = [folder / worker] if worker else sorted(folder.glob("*")) if folder.is_dir() else []
    ages = {mark.name: time.time() - mark.stat().st_mtime for mark in marks if mark.is_file()}
    if not ages:
        return "no worker has marked itself alive here"
    name, age = min(ages.items(), key=lambda item: item[1])
    return f"{name} last worked {age:.0f} s ago" if age > limit_s else None

"""What travels between the stages: frozen models, topics, codec."""

from pipeline.contract.article import Article, DateQuality, Superseded, document
from pipeline.contract.event import (
    QUAD_OF,
    SYMMETRIC,
    ActorRef,
    Event,
    EventType,
    Evidence,
    Granularity,
    Place,
    Quad,
    Span,
    Status,
    dyad_of,
)
from pipeline.contract.metric import (
    SPEC_VERSION,
    Clock,
    CoalitionMetric,
    DyadMetric,
    Interval,
    TopDyad,
    TopEvent,
)
from pipeline.contract.record import Record, Utc, format_utc

__all__ = [
    "QUAD_OF",
    "SPEC_VERSION",
    "SYMMETRIC",
    "ActorRef",
    "Article",
    "Clock",
    "CoalitionMetric",
    "DateQuality",
    "DyadMetric",
    "Event",
    "EventType",
    "Evidence",
    "Granularity",
    "Interval",
    "Place",
    "Quad",
    "Record",
    "Span",
    "Status",
    "Superseded",
    "TopDyad",
    "TopEvent",
    "Utc",
    "document",
    "dyad_of",
    "format_utc",
]

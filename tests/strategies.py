"""Builders of valid events, and hypothesis strategies over them: what property tests draw from."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from pipeline.contract.event import (
    QUAD_OF,
    SYMMETRIC,
    ActorRef,
    Event,
    EventType,
    Evidence,
    Granularity,
    Status,
    dyad_of,
)
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, Member

NOON = datetime(2024, 3, 21, 12, 0, tzinfo=UTC)
"""A Thursday; most tests happen around it."""

CODES = ("RUS", "CHN", "IRN", "USA", "GBR", "FIN", "KAZ")

SHORT = MetricParams(windows_d=(1, 3), half_lives_d=(1, 2), retention_d=10, lateness_h=12)
"""Parameters under which a few days reach every edge."""

COALITIONS = (
    Coalition(
        "axis",
        "with a late joiner, degrees and capabilities",
        (
            Member("CHN", capability=2.0),
            Member("IRN", since=date(2024, 3, 24)),
            Member("RUS", weight=0.5),
        ),
        "west",
    ),
    Coalition(
        "west",
        "with a leaver",
        (Member("FIN", until=date(2024, 3, 23)), Member("GBR"), Member("USA")),
        "axis",
    ),
    Coalition("mixed", "shares a member with its rival", (Member("RUS"), Member("USA")), "axis"),
    Coalition("solo", "one member", (Member("KAZ"),), "axis"),
    Coalition("alone", "no rival", (Member("CHN"), Member("KAZ"), Member("USA"))),
)


def make_event(
    source: str = "RUS",
    target: str = "USA",
    kind: EventType = EventType.ACCUSE,
    goldstein: float = -2.0,
    published_at: datetime = NOON,
    *,
    event_id: str | None = None,
    revision: int = 1,
    retracted: bool = False,
    occurred_on: date | None = None,
    status: Status = Status.OCCURRED,
    confidence: float = 1.0,
    outlet: str = "Meridian Wire",
    story_id: str | None = None,
    story_since: datetime | None = None,
    owner: str | None = None,
) -> Event:
    """A valid event; without an id it gets one from what it says."""
    said = f"{source}|{target}|{kind}|{published_at}|{occurred_on}|{outlet}|{goldstein}"
    identity = event_id or hashlib.sha256(said.encode()).hexdigest()[:32]
    return Event(
        event_id=identity,
        revision=revision,
        retracted=retracted,
        article_id=identity,
        url=f"https://example.org/{identity[:8]}",
        outlet=outlet,
        published_at=published_at,
        story_id=story_id,
        story_since=story_since,
        owner=owner,
        dyad=dyad_of(source, target),
        source=ActorRef(code=source, name=source, rule="code"),
        target=ActorRef(code=target, name=target, rule="code"),
        type=kind,
        quad=QUAD_OF[kind],
        cameo_root="11",
        goldstein=goldstein,
        symmetric=kind in SYMMETRIC,
        status=status,
        occurred_on=occurred_on,
        date_granularity=Granularity.NONE if occurred_on is None else Granularity.DAY,
        date_rule="published",
        evidence=Evidence(
            sentence=f"{source} accused {target}.",
            sentence_span=(0, 17),
            source_span=(0, 3),
            target_span=(12, 15),
            trigger="accused",
            trigger_span=(4, 11),
        ),
        confidence=confidence,
        extractor_version="test",
        ontology_version="test",
    )


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Events that collide often: few ids, states, types and days; late, future, corrected, withdrawn ones."""
    source, target = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=2, unique=True))
    hours = draw(st.one_of(st.integers(0, 30), st.integers(0, 14 * 24), st.integers(0, 40 * 24)))
    published_at = NOON + timedelta(hours=hours, minutes=draw(st.sampled_from((0, 1, 59))))
    lag = draw(st.sampled_from((None, None, 0, 1, 2, 8, 10, 11, 30, -1, -3)))
    return make_event(
        source,
        target,
        draw(st.sampled_from((EventType.CONSULT, EventType.AID, EventType.ACCUSE, EventType.ASSAULT))),
        draw(st.sampled_from((1.0, 8.3, -2.0, -10.0, 0.0, 0.1))),
        published_at,
        event_id=draw(st.sampled_from([f"{n:032x}" for n in range(12)])),
        revision=draw(st.sampled_from((1, 1, 1, 2, 3))),
        retracted=draw(st.sampled_from((False, False, False, True))),
        occurred_on=None if lag is None else (published_at - timedelta(days=lag)).date(),
        status=draw(st.sampled_from((Status.OCCURRED, Status.OCCURRED, Status.INTENDED, Status.DENIED))),
        confidence=draw(st.sampled_from((1.0, 0.5, 0.73))),
        outlet=draw(st.sampled_from(("Meridian Wire", "Levant Post", "Baltic Gazette"))),
        story_id=draw(st.sampled_from((None, None, "c" * 32, "d" * 32))),
        story_since=draw(st.sampled_from((None, None, published_at - timedelta(hours=30)))),
        owner=draw(st.sampled_from((None, None, None, "a wire"))),
    )


def entries() -> st.SearchStrategy[Entry]:
    """Ledger entries of such events, one revision each."""
    return events().map(entry_of)

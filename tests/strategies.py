"""Builders of valid articles and events, and hypothesis strategies: what property tests draw from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import permutations, product

from hypothesis import strategies as st

from pipeline.contract.article import Article, DateQuality
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


def make_article(title: str, text: str, **changes: object) -> Article:
    """A valid article of 21 March 2024."""
    fields: dict[str, object] = {
        "article_id": hashlib.blake2b(b"one", digest_size=16).hexdigest(),
        "version": 1,
        "feed_id": "test",
        "outlet": "Meridian Wire",
        "language": "en",
        "guid": "1",
        "url": "https://example.org/1",
        "title": title,
        "text": text,
        "published_at": NOON,
        "published_quality": DateQuality.FEED,
        "first_seen_at": NOON,
        "fetched_at": NOON,
    }
    return Article.model_validate({**fields, **changes})


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


SPANS_H = (30, 14 * 24, 40 * 24)
_ENDS = st.sampled_from(tuple(permutations(CODES, 2)))
_HOURS = {span: st.one_of(*(st.integers(0, h) for h in SPANS_H if h <= span)) for span in SPANS_H}
_WHEN = st.sampled_from(tuple(product((0, 1, 59), (None, None, 0, 1, 2, 8, 10, 11, 30, -1, -3))))
_SAID = st.sampled_from(
    tuple(
        product(
            (EventType.CONSULT, EventType.AID, EventType.ACCUSE, EventType.ASSAULT),
            (1.0, 8.3, -2.0, -10.0, 0.0, 0.1),
            (1.0, 0.5, 0.73),
        )
    )
)
_STATE = st.sampled_from(
    tuple(
        product(
            (False, False, False, True),
            (1, 1, 1, 2, 3),
            (Status.OCCURRED, Status.OCCURRED, Status.INTENDED, Status.DENIED),
        )
    )
)
_IDS = st.sampled_from([f"{n:032x}" for n in range(12)])
_TELLERS = st.sampled_from(
    tuple(
        product(
            ("Meridian Wire", "Levant Post", "Baltic Gazette"),
            (None, None, None, "a wire"),
            (None, None, "c" * 32, "d" * 32),
            (None, None, 30),
        )
    )
)


@st.composite
def events(draw: st.DrawFn, span_h: int = SPANS_H[-1]) -> Event:
    """Events that collide often: few ids, states, types and days; late, future, corrected, withdrawn ones.

    `span_h`, one of SPANS_H, is how many hours after NOON they are published at the latest. What belongs
    together is drawn at once: hypothesis' cost goes with the number of draws.
    """
    source, target = draw(_ENDS)
    hours, (minutes, lag) = draw(_HOURS[span_h]), draw(_WHEN)
    published_at = NOON + timedelta(hours=hours, minutes=minutes)
    kind, goldstein, confidence = draw(_SAID)
    retracted, revision, status = draw(_STATE)
    outlet, owner, story_id, since_h = draw(_TELLERS)
    return make_event(
        source,
        target,
        kind,
        goldstein,
        published_at,
        event_id=draw(_IDS),
        revision=revision,
        retracted=retracted,
        occurred_on=None if lag is None else (published_at - timedelta(days=lag)).date(),
        status=status,
        confidence=confidence,
        outlet=outlet,
        story_id=story_id,
        story_since=None if since_h is None else published_at - timedelta(hours=since_h),
        owner=owner,
    )


def entries() -> st.SearchStrategy[Entry]:
    """Ledger entries of such events, one revision each."""
    return events().map(entry_of)


_BY_SPAN = {span: events(span).map(entry_of) for span in SPANS_H}


def histories(
    min_size: int = 0, max_size: int = 10, unique_by: Callable[[Entry], object] | None = None
) -> st.SearchStrategy[list[Entry]]:
    """Lists of such entries: a quarter within 30 hours, a quarter within two weeks, half within 40 days.

    A day costs the same whether it has news or not, so that short histories leave time for more of them.
    """
    return st.sampled_from((*SPANS_H, SPANS_H[-1])).flatmap(
        lambda span: st.lists(_BY_SPAN[span], min_size=min_size, max_size=max_size, unique_by=unique_by)
    )

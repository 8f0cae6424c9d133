"""One coded event with its evidence: what the extractor publishes and the aggregator folds."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field, model_validator

from pipeline.contract.record import Record, Utc, unit

Span = tuple[int, int]
"""Start and end (exclusive) in characters of `Article.document`."""
ACTOR_CODE = r"^([A-Z]{3}|(IGO|NSA):[A-Z0-9]+)$"
"""How an actor's code is written: ISO 3166 alpha-3, a group, an armed non-state actor."""


class EventType(StrEnum):
    """The sixteen event types of PLOVER (Open Event Data Alliance, 2018/2021)."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    CONCEDE = "CONCEDE"
    COOPERATE = "COOPERATE"
    AID = "AID"
    RETREAT = "RETREAT"
    REQUEST = "REQUEST"
    ACCUSE = "ACCUSE"
    REJECT = "REJECT"
    THREATEN = "THREATEN"
    PROTEST = "PROTEST"
    SANCTION = "SANCTION"
    MOBILIZE = "MOBILIZE"
    COERCE = "COERCE"
    ASSAULT = "ASSAULT"


class Quad(StrEnum):
    """Verbal or material, cooperative or conflictual (CAMEO's quad classes)."""

    VCOOP = "VCOOP"
    MCOOP = "MCOOP"
    VCONF = "VCONF"
    MCONF = "MCONF"


QUAD_OF = {
    **dict.fromkeys((EventType.AGREE, EventType.CONSULT, EventType.SUPPORT), Quad.VCOOP),
    **dict.fromkeys((EventType.CONCEDE, EventType.COOPERATE, EventType.AID, EventType.RETREAT), Quad.MCOOP),
    **dict.fromkeys((EventType.REQUEST, EventType.ACCUSE, EventType.REJECT, EventType.THREATEN), Quad.VCONF),
    **dict.fromkeys(
        (EventType.PROTEST, EventType.SANCTION, EventType.MOBILIZE, EventType.COERCE, EventType.ASSAULT),
        Quad.MCONF,
    ),
}
SYMMETRIC = frozenset({EventType.AGREE, EventType.CONSULT, EventType.COOPERATE})


class Status(StrEnum):
    """Whether the text says that it happened; only the first two move a metric."""

    OCCURRED = "occurred"
    INTENDED = "intended"
    DENIED = "denied"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"


class Granularity(StrEnum):
    """How exactly the text dates the event."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    NONE = "none"


class ActorRef(Record):
    """An actor as the text names it."""

    code: str = Field(
        description="ISO 3166 alpha-3, or IGO:… for groups, NSA:… for armed non-state actors.",
        examples=["RUS", "IGO:NATO"],
        pattern=ACTOR_CODE,
    )
    name: str = Field(description="As written in the text.", examples=["Moscow"])
    role: str | None = Field(default=None, description="Office held.", examples=["foreign minister"])
    rule: str = Field(description="Which rule resolved the name to the code.", examples=["capital"])


class Place(Record):
    """Where it happened."""

    country: str = Field(description="ISO 3166 alpha-3.", examples=["RUS"])
    name: str = Field(description="As written in the text.", examples=["Moscow"])


class Evidence(Record):
    """The sentence that proves the event; every span counts in `Article.document`."""

    sentence: str = Field(description="The sentence, verbatim.")
    sentence_span: Span = Field(
        description="Where the sentence stands.", json_schema_extra=unit("characters")
    )
    source_span: Span = Field(description="Where the source is named.", json_schema_extra=unit("characters"))
    target_span: Span = Field(description="Where the target is named.", json_schema_extra=unit("characters"))
    trigger: str = Field(description="The words that tell the act, verbatim.", examples=["met"])
    trigger_span: Span = Field(description="Where the trigger stands.", json_schema_extra=unit("characters"))


class Event(Record):
    """Who did what to whom, when and where, how surely, and which sentence says so."""

    event_id: str = Field(
        description="Hash of article_id, dyad, type, date and evidence span; 32 hex digits.",
        pattern=r"^[0-9a-f]{32}$",
    )
    revision: int = Field(
        ge=1,
        description="The article version that says so; the highest one counts.",
        json_schema_extra=unit("versions"),
    )
    retracted: bool = Field(default=False, description="True where an edit took the event back.")
    article_id: str = Field(description="The article that reports it.")
    url: str = Field(description="Link of the article.")
    outlet: str = Field(description="Who reported it.", examples=["Meridian Wire"])
    published_at: Utc = Field(description="When the article was published.")
    story_id: str | None = Field(
        default=None, description="Shared by reports that are near copies of one text; they count as one."
    )
    story_since: Utc | None = Field(
        default=None, description="When the first copy seen of that text was published."
    )
    owner: str | None = Field(
        default=None,
        description="Owner or wire that the outlet shares with others; together they count as one.",
    )
    dyad: str = Field(
        description="Both codes in alphabetical order; the key of the topic.", examples=["CHN|RUS"]
    )
    source: ActorRef = Field(description="Who acts.")
    target: ActorRef = Field(description="On whom.")
    type: EventType = Field(description="PLOVER event type.")
    mode: str | None = Field(default=None, description="PLOVER mode within the type.", examples=["visit"])
    quad: Quad = Field(description="Quad class of the type.")
    cameo_root: str = Field(description="Nearest CAMEO root code, 01 to 20.", pattern=r"^(0[1-9]|1\d|20)$")
    goldstein: float = Field(
        ge=-10,
        le=10,
        description="Goldstein intensity of type and mode, −10 (war) to 10 (merger).",
        json_schema_extra=unit("Goldstein"),
    )
    symmetric: bool = Field(description="True where source and target act alike.")
    status: Status = Field(description="Whether it happened.")
    occurred_on: date | None = Field(
        default=None, description="Day of the event, where the text or its date fixes one (UTC)."
    )
    date_granularity: Granularity = Field(description="How exactly the text dates it.")
    date_rule: str = Field(description="How the day was found.", examples=["weekday", "published"])
    place: Place | None = Field(default=None, description="Where it happened, where the text tells.")
    evidence: Evidence = Field(description="The sentence and spans that prove it.")
    confidence: float = Field(
        ge=0, le=1, description="How sure the extractor is.", json_schema_extra=unit("1")
    )
    extractor_version: str = Field(description="Version of the extractor.")
    ontology_version: str = Field(description="Version of the ontology, a content hash.")

    @model_validator(mode="after")
    def _names_its_own_dyad(self) -> Event:
        if self.dyad != dyad_of(self.source.code, self.target.code):
            raise ValueError(f"dyad {self.dyad!r} is not that of source and target")
        return self


def dyad_of(one: str, other: str) -> str:
    """Name the unordered pair of two actors.

    >>> dyad_of("RUS", "CHN")
    'CHN|RUS'
    """
    return "|".join(sorted((one, other)))

"""What became of one article version: so that "no event" can be told from "not read yet"."""

from __future__ import annotations

from pydantic import Field

from pipeline.contract.record import Record, Utc, unit


class Receipt(Record):
    """Says that an article version was read, and how many events came of it; 0 is an answer too."""

    article_id: str = Field(
        description="The article.", pattern=r"^[0-9a-f]{32}$", examples=["5f0c2d1e8a7b4c93a6d8e4f1b2c3d4e5"]
    )
    version: int = Field(ge=1, description="Its version.", examples=[1], json_schema_extra=unit("versions"))
    feed_id: str = Field(description="The feed that brought it.", examples=["meridian-wire"])
    published_at: Utc = Field(
        description="When the article was published.", examples=["2024-08-29T12:30:00Z"]
    )
    events: int = Field(
        ge=0,
        description="Events that this version reports, all on the events topic.",
        examples=[2],
        json_schema_extra=unit("events"),
    )
    retracted: int = Field(
        ge=0,
        description="Events of the version before that it takes back.",
        examples=[0],
        json_schema_extra=unit("events"),
    )
    reason: str | None = Field(
        default=None,
        description="Why no event was looked for, where the text as a whole was put aside.",
        examples=["fewer than two actors"],
    )
    extractor_version: str = Field(description="Version of the extractor.", examples=["rules-4+relations-1"])
    ontology_version: str = Field(
        description="Version of the ontology, a content hash.", examples=["2b54e2d58b90"]
    )

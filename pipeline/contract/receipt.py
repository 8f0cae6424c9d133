"""What became of one article version: so that "no event" can be told from "not read yet"."""

from __future__ import annotations

from pydantic import Field

from pipeline.contract.record import Record, Utc


class Receipt(Record):
    """Says that an article version was read, and how many events came of it; 0 is an answer too."""

    article_id: str = Field(description="The article.", pattern=r"^[0-9a-f]{32}$")
    version: int = Field(ge=1, description="Its version.", examples=[1])
    feed_id: str = Field(description="The feed that brought it.", examples=["meridian-wire"])
    published_at: Utc = Field(description="When the article was published.")
    events: int = Field(ge=0, description="Events that this version reports, all on the events topic.")
    retracted: int = Field(ge=0, description="Events of the version before that it takes back.")
    reason: str | None = Field(
        default=None,
        description="Why no event was looked for, where the text as a whole was put aside.",
        examples=["fewer than two actors"],
    )
    extractor_version: str = Field(description="Version of the extractor.")
    ontology_version: str = Field(description="Version of the ontology, a content hash.")

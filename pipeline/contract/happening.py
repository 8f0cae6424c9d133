"""What several reports of one event come to."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from pipeline.contract.event import Event, EventType, Status
from pipeline.contract.record import Record, Utc


class Happening(Record):
    """One happening and its reports: same dyad, direction, type and day."""

    happening_id: str = Field(description="Hash of dyad, direction, type and day; 32 hex digits.")
    revision: int = Field(ge=1, description="Versions of its reports seen so far; the highest one counts.")
    dyad: str = Field(description="Both codes in alphabetical order.", examples=["CHN|RUS"])
    source: str = Field(description="Who acts; for symmetric types the first in alphabetical order.")
    target: str = Field(description="On whom.")
    type: EventType = Field(description="PLOVER event type.")
    day: date = Field(description="Day of the event, or of its publication where no text fixes one (UTC).")
    status: Status = Field(description="As the report tells it that stands for all.")
    confidence: float = Field(ge=0, le=1, description="Of the report that stands for all.")
    n_reports: int = Field(ge=0, description="Outlets that report it and did not take it back.")
    n_articles: int = Field(ge=0, description="Articles that report it and did not take it back.")
    first_reported: Utc = Field(description="When the first report was published.")
    last_reported: Utc = Field(description="When the last one was.")
    retracted: bool = Field(description="True where every report was taken back.")
    best: Event = Field(description="The report that stands for all: a fact before a plan, then the surest.")

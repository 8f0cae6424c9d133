"""The base of everything that travels: frozen, strict about numbers and time, blind to unknown fields.

Unknown fields are ignored because a published version may gain optional fields, and an older
reader must go on reading.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    JsonValue,
    PlainSerializer,
    WithJsonSchema,
)


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # pydantic takes a ValueError for a fault of the record, nothing else
        raise ValueError("out of range in UTC") from error


def format_utc(moment: datetime) -> str:
    """Write an aware moment as RFC 3339 in UTC: whole seconds, or microseconds where there are any.

    >>> format_utc(datetime(2024, 3, 21, 18, 30, tzinfo=UTC))
    '2024-03-21T18:30:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Utc = Annotated[
    AwareDatetime,
    AfterValidator(_to_utc),
    PlainSerializer(format_utc, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware moment, held and written in UTC."""


def unit(name: str) -> dict[str, JsonValue]:
    """Say in the JSON Schema in which unit a number counts; "1" for shares, indices and other ratios."""
    return {"x-unit": name}


class Record(BaseModel):
    """A frozen record; equal records encode to equal bytes."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, str_strip_whitespace=False)

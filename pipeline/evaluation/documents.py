"""A line of a gold or prediction file in; a document with its coded events out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from pipeline.contract.article import document
from pipeline.contract.event import EventType, Status
from pipeline.contract.record import Record


def _listed(codes: object) -> object:
    if codes is None or isinstance(codes, str):
        codes = (codes,)
    return tuple(c for c in codes if c is not None and c != "") if isinstance(codes, (list, tuple)) else codes


def _day(moment: object) -> object:
    return (moment[:10] or None) if isinstance(moment, str) else moment


def _text(value: object) -> object:
    return "" if value is None else value


Codes = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Text = Annotated[str, BeforeValidator(_text)]


class CodedEvent(Record):
    """One event as a coding sheet writes it; several sources or targets mean every pair of them."""

    source: Codes
    type: EventType
    target: Codes
    status: Status = Status.OCCURRED
    date: Annotated[dt.date | None, BeforeValidator(_day)] = None
    place: str | None = None
    evidence: Text = ""
    confidence: float | None = Field(default=None, ge=0, le=1)
    sure: bool = True


class CodedDocument(Record):
    """A text and the events that somebody found in it; prediction files leave the text out."""

    doc_id: str
    title: Text = ""
    text: Text = ""
    published: Text = ""
    url: Text = ""
    source: Text = ""
    country: str | None = None
    events: tuple[CodedEvent, ...] = ()

    @property
    def whole(self) -> str:
        """Title and text as evidence counts in them."""
        return document(self.title, self.text)


Predictions = Mapping[str, tuple[CodedEvent, ...]]
"""Found events by doc_id; a document that is not there has none."""

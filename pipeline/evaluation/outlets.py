"""The source and the text of a document in; what kind of text it is out."""

from __future__ import annotations

import re
from enum import StrEnum

from pipeline.evaluation.documents import CodedDocument

LONG_TEXT_CHARS = 600
"""A text of an outlet that is no state's is long beyond so many characters: no teaser of a feed is."""

FULL_NAMES = {
    "state_gov": "US State Department",
    "wh": "White House",
    "putin": "Kremlin",
    "zelenskyy": "Volodymyr Zelenskyy, President of Ukraine",
}
"""How coding sheets shorten outlets that speak for a state, and how a feed list would name them."""

_PRESIDENCY = re.compile(
    r"\b(?:president|presidency|presidential|kremlin|white house|élysée|elysee|downing street|"
    r"blue house|chancellery|prime minister)\b",
    re.IGNORECASE,
)
_MINISTRY = re.compile(
    r"\b(?:ministry|department|foreign office|mfa|embassy|government|gov|secretariat|press service|"
    r"commission|nato|united nations)\b",
    re.IGNORECASE,
)


class OutletKind(StrEnum):
    """Kinds of text that are written differently, and so are coded with different success."""

    PRESS_RELEASE = "press release"
    PRESIDENCY = "presidency page"
    HEADLINE = "agency headline"
    TEASER = "news teaser"
    LONG_TEXT = "long text"


def full_name(source: str) -> str:
    """The outlet as a feed list would name it."""
    return FULL_NAMES.get(source, source)


def kind_of(document: CodedDocument) -> OutletKind:
    """Tell by rule, in this order: a title without text is a headline, whoever wrote it; a source named
    after a head of state or government is a presidency page; one named after a ministry or another
    organ is a press release; of the rest, length alone tells a teaser from a long text.
    """
    if not document.text.strip():
        return OutletKind.HEADLINE
    name = full_name(document.source).replace("_", " ")
    if _PRESIDENCY.search(name):
        return OutletKind.PRESIDENCY
    if _MINISTRY.search(name):
        return OutletKind.PRESS_RELEASE
    return OutletKind.LONG_TEXT if len(document.text) > LONG_TEXT_CHARS else OutletKind.TEASER

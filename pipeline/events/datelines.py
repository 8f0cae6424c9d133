"""How a text opens in; where it was spoken or written, out: *GENEVA (Reuters) –*, *Tokyo, Japan*."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.contract.event import Place

Land = Callable[[str], str | None]
"""Tells the state in which a city or country of that name lies."""

_WIRE = re.compile(
    r"^\W{0,3}(?:By [^\n]{3,120}?\s)?(?P<city>[A-Z][A-Z.’' -]{2,30}?)(?:/[A-Z][A-Z/ ]*)?"
    r"(?:, [A-Z][A-Za-z]+)?(?:, (?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}))?"
    r"\.?\s?(?:\([^)\n]{2,40}\)\s?)?(?P<mark>[-–—:]|/[A-Z]{4,}/|\.\s[A-Z])"
)
_SPOKEN = re.compile(
    r"(?P<city>(?:[A-Z][\w’'.-]+ ){0,2}?[A-Z][\w’'.-]+),\s(?P<country>(?:[A-Z][\w’'.-]+ ?){1,3})"
)
_OPENING = re.compile(r"(?:[A-Z][\w’'.-]*,?|of|for|and|the|to|at|in)(?:\s+|$)")
_FAR = 240
_USA = re.compile(
    r"^(?:D\.?C\.?|New York|Maryland|Virginia|California|Texas|Florida|Michigan|Alaska|Delaware)\b"
)


def wire_dateline(body: str, land: Land) -> Place | None:
    """Where an agency's reporter wrote; uppercase and before a dash or colon."""
    for match in filter(None, (_WIRE.match(start) for start in _starts(body))):
        name = match["city"].strip(" .").title()
        if (country := land(name)) is not None:
            return Place(country=country, name=match["city"].strip(" ."))
    return None


def spoken_dateline(body: str, land: Land) -> Place | None:
    """Where words were spoken, as official transcripts open: name, office, then city and country."""
    opening = body[:_FAR]
    end = 0
    while step := _OPENING.match(opening, end):
        end = step.end()
    for start in (match.start() for match in re.finditer(r"\b[A-Z]", opening[:end])):
        match = _SPOKEN.match(opening, start)
        if match is None or re.search(r"\b(?:in|at|to|of)\s$", opening[:start]):
            continue
        city, country = land(match["city"]), _country(match["country"], land)
        if country is not None and city in (country, None) and (city or _plain_city(match["city"])):
            return Place(country=country, name=match["city"])
    return None


def _starts(body: str) -> list[str]:
    """The text's start, and what follows its opening bullet points."""
    later = re.search(r"(?<=[a-z’”\"')] )(?=[A-Z]{4,}(?: [A-Z]{3,})?: [A-Z])", body[:900])
    return [body[:300], body[later.start() :][:300]] if later else [body[:300]]


def _country(words: str, land: Land) -> str | None:
    if _USA.match(words):
        return "USA"
    parts = words.split()
    return next((found for n in (3, 2, 1) if (found := land(" ".join(parts[:n])))), None)


def _plain_city(name: str) -> bool:
    return not re.search(r"State|Minist|Secretar|Spokes|President|Office|Depart|Affairs", name)

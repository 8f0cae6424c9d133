"""What a model weighs pair by pair, made even where a sentence names many: lists share, guests do not.

"The Secretary thanked Oman, Egypt and Jordan" says of each what it says of the others; a host who met three
guests did not make them meet each other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.contract.event import SYMMETRIC, EventType
from pipeline.events.features import TYPES, Array
from pipeline.events.relations import Scored

_NAMING = frozenset({"compound", "amod", "nmod", "appos", "flat"})
_OF = frozenset({"of", "from"})
_DOUBTED = 0.25
"""Chance below which a member of a list does not share what is said of the others."""
_APART = 0.1
_CONSULT = TYPES.index(EventType.CONSULT)
_ONE_SIDED = np.array([kind not in SYMMETRIC for kind in TYPES])
_STANDING_IN = frozenset({"pronoun", "possessive", "pair", "voice"})


def evened(seen: Scored) -> Scored:
    """Share chances within lists, and leave out meetings that guests of one host had with each other.

    Members of a list take at least the mean of what the others have with an actor outside. Of three meetings
    that would join three actors all round, the one clearly least likely is no meeting of its own.
    """
    types = seen.types.copy()
    groups = listed(seen)
    for group in groups:
        outside = {code for pair in seen.window.pairs for code in (pair.one, pair.other)} - group
        for other in sorted(outside):
            _share(seen, types, group, other)
        best = _shared(seen, types, group, outside)
        for n, pair in enumerate(seen.window.pairs):
            if {pair.one, pair.other} <= group:
                types[n] = np.where(_ONE_SIDED & (types[n] < best), 0, types[n])
    meets = {
        frozenset((p.one, p.other)): types[n, :, _CONSULT].mean() for n, p in enumerate(seen.window.pairs)
    }
    for n, pair in enumerate(seen.window.pairs):
        own = meets[frozenset((pair.one, pair.other))]
        both = {pair.one, pair.other}
        hosts = {code for known in meets for code in known} - both.union(*(g for g in groups if g & both))
        ways = [
            min(meets.get(frozenset((host, guest)), 0) for guest in (pair.one, pair.other)) for host in hosts
        ]
        if any(way > own + _APART for way in ways):
            types[n, :, _CONSULT] = 0
    return replace(seen, types=types)


def _share(seen: Scored, types: Array, group: set[str], other: str) -> None:
    at = [
        (n, 0 if pair.one == other else 1)
        for n, pair in enumerate(seen.window.pairs)
        if other in (pair.one, pair.other) and group & {pair.one, pair.other}
    ]
    for turn in (0, 1) if at else ():
        rows = [(n, way ^ turn) for n, way in at]
        shared = np.mean([seen.types[row] for row in rows], axis=0)
        for row in rows:
            lifted = np.maximum(shared, types[row])
            types[row] = np.where(seen.types[row] >= _DOUBTED, lifted, types[row])


def _shared(seen: Scored, types: Array, group: set[str], outside: set[str]) -> Array:
    """The best chance of each type between a member of a list and an actor outside."""
    best = np.zeros(types.shape[-1], dtype=types.dtype)
    for n, pair in enumerate(seen.window.pairs):
        if len({pair.one, pair.other} & group) == 1 and {pair.one, pair.other} & outside:
            best = np.maximum(best, types[n].max(0))
    return best


def listed(seen: Scored) -> list[set[str]]:
    """Actors that the core names in one list, list by list."""
    read = seen.window.read
    members: dict[int, set[str]] = {}
    for mention in read.mentions:
        if not mention.acts or mention.rule in _STANDING_IN:
            continue
        span = read.doc.char_span(
            mention.start - read.sentence.start, mention.end - read.sentence.start, alignment_mode="expand"
        )
        if span is not None:
            members.setdefault(_first(span.root).i, set()).add(mention.code)
    return [codes for codes in members.values() if len(codes) > 1]


def _first(token: Any) -> Any:
    """The head of the first noun phrase of the list in which a name stands."""
    while token.head.i != token.i:
        if token.dep_ == "pobj" and token.head.lower_ in _OF and token.head.head.pos_ in ("NOUN", "PROPN"):
            token = token.head.head
        elif token.dep_ in (*_NAMING, "conj") and token.head.pos_ in ("NOUN", "PROPN", "ADJ"):
            token = token.head
        else:
            break
    return token

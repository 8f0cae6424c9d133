"""A pair of actors in a parsed sentence in; what grammar, lexicon and rules say of them, as numbers, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.contract.event import EventType, Status
from pipeline.events.actions import Lexicon
from pipeline.events.windows import CORE, VOICE, Mark, Pair, Window

TYPES = tuple(EventType)
STATUSES = tuple(Status)
RULES = ("name", "demonym", "capital", "metonym", "office", "pronoun", "possessive", "pair", "voice", "other")
_ROLES = ("nsubj", "nsubjpass", "dobj", "pobj", "poss", "compound", "amod", "conj", "appos", "agent")
_TYPE_AT = {kind: n for n, kind in enumerate(TYPES)}
_STATUS_AT = {status: n for n, status in enumerate(STATUSES)}
_ROLE_AT = {role: n for n, role in enumerate(_ROLES)}
_KINDS = len(TYPES)
WIDTH = 4 * _KINDS + len(STATUSES) + 2 * (len(_ROLES) + 3) + 6

Array = npt.NDArray[np.float32]


class Describer:
    """Describes pairs; knows which words tell which types."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._kinds: dict[str, tuple[int, ...]] = {}
        for table in (lexicon.verbs, lexicon.nouns, lexicon.adjectives):
            for word, entries in table.items():
                lemma = word.partition("_")[0]
                known = set(self._kinds.get(lemma, ()))
                self._kinds[lemma] = tuple(sorted(known | {_TYPE_AT[spec.type] for spec, _ in entries}))

    def describe(self, window: Window) -> Array:
        """Numbers of every pair and direction: (pairs, 2, WIDTH), each within 0 and 1."""
        found = np.zeros((len(window.pairs), 2, WIDTH), dtype=np.float32)
        everywhere = np.zeros(_KINDS, dtype=np.float32)
        everywhere[[kind for token in window.read.doc for kind in self.kinds(token)]] = 1
        for number, pair in enumerate(window.pairs):
            heads = [head_of(window, marks) for marks in pair.marks]
            for way in (0, 1):
                source, target = (pair.one, pair.other) if way == 0 else (pair.other, pair.one)
                row = found[number, way]
                _told_by_rules(row, window, source, target)
                self._told_by_words(row, heads)
                row[3 * _KINDS + len(STATUSES) : 4 * _KINDS + len(STATUSES)] = everywhere
                _roles(row, window, pair, way, heads)
        return found

    def kinds(self, token: Any) -> tuple[int, ...]:
        """Numbers of the types that a word may tell."""
        return self._kinds.get(token.lemma_.lower(), ())

    def _told_by_words(self, row: Array, heads: Sequence[Any]) -> None:
        start = 2 * _KINDS + len(STATUSES)
        for token in path(*heads):
            for kind in self.kinds(token):
                row[start + kind] = 1


def path(one: Any, other: Any) -> Iterator[Any]:
    """Tokens on the way from one to the other through the tree, both left out; none where one is missing."""
    if one is None or other is None:
        return
    up = [one, *one.ancestors]
    down = [other, *other.ancestors]
    below = {token.i for token in down}
    meet = next((token.i for token in up if token.i in below), None)
    for way in (up, down):
        for token in way[1:]:
            if way is up or token.i != meet:
                yield token
            if token.i == meet:
                break


def _told_by_rules(row: Array, window: Window, source: str, target: str) -> None:
    for draft in window.read.drafts:
        codes = (draft.act.source.code, draft.act.target.code)
        if codes == (source, target):
            row[_TYPE_AT[draft.act.spec.type]] = draft.act.sureness
            row[2 * _KINDS + _STATUS_AT[draft.status]] = 1
        elif codes == (target, source):
            row[_KINDS + _TYPE_AT[draft.act.spec.type]] = draft.act.sureness


def _roles(row: Array, window: Window, pair: Pair, way: int, heads: Sequence[Any]) -> None:
    start = 4 * _KINDS + len(STATUSES)
    width = len(_ROLES) + 3
    for side in (0, 1):
        number = side if way == 0 else 1 - side
        head, mark = heads[number], pair.marks[number][0]
        at = start + side * width
        if head is not None and head.dep_ in _ROLE_AT:
            row[at + _ROLE_AT[head.dep_]] = 1
        row[at + len(_ROLES)] = mark.part == CORE
        row[at + len(_ROLES) + 1] = mark.part == VOICE or mark.mention.rule == "voice"
        row[at + len(_ROLES) + 2] = head is not None and _verb_of(head)
    at = start + 2 * width
    steps = len(list(path(*heads)))
    row[at] = window.read.sentence.headline
    row[at + 1] = 0 < steps <= 2
    row[at + 2] = 2 < steps <= 4
    row[at + 3] = steps > 4
    row[at + 4] = None not in heads and heads[0].i < heads[1].i
    row[at + 5] = min(1.0, len(window.pairs) / 20)


def _verb_of(head: Any) -> bool:
    """Tell whether a token's phrase is the subject of the sentence's main verb."""
    token = head
    while token.dep_ in ("compound", "amod", "poss", "appos", "nmod", "conj") and token.head.i != token.i:
        token = token.head
    return bool(token.dep_ == "nsubj" and token.head.dep_ == "ROOT")


def head_of(window: Window, marks: Sequence[Mark]) -> Any:
    """The token that names an actor in the core, or None."""
    sentence, doc = window.read.sentence, window.read.doc
    for mark in marks:
        if mark.part == CORE:
            span = doc.char_span(
                mark.mention.start - sentence.start,
                mark.mention.end - sentence.start,
                alignment_mode="expand",
            )
            return span.root if span is not None else None
    return None

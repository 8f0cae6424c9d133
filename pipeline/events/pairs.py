"""A sentence with its source and target given in; the type of what the one does to the other, out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from pipeline.contract.event import QUAD_OF, EventType, Quad
from pipeline.events.actions import Lexicon
from pipeline.events.actors import Mention
from pipeline.events.features import TYPES, Describer
from pipeline.events.reading import Reading
from pipeline.events.relations import Relations
from pipeline.events.sentences import Sentence
from pipeline.events.windows import Framer, Window

SOURCE, _TARGET = "SRC", "TGT"
_SUBJECTS = ("nsubj", "agent", "csubj")
_OBJECTS = ("dobj", "nsubjpass", "dative", "pobj")
_NO_DAY = date(1970, 1, 1)
_EDGE = r"(?<!\w)%s(?!\w)"
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the one does to the other."""

    type: EventType
    quad: Quad
    confidence: float
    """Share of this type among all types, given that there is an event."""


class PairReader:
    """Reads a sentence as the coder does, with the two that are given for its only actors."""

    def __init__(self, lexicon: Lexicon, reader: Any, framer: Framer) -> None:
        self._lexicon = lexicon
        self._reader = reader
        self._framer = framer
        self.describer = Describer(lexicon)

    def window(self, sentence: str, source: str, target: str) -> Window:
        """Frame one pair; who is not named is taken for the subject or the object.

        Raises ValueError where a sentence has no room for two.
        """
        doc = self._reader(sentence)
        spans = {SOURCE: _found(sentence, source), _TARGET: _found(sentence, target)}
        for code in [code for code, span in spans.items() if span is None]:
            spans[code] = _likely(doc, code, [span for span in spans.values() if span is not None])
        mentions = [
            Mention(code, *span, sentence[slice(*span)], "name") for code, span in spans.items() if span
        ]
        mentions.sort(key=lambda mention: mention.start)
        reading = Reading(_NO_DAY, self._lexicon)
        reading.read(Sentence(sentence, 0), mentions, doc, None)
        window = next(self._framer.windows(reading.reads), None)
        if window is None:
            raise ValueError("source and target are too far apart")
        return window


class PairTyper:
    """Types given pairs by rules, grammar and model, whoever the two are."""

    def __init__(self, lexicon: Lexicon, reader: Any, relations: Relations) -> None:
        self._relations = relations
        self._reader = PairReader(lexicon, reader, relations.framer)

    def type(self, sentence: str, source: str, target: str) -> Typed:
        """Type one pair. Raises ValueError where a sentence has no room for two."""
        window = self._reader.window(sentence, source, target)
        way = 0 if window.pairs[0].one == SOURCE else 1
        given = self._relations.given(window, self._reader.describer)[0, way]
        weights = np.exp(given - given.max())
        shares = weights / weights.sum()
        kind = TYPES[int(shares.argmax())]
        return Typed(kind, QUAD_OF[kind], float(shares.max()))


def _found(sentence: str, name: str) -> Span | None:
    for pattern in (_EDGE % re.escape(name), re.escape(name)):
        if (match := re.search(pattern, sentence) or re.search(pattern, sentence, re.IGNORECASE)) is not None:
            return match.span()
    return None


def _likely(doc: Any, code: str, taken: list[Span]) -> Span:
    """Where somebody unnamed most likely stands: the main verb's subject acts on its object."""
    roles = _SUBJECTS if code == SOURCE else _OBJECTS
    free = [t for t in doc if not any(a < t.idx + len(t.text) and t.idx < b for a, b in taken)]
    ranked = sorted(free, key=lambda t: (t.dep_ not in roles, t.head.dep_ != "ROOT", t.dep_ == "punct", t.i))
    if not ranked:
        raise ValueError("the sentence has no word for both source and target")
    return ranked[0].idx, ranked[0].idx + len(ranked[0].text)

"""A document in; its sentences with their place in it out. No model: splitting must be cheap before the gate."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr gen col lt maj capt sgt adm brig sen rep gov st no vs prof jr sr dec jan feb mar apr jun jul aug "
    "sep sept oct nov u.s u.k u.n e.u u.a.e d.c a.m p.m i.e e.g etc inc ltd co".split()
)
_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s+[\"“‘'(\[]*[A-Z0-9])")
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it starts in the document."""

    text: str
    start: int
    headline: bool = False

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)


def split(document: str) -> list[Sentence]:
    """Split at line ends and sentence ends; the first line is the headline.

    >>> [s.text for s in split("Talks open\\n\\nThe U.S. agreed. Gen. Li left.")]
    ['Talks open', 'The U.S. agreed.', 'Gen. Li left.']
    """
    sentences: list[Sentence] = []
    for line in re.finditer(r"[^\n]+", document):
        start = line.start()
        for end in [*_ends(line.group()), len(line.group())]:
            piece = document[start : line.start() + end]
            lead = len(piece) - len(piece.lstrip())
            text = piece.strip()
            if text:
                sentences.append(Sentence(text, start + lead, headline=line.start() == 0))
            start = line.start() + end
    return [sentence for sentence in sentences if len(sentence.text) <= _LONGEST]


def _ends(line: str) -> list[int]:
    found = []
    for match in _END.finditer(line):
        word = line[: match.start()].rsplit(maxsplit=1)[-1:] or [""]
        token = word[0].lower().strip("\"“'(")
        single = len(token) == 1 and match.group().startswith(".")  # an initial
        if not (single or (token in _ABBREVIATIONS and match.group() == ".")):
            found.append(match.end())
    return found

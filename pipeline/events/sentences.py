"""A document in; its sentences with their place in it out. No model: splitting comes before the gate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.events.headlines import clauses

_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr gen col lt maj capt sgt adm brig sen rep gov st no vs prof jr sr dec jan feb mar
    apr jun jul aug sep sept oct nov u.s u.k u.n e.u u.a.e d.c a.m p.m i.e e.g etc inc ltd co
    """.split()
)
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"”’')\]]*+(?=\s++[\"“‘'(\[]*+[A-Z0-9])")
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it starts in the document."""

    text: str
    start: int
    headline: bool = False
    past: bool = False
    """Whether the sentences before set it in a time long past."""

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)


def split(document: str) -> list[Sentence]:
    """Split at line ends and sentence ends; the first line is the headline, cut into its clauses.

    >>> [s.text for s in split("Talks open\\n\\nThe U.S. agreed. Gen. Li left.")]
    ['Talks open', 'The U.S. agreed.', 'Gen. Li left.']
    """
    found: list[Sentence] = []
    for line in re.finditer(r"[^\n]+", document):
        headline = line.start() == 0
        for first, last in clauses(line.group()) if headline else [(0, len(line.group()))]:
            start = first
            for end in [*(first + e for e in _ends(line.group()[first:last])), last]:
                piece = line.group()[start:end]
                lead = len(piece) - len(piece.lstrip())
                if text := piece.strip():
                    found.append(Sentence(text, line.start() + start + lead, headline))
                start = end
    return [sentence for sentence in found if len(sentence.text) <= _LONGEST]


def _ends(line: str) -> list[int]:
    found = []
    for match in _END.finditer(line):
        word = line[: match.start()].rsplit(maxsplit=1)[-1:] or [""]
        token = word[0].lower().strip("\"“'(")
        single = len(token) == 1 and match.group().startswith(".")  # an initial
        if not (single or (token in _ABBREVIATIONS and match.group() == ".")):
            found.append(match.end())
    return found

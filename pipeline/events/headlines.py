"""A headline in; the clauses it strings together, and a spelling that the parser understands, out."""

from __future__ import annotations

import re
from collections.abc import Iterable

_JOINT = re.compile(
    r";\s+|:\s+|(?<!\s)\s++(?:[—–|]\s+|\b(?:as|while)\b\s+(?=\S+\s+\S+))"
    r"|,\s++\b(?:as|while)\b\s+(?=\S+\s+\S+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][\w’'-]*")
_SHORTEST = 3


def clauses(headline: str) -> list[tuple[int, int]]:
    """Where the clauses of a headline stand.

    >>> [ "Xi lands in Minsk as Kyiv warns of reprisals; Prague silent"[a:b] for a, b in clauses(
    ...     "Xi lands in Minsk as Kyiv warns of reprisals; Prague silent")]
    ['Xi lands in Minsk', 'Kyiv warns of reprisals', 'Prague silent']
    """
    pieces, start = [], 0
    for joint in _JOINT.finditer(headline):
        spelled = joint.group().strip(" ,").lower() in ("as", "while")
        words = min(len(headline[start : joint.start()].split()), len(headline[joint.end() :].split()))
        if spelled and words < _SHORTEST:
            continue
        pieces.append((start, joint.start()))
        start = joint.end()
    pieces.append((start, len(headline)))
    return [(a, b) for a, b in pieces if headline[a:b].strip()]


def untitled(text: str, names: Iterable[tuple[int, int]]) -> str:
    """Write "Iran Holds Talks With China" as running text, names left as they are; the length stays.

    >>> untitled("Iran Holds Talks With China", [(0, 4), (22, 27)])
    'Iran holds talks with China'
    """
    words = list(_WORD.finditer(text))
    kept = list(names)
    loose = [w for w in words if not any(a < w.end() and w.start() < b for a, b in kept)]
    capital = [w for w in loose if w.group()[0].isupper()]
    if not loose or len(capital) < 0.7 * len(loose):
        return text
    letters = list(text)
    for word in capital:
        if not word.group().isupper() or len(word.group()) == 1:
            letters[word.start()] = letters[word.start()].lower()
    return "".join(letters)

"""A transcript in; who says "we" from where on, out.

Press offices print who speaks in capitals before a colon: "FOREIGN MINISTER WONG: …", "QUESTION: …".
"""

from __future__ import annotations

import re
from collections.abc import Callable

_LABEL = re.compile(
    r"^(?P<who>[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]*){0,6})(?: \([^)]{1,40}\))?:(?=\s)", re.MULTILINE
)
_HOSTS = frozenset(
    """
    MR MS MRS DR SECRETARY SPOKESPERSON DEPUTY ASSISTANT UNDER ACTING SENIOR SPECIAL AMBASSADOR ADMIRAL
    GENERAL ADMINISTRATOR COORDINATOR DIRECTOR ENVOY
    """.split()
)
"""Words with which an outlet labels its own people."""
_LEAST = 2

Turn = tuple[int, str | None]
"""Where a speaker begins, and for which state he speaks; None where nobody knows."""


def turns(text: str, voice: str | None, stand_for: Callable[[str], set[str]]) -> list[Turn]:
    """Whose turn it is from where on; `stand_for` names the actors in a string. Empty for no transcript.

    >>> turns("X\\nMR PRICE: We met.\\nQUESTION: Why?\\nMR PRICE: Well.", "USA", lambda who: set())
    [(2, 'USA'), (20, None), (35, 'USA')]
    """
    labels = list(_LABEL.finditer(text))
    if len(labels) < _LEAST:
        return []
    found: list[Turn] = []
    for label in labels:
        who = label["who"]
        states = stand_for(" ".join(word.capitalize() for word in who.split()))
        own = voice if who.split()[0].strip(".") in _HOSTS else None
        found.append((label.start(), states.pop() if len(states) == 1 else own))
    return found


def speaking(found: list[Turn], at: int, voice: str | None) -> str | None:
    """For which state the one speaks whose turn it is at a place of the text."""
    begun = [state for start, state in found if start <= at]
    return begun[-1] if begun else voice

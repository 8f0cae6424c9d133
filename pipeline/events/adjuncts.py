"""A word that tells when or where in; the word it belongs to, and how near that is to an act, out."""

from __future__ import annotations

from typing import Any

_INNER = frozenset({"relcl", "acl", "ccomp", "pcomp", "csubj"})
"""Clauses that tell of something else: the speech *given on Monday*."""
_WITHIN = frozenset({"conj", "appos"})


def governor(token: Any) -> Any:
    """The verb or noun that a name or a time belongs to: *met* in "met in Oslo on Monday"."""
    while token.dep_ in _WITHIN and token.head is not token:
        token = token.head
    if token.dep_ in ("pobj", "pcomp") and token.head.dep_ not in ("ROOT",):
        return governor(token.head) if token.head.head.dep_ == "prep" else token.head.head
    return token.head


def preposition(token: Any) -> Any | None:
    """The preposition before a name, over conjuncts and appositions: *in* for "Berlin, Germany"."""
    while token.dep_ in _WITHIN and token.head is not token:
        token = token.head
    return token.head if token.dep_ == "pobj" else None


def belongs(word: Any, act: Any) -> bool:
    """Tell whether what modifies `word` says something of `act`: it is the act, over or plainly under it."""
    if word.i == act.i or word in act.ancestors:
        return True
    shared = {token.i for token in (act, *act.ancestors)}
    step = word
    while step.i not in shared:
        if step.dep_ in _INNER:
            return False
        if step.head is step:
            break
        step = step.head
    return True


def distance(one: Any, other: Any) -> int:
    """How many steps of the parse lie between two words."""
    way = {token.i: steps for steps, token in enumerate((one, *one.ancestors))}
    for steps, token in enumerate((other, *other.ancestors)):
        if token.i in way:
            return way[token.i] + steps
    return len(way)

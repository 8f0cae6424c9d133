"""How a sentence puts an act: occurred, intended, denied, hypothetical or historical."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any

from pipeline.contract.event import Status

_HYPOTHETICAL = frozenset({"could", "may", "might", "would", "can", "should", "must"})
_PLANS = frozenset(
    """
    plan intend expect prepare vow pledge promise agree want hope aim seek schedule set ready
    consider decide threaten offer order urge ask call propose due poise mull weigh
    """.split()
)
_DOUBTS = frozenset(
    """
    consider mull weigh hope want worry fear concern suspect allege wonder doubt discourage try attempt
    discuss
    """.split()
)
_REFUSALS = frozenset("refuse decline fail".split())
_AFTER = frozenset("after following despite amid since given".split())
_AFTERMATH = frozenset("response reaction answer victim result consequence wake face".split())
_SUPPOSED = frozenset("likelihood possibility risk prospect danger fear event chance threat scenario".split())
_CALLED_OFF = frozenset("cancel postpone suspend scrap scupper shelve lift ease waive relax drop".split())
_PLANNED_NOUN = frozenset("planned upcoming forthcoming future next scheduled proposed".split())
_POSSIBLE_NOUN = frozenset("possible potential alleged rumoured rumored hypothetical would-be likely".split())
_YEAR = re.compile(r"\b(?:in|since|during|of|from)\s+(?:\w+\s+)?((?:19|20)\d\d)\b", re.I)
_AGO = re.compile(
    r"\b(?:years?|decades?|centur(?:y|ies)) (?:ago|earlier)\b|(?<!\bthe )\blast year\b"
    r"|\banniversary\b|\bhistory\b",
    re.I,
)


def status_of(trigger: Any, sentence: str, published: date) -> Status:
    """Judge an act by the words around its trigger (a spaCy token)."""
    verb = _governing_verb(trigger)
    chain = _chain(verb)
    if any(child.dep_ == "neg" for child in (*trigger.children, *verb.children)) or _none(trigger):
        return Status.DENIED
    if any(v.lemma_ == "deny" for v in chain) or any(v.lemma_ in _REFUSALS for v in chain[1:]):
        return Status.DENIED
    if verb.lemma_ in _CALLED_OFF and trigger.i != verb.i:
        return Status.DENIED
    if any(
        child.lower_ == "no"
        for token in (verb, *verb.ancestors)
        for child in token.children
        if token.pos_ == "NOUN" and child.dep_ == "det" and child.i < verb.i
    ):
        return Status.DENIED  # no signs that they met
    if _supposed(trigger):
        return Status.HYPOTHETICAL
    if _background(sentence, published):
        return Status.HISTORICAL
    if _given(trigger):
        return Status.OCCURRED
    words = {
        child.lower_ for t in (trigger, verb) for child in t.children if child.dep_ in ("amod", "advmod")
    }
    if _POSSIBLE_NOUN & words or _conditional(verb) or _modals(chain) & _HYPOTHETICAL:
        return Status.HYPOTHETICAL
    above = chain[1] if len(chain) > 1 else None
    if above is not None and above.lemma_ in _DOUBTS:
        return Status.HYPOTHETICAL
    if trigger.i != verb.i and _awaited(trigger, verb):
        return Status.INTENDED
    if _PLANNED_NOUN & words or _modal(verb) & {"will", "shall", "'ll"} or _planned(verb):
        return Status.INTENDED
    return Status.OCCURRED


def demanded(trigger: Any) -> bool:
    """Tell whether the act is only what one side asks of the other: urged Russia *to withdraw*."""
    verb = _governing_verb(trigger)
    return (
        verb.dep_ in ("xcomp", "ccomp", "advcl", "pcomp")
        and verb.head.lemma_
        in {"urge", "ask", "call", "demand", "press", "request", "appeal", "implore", "tell", "want"}
        and verb.head.i != verb.i
    )


def _governing_verb(trigger: Any) -> Any:
    token = trigger
    while token.pos_ not in ("VERB", "AUX") and token.head.i != token.i:
        token = token.head
    return token if token.pos_ in ("VERB", "AUX") else trigger


def _chain(verb: Any) -> list[Any]:
    chain = [verb]
    while chain[-1].dep_ in ("xcomp", "ccomp", "advcl", "conj", "pcomp") and chain[-1].head.i != chain[-1].i:
        chain.append(chain[-1].head)
    return chain


def _modal(verb: Any) -> set[str]:
    found = {child.lower_ for child in verb.children if child.dep_ == "aux"}
    if verb.dep_ == "conj":
        found |= _modal(verb.head) if not found else set()
    return found


def _modals(chain: list[Any]) -> set[str]:
    """Auxiliaries of a verb and of those on which it hangs as infinitive: *should* stop talking."""
    found = _modal(chain[0])
    for below, above in pairwise(chain):
        if below.dep_ not in ("xcomp", "pcomp"):
            break
        found |= _modal(above) if above.lemma_ != "like" else set()
    return found


def _supposed(trigger: Any) -> bool:
    """Tell whether a noun is only thought of: the *likelihood* of an attack."""
    token = trigger
    for _ in range(4):
        if token.dep_ != "pobj" or token.head.lower_ != "of":
            return False
        token = token.head.head
        if token.lemma_.lower() in _SUPPOSED:
            return True
    return False


def _none(trigger: Any) -> bool:
    """Tell whether there was none: held *no* talks."""
    return any(child.dep_ == "det" and child.lower_ == "no" for child in trigger.children)


def _given(trigger: Any) -> bool:
    """Tell whether a noun is told as known, whatever its clause is about: *after* the attack."""
    token, steps = trigger, 0
    while token.dep_ in ("pobj", "prep", "conj", "pcomp") and token.head.i != token.i:
        token = token.head
        if token.pos_ == "ADP" and token.lower_ in _AFTER:
            return True
        steps += token.lower_ in ("to", "of", "from") and token.head.pos_ == "NOUN"
    return trigger.pos_ == "NOUN" and steps > 0 and trigger.dep_ == "pobj" and token.lemma_ in _AFTERMATH


def _awaited(trigger: Any, verb: Any) -> bool:
    """Tell whether a noun is still to come: set *for* talks, *ahead of* talks."""
    head = trigger.head
    if trigger.dep_ != "pobj":
        return False
    if head.lower_ == "for" and verb.lemma_ in _PLANS and head.head.i == verb.i:
        return True
    return bool(head.lower_ == "of" and head.i and head.nbor(-1).lower_ == "ahead")


def _planned(verb: Any) -> bool:
    infinitive = any(child.lower_ == "to" and child.dep_ == "aux" for child in verb.children)
    if not infinitive:
        return False
    if verb.dep_ == "ROOT" or any(child.dep_ == "nsubj" for child in verb.children):
        return True  # headlines: Xi to visit Moscow; Kremlin confirms Xi to visit
    return verb.head.lemma_ in _PLANS or verb.head.pos_ in ("AUX", "ADJ", "NOUN")


def _conditional(verb: Any) -> bool:
    return any(
        token.dep_ == "mark" and token.lower_ in ("if", "unless", "whether")
        for v in _chain(verb)
        for token in v.children
    )


def _background(sentence: str, published: date) -> bool:
    if _AGO.search(sentence):
        return True
    years = [int(year) for year in _YEAR.findall(sentence)]
    return bool(years) and all(abs(published.year - year) >= 1 and year < published.year for year in years)

"""How a sentence puts an act: occurred, intended, denied, hypothetical or historical."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from pipeline.contract.event import Status
from pipeline.events.past import long_past, tells_past

_HYPOTHETICAL = frozenset({"could", "may", "might", "would", "can", "should", "must"})
_PLANS = frozenset(
    """
    plan intend expect prepare vow pledge promise agree want hope aim seek schedule set ready consider
    decide threaten offer order urge ask call propose due poise mull weigh
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
_SUPPOSED = frozenset(
    """
    likelihood possibility risk prospect danger fear event chance threat scenario odds odd probability
    simulation rumour rumor speculation hypothesis forecast prediction talk fantasy vision
    """.split()
)
_GUESSES = frozenset(
    "predict forecast foresee envisage envision imagine suppose speculate assume rumour rumor guess".split()
)
_GUESSERS = frozenset(
    """
    analyst expert economist observer pundit forecaster strategist researcher academic scholar historian
    study survey model bookmaker columnist commentator professor lecturer think-tank tank scenario
    simulation futurist consultancy bank author paper note novel film bettor trader investor
    """.split()
)
"""Those whose word on what will be done is a guess."""
_CONDITIONS = frozenset("if unless whether lest provided providing assuming supposing case should".split())
_CALLED_OFF = frozenset("cancel postpone suspend scrap scupper shelve lift ease waive relax drop".split())
_PLANNED_NOUN = frozenset("planned upcoming forthcoming future next scheduled proposed".split())
_POSSIBLE_NOUN = frozenset(
    """
    possible potential alleged rumoured rumored hypothetical would-be likely imaginary imagined
    fictional simulated mock allegedly supposedly purportedly hypothetically possibly probably perhaps
    maybe
    """.split()
)


def status_of(trigger: Any, published: date, past: bool = False) -> Status:
    """Judge an act by the words around its trigger (a spaCy token); `past`: its text is set long ago."""
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
    if _supposed(trigger, verb) or _asked(trigger, verb):
        return Status.HYPOTHETICAL
    if long_past(trigger, published) or (past and tells_past(verb)):
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
    if _guessed(chain):
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


def _supposed(trigger: Any, verb: Any) -> bool:
    """Tell whether an act is only thought of: the *likelihood* of an attack, *rumours* that they attacked."""
    token = trigger
    if verb.dep_ == "acl" and verb.head.lemma_.lower() in _SUPPOSED and verb.tag_ not in ("VBN", "VBG"):
        return True
    if (
        verb.dep_ == "acl"
        and verb.head.lemma_.lower() in _SUPPOSED
        and any(c.dep_ == "mark" for c in verb.children)
    ):
        return True
    for _ in range(4):
        if token.dep_ != "pobj" or token.head.lower_ != "of":
            return False
        token = token.head.head
        if token.lemma_.lower() in _SUPPOSED:
            return True
    return False


def _asked(trigger: Any, verb: Any) -> bool:
    """Tell whether an act is what a question asks, not what it takes for granted: *will* they attack?"""
    if trigger.dep_ == "nsubj" or not _interrogative(trigger.doc):
        return False
    return all(v.dep_ in ("ROOT", "conj", "xcomp", "ccomp") for v in _chain(verb))


def _interrogative(doc: Any) -> bool:
    """Tell whether a sentence is put as a question: who, will they …? A statement with a "?" is not."""
    if not doc.text.rstrip("\"”’')] ").endswith("?"):
        return False
    opening = [word for word in doc if word.is_alpha][:3]
    return any(word.tag_ in ("WP", "WRB", "WDT", "WP$", "MD") or word.pos_ == "AUX" for word in opening)


def _guessed(chain: Sequence[Any]) -> bool:
    """Tell whether somebody who cannot decide it foretells an act: analysts expect them *to attack*."""
    ahead = bool(_modal(chain[0])) or any(
        child.lower_ == "to" and child.dep_ == "aux" for child in chain[0].children
    )
    for verb in chain[1:]:
        who = [child for child in verb.children if child.dep_ in ("nsubj", "agent")]
        if verb.lemma_.lower() in _GUESSES:
            return True
        if ahead and any(word.lemma_.lower() in _GUESSERS for word in who):
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
    """Tell whether an act hangs on a condition: *if*, *in case* or *should* they attack."""
    if _modal(verb) and any(child.dep_ == "advcl" and _if_clause(child) for child in verb.children):
        return True  # they will attack if
    for v in _chain(verb):
        if any(child.dep_ in ("mark", "prep", "aux") and _opens_condition(child, v) for child in v.children):
            return True
        if v.dep_ == "advcl" and v.head.lower_ in _CONDITIONS:
            return True  # provided that they agree
        if v.dep_ == "acl" and v.head.lower_ == "case" and v.head.i and v.head.nbor(-1).lower_ == "in":
            return True
    return False


def _if_clause(clause: Any) -> bool:
    return any(child.dep_ in ("mark", "aux") and _opens_condition(child, clause) for child in clause.children)


def _opens_condition(word: Any, verb: Any) -> bool:
    if word.dep_ != "aux":
        return word.lower_ in _CONDITIONS
    whose = min((child.i for child in verb.children if child.dep_ in ("nsubj", "nsubjpass")), default=-1)
    inverted = word.i < whose and word.lower_ in ("should", "were", "had")
    return inverted and not _interrogative(verb.doc)

"""Nouns that tell an act: by which verb each is carried, or whether it only names a topic."""

from __future__ import annotations

from typing import Any

from pipeline.events.phrases import Phrases

LIGHT = frozenset(
    """
    hold have conduct make pay launch carry impose sign provide offer express reaffirm voice give
    issue stage begin start open resume continue announce declare complete finish attend wrap kick
    sustain stop end see host mount order discuss exchange deliver send lodge reiterate reject
    accept adopt join convene chair bring place approve unveil pledge promise receive underscore
    fly reach confirm conclude maintain hail
    """.split()
)
_SHARE = ("in", "of", "worth")
_PORTIONS = frozenset(
    """
    day hour week month phase stage approval adoption imposition batch round series first second third
    package tranche million billion set dollar euro
    """.split()
)
_TOPICAL = frozenset("discuss address review consider commemorate mark raise remember recall".split())
_DURING = ("at", "in", "after", "during", "through")
_CARRYING = ("for", "in", "to", "during", "at", "on", "after", "through")
_PAIR = 2


def light_verb(noun: Any, meeting: bool) -> Any | None:
    """The verb that only carries a noun: *holds* talks, *announced* a million in aid, arrived *for* talks."""
    head = noun.head
    while (
        noun.dep_ == "pobj"
        and head.lower_ in _SHARE
        and (head.head.lemma_.lower() in _PORTIONS or head.head.dep_ in ("dobj", "nsubjpass"))
    ):
        noun, head = head.head, head.head.head
    if noun.dep_ in ("dobj", "nsubjpass") and head.pos_ == "VERB":
        return head if head.lemma_.lower() in LIGHT else None
    if meeting and noun.dep_ == "pobj" and head.dep_ == "prep" and head.lower_ in _CARRYING:
        above = head.head
        if above.pos_ == "NOUN" and above.dep_ == "dobj":
            above = above.head  # reached an understanding *at talks*
        return above if above.pos_ in ("VERB", "AUX") else None
    return None


def is_topic(noun: Any) -> bool:
    """Tell whether a noun is only what is talked about: they discussed *the war*."""
    while noun.dep_ == "conj" or (noun.dep_ == "pobj" and noun.head.lower_ == "of"):
        noun = noun.head if noun.dep_ == "conj" else noun.head.head
    return noun.dep_ == "dobj" and noun.head.lemma_.lower() in _TOPICAL


def tells_joint_act(noun: Any, light: Any | None, phrases: Phrases) -> bool:
    """Tell whether a noun tells a joint act; "at the meeting" only says where another one happened."""
    if len({m.code for m in phrases.inside(noun)}) == _PAIR:
        return True  # Russia-US talks
    if light is None:
        return False
    bare = not any(child.lower_ in ("the", "their", "this") for child in noun.children)
    return noun.dep_ != "pobj" or noun.head.lower_ in ("for", "of") or (bare and noun.head.lower_ in _DURING)

"""Where an act happened: the nearest name after in, at, near …; else what the act itself tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.contract.event import EventType, Place
from pipeline.events.actions import Act
from pipeline.events.actors import Mention
from pipeline.events.sentences import Sentence

_WHERE = frozenset({"in", "at", "near", "outside", "inside", "across"})
_SITES = ("name", "capital", "place", "metonym")
_HOSTING = frozenset({"host", "welcome", "receive"})
_STATE = 3


def place_of(doc: Any, sentence: Sentence, mentions: Sequence[Mention], act: Act) -> Place | None:
    """Name the country where an act happened, or None where the sentence does not tell.

    A visit happens at its goal, an attack where its target is; other acts only where a place stands.
    """
    goal = act.target if act.mode == "visit" or act.spec.type is EventType.ASSAULT else None
    if act.trigger.lemma_.lower() in _HOSTING and act.spec.type is EventType.CONSULT and not act.mode:
        goal = act.source
    if act.mode == "visit" and len(act.target.code) == _STATE:
        return Place(country=act.target.code, name=act.target.text)
    near: list[tuple[int, Mention]] = []
    for mention in mentions:
        capital = sentence.text[mention.end - sentence.start :].startswith(" capital")
        if not (capital or mention.rule in _SITES) or len(mention.seat or mention.code) != _STATE:
            continue
        span = doc.char_span(
            mention.start - sentence.start, mention.end - sentence.start, alignment_mode="expand"
        )
        if span is None:
            continue
        site = span.root.head if capital else span.root
        if mention.rule in ("capital", "place") and site.dep_ == "compound":
            site = site.head  # in a Geneva villa
        if site.dep_ == "pobj" and site.head.lower_ in _WHERE:
            near.append((abs(site.i - act.trigger.i), mention))
    if near:
        mention = min(near, key=lambda item: (item[0], item[1].start))[1]
        return Place(country=mention.seat or mention.code, name=mention.text)
    if goal is not None and len(goal.code) == _STATE:
        return Place(country=goal.code, name=goal.text)
    return None

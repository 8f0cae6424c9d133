"""An act in its sentence in; its day with granularity and the rule that found it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipeline.contract.event import Granularity, Status
from pipeline.events.adjuncts import belongs, distance, governor
from pipeline.events.expressions import Dated, Expression, expressions

__all__ = ["Dated", "date_of"]
_FAR_DAYS = 45
"""What has happened is not dated by a day so far ahead: talks on the October vote."""
_OF_A_THING = frozenset({"compound", "nmod", "poss", "nummod", "amod"})
_SAYING = frozenset("say tell announce report confirm state add note claim declare write".split())


def date_of(sentence: str, near: int, published: date, status: Status, trigger: Any = None) -> Dated:
    """Date an act told at character `near` of a sentence: by what stands nearest to it, else the publication.

    With the parsed `trigger`, times that belong to something else are passed over: the treaty *signed in
    May*, for plans the day of their announcement. A weekday is the latest one up to publication (the same day
    on its own day), or for what is intended the next one.
    """
    ahead = status is Status.INTENDED
    found = sorted(expressions(sentence, published, ahead), key=lambda e: (abs(e.start - near), e.start))
    if status is Status.OCCURRED:
        found = [e for e in found if not (e.ranks or _far_ahead(e.dated, published))]
    if trigger is not None:
        found = _of_the_act(found, trigger, status)
    if found:
        return found[0].dated
    if status is Status.OCCURRED:
        return Dated(published, Granularity.DAY, "published")
    return Dated(None, Granularity.NONE, "none")


def _far_ahead(dated: Dated, published: date) -> bool:
    return dated.day is not None and (dated.day - published).days > _FAR_DAYS


def _of_the_act(found: Sequence[Expression], trigger: Any, status: Status) -> list[Expression]:
    """Those that tell of the act, the nearest in the parse first; a plan or a memory may take any."""
    placed = [(e, *_stand(e, trigger)) for e in found]
    own = [(e, far) for e, word, far in placed if _tells(e, word, trigger, status)]
    if own or status is Status.OCCURRED:
        return [e for e, _ in sorted(own, key=lambda pair: pair[1])]
    return [e for e, word, _ in placed if status is not Status.INTENDED or word.lemma_ not in _SAYING]


def _stand(expression: Expression, trigger: Any) -> tuple[Any, int]:
    span = trigger.doc.char_span(expression.start, expression.end, alignment_mode="expand")
    word = governor(span.root) if span is not None else trigger
    return word, distance(word, trigger)


def _tells(expression: Expression, word: Any, trigger: Any, status: Status) -> bool:
    if status is Status.INTENDED and word.lemma_ in _SAYING and word.i != trigger.i:
        return False
    span = trigger.doc.char_span(expression.start, expression.end, alignment_mode="expand")
    if span is not None and span.root.dep_ in _OF_A_THING and word.pos_ in ("NOUN", "PROPN"):
        return bool(word.i == trigger.i or expression.dated.rule in ("weekday", "relative"))
    if expression.dated.rule == "vague":
        return bool(word.i == trigger.i or word in trigger.ancestors)
    return belongs(word, trigger)

"""Where an act happened: the nearest name after in, at, near …, or the goal of a visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.contract.event import Place
from pipeline.events.actors import Mention
from pipeline.events.sentences import Sentence

_WHERE = frozenset({"in", "at", "near", "outside", "inside", "across"})


def place_of(
    doc: Any, sentence: Sentence, mentions: Sequence[Mention], trigger: Any, goal: Mention | None
) -> Place | None:
    """Name the country where the act of `trigger` happened, or None where the sentence does not tell."""
    near: list[tuple[int, Mention]] = []
    for mention in mentions:
        if mention.rule not in ("name", "capital", "place", "metonym") or len(mention.code) != 3:
            continue
        span = doc.char_span(
            mention.start - sentence.start, mention.end - sentence.start, alignment_mode="expand"
        )
        if span is not None and span.root.dep_ == "pobj" and span.root.head.lower_ in _WHERE:
            near.append((abs(span.root.i - trigger.i), mention))
    if near:
        mention = min(near, key=lambda item: (item[0], item[1].start))[1]
        return Place(country=mention.code, name=mention.text)
    if goal is not None and len(goal.code) == 3:
        return Place(country=goal.code, name=goal.text)
    return None

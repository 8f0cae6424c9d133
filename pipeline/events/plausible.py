"""What a model proposes in; why it cannot be so, by what the sentence plainly says, out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipeline.contract.event import SYMMETRIC, EventType, Status
from pipeline.events.past import long_past
from pipeline.events.phrases import opens_with_former
from pipeline.events.reading import Read

_PRIVATE = frozenset(
    """
    couple man woman boy girl teenager child baby mother father widow tourist traveller traveler holidaymaker
    pensioner student pupil teacher singer actor actress musician band artist painter writer author novelist
    poet film director player footballer striker goalkeeper coach athlete swimmer runner skier cyclist boxer
    team club fan supporter businessman businesswoman entrepreneur investor chef farmer fisherman driver
    pilgrim climber hiker scientist researcher blogger influencer model designer restaurant company firm
    """.split()
)
"""Whom a nationality may belong to without its state acting or being acted on."""
_COUNTING = (Status.OCCURRED, Status.INTENDED)


def objection(
    read: Read, kind: EventType, source: str, target: str, heads: Sequence[Any], far: str | None
) -> str | None:
    """Why an act that only the model sees cannot be; `far` is an actor that only other sentences name."""
    if opens_with_former(read.sentence.text):
        return "it tells of former officials"
    if any(head is not None and _private(head) for head in heads):
        return "one of the two is a private person or a firm"
    if far is not None and _filled(read, kind, target if far == source else source, far == source):
        return "the sentence itself names who"
    return None


def follows(trigger: Any, head: Any) -> bool:
    """Tell whether a name stands behind an active verb that has a subject: then it is not who acts."""
    subjects = [child for child in trigger.children if child.dep_ == "nsubj"]
    return head is not None and trigger.pos_ == "VERB" and bool(subjects) and bool(head.i > trigger.i)


def settled_status(read: Read, trigger: Any, status: Status, day: date) -> Status:
    """The model's status, unless the sentence asks or the clause is dated long ago."""
    if status in _COUNTING and read.sentence.text.rstrip("\"”’') ").endswith("?"):
        return Status.HYPOTHETICAL
    if status is Status.OCCURRED and long_past(trigger, day):
        return Status.HISTORICAL
    return status


def _private(head: Any) -> bool:
    above = head.head
    return head.dep_ in ("amod", "compound", "nmod") and above.lemma_.lower() in _PRIVATE


def _filled(read: Read, kind: EventType, near: str, as_source: bool) -> bool:
    """Tell whether a rule has found somebody in this sentence for the part in which one far away is seen."""
    for draft in read.drafts:
        act = draft.act
        if act.spec.type is kind:
            if kind in SYMMETRIC and near in (act.source.code, act.target.code):
                return True
            if near == (act.target.code if as_source else act.source.code):
                return True
    return False

"""Acts as a document tells them, one by one, in; its events, repeats merged, out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.contract.article import Article
from pipeline.contract.event import (
    QUAD_OF,
    SYMMETRIC,
    ActorRef,
    Event,
    EventType,
    Evidence,
    Place,
    Quad,
    Status,
    dyad_of,
)
from pipeline.events.actions import Act
from pipeline.events.actors import Mention
from pipeline.events.dates import Dated
from pipeline.events.sentences import Sentence

VERSION = "rules-4"
_COUNTING = (Status.OCCURRED, Status.INTENDED)
_UNDATED = ("published", "none", "vague")
_HERE = re.compile(
    r"\b(?:at|during|after|following) (?:the|their|this) (?:\w+ ){0,2}?"
    r"(?:meeting|talks|summit|visit|call|session)\b",
    re.IGNORECASE,
)
_OLDEST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """One act with its status, day and place, as one sentence tells it."""

    act: Act
    sentence: Sentence
    status: Status
    dated: Dated
    place: Place | None

    @property
    def subject(self) -> tuple[object, ...]:
        """What two tellings of one happening have in common."""
        pair = (self.act.source.code, self.act.target.code)
        if self.act.spec.type in SYMMETRIC:
            pair = (min(pair), max(pair))
        return (*pair, self.act.spec.type, self.status if self.status not in _COUNTING else None)

    @property
    def fixed(self) -> date | None:
        """The day that the sentence itself gives."""
        return None if self.dated.rule in _UNDATED else self.dated.day


def drafted(
    act: Act, sentence: Sentence, status: Status, dated: Dated, place: Place | None, published: date
) -> Draft:
    """Write an act down; what lies long before publication is history, what lies after it is a plan."""
    if status is Status.OCCURRED and dated.day is not None:
        if (published - dated.day).days > _OLDEST_DAYS:
            status = Status.HISTORICAL
        elif dated.day > published:
            status = Status.INTENDED
    return Draft(act, sentence, status, dated, place)


def at_scene(draft: Draft, drafts: Sequence[Draft]) -> Draft:
    """Place what two sides say by their meeting; date and place what happened "at the meeting" by it."""
    meetings = [d for d in drafts if d.act.spec.type is EventType.CONSULT and d.status is Status.OCCURRED]
    pair = {draft.act.source.code, draft.act.target.code}
    if draft.status is Status.INTENDED and draft.dated.day is None:
        draft = _scheduled(draft, pair, drafts)
    if draft.place is None and QUAD_OF[draft.act.spec.type] in (Quad.VCOOP, Quad.VCONF):
        theirs = [d for d in meetings if d.place and {d.act.source.code, d.act.target.code} == pair]
        draft = replace(draft, place=theirs[-1].place) if theirs else draft
    if not meetings or not _HERE.search(draft.sentence.text):
        return draft
    last = meetings[-1]
    dated = replace(last.dated, rule="scene") if draft.fixed is None and last.fixed else draft.dated
    return replace(draft, dated=dated, place=draft.place or last.place)


def _scheduled(draft: Draft, pair: set[str], drafts: Sequence[Draft]) -> Draft:
    """What two sides plan to say is planned for their planned meeting."""
    for known in reversed(drafts):
        theirs = {known.act.source.code, known.act.target.code} == pair
        if theirs and known.act.spec.type is EventType.CONSULT and known.status is Status.INTENDED:
            dated = replace(known.dated, rule="scene") if known.dated.day else draft.dated
            return replace(draft, dated=dated, place=draft.place or known.place)
    return draft


def merged(drafts: Iterable[Draft]) -> list[Draft]:
    """One draft a happening: the surest telling, with a day or place that only another gives."""
    kept: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        same = kept.setdefault(draft.subject, [])
        for index, known in enumerate(same):
            if _one_happening(known, draft):
                same[index] = _joined(known, draft)
                break
        else:
            same.append(draft)
    return [draft for same in kept.values() for draft in same]


def event_of(
    draft: Draft, article: Article, whole: str, extractor_version: str, ontology_version: str
) -> Event:
    """The draft as it is published."""
    act, spec, sentence = draft.act, draft.act.spec, draft.sentence
    start = sentence.start + act.trigger.idx
    end = start + len(act.trigger.text)
    parts = (article.article_id, act.source.code, act.target.code, spec.type, str(draft.dated.day),
             draft.status, sentence.text, act.trigger.text)  # fmt: skip
    return Event(
        event_id=hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest(),
        revision=article.version,
        article_id=article.article_id,
        url=article.url,
        outlet=article.outlet,
        published_at=article.published_at,
        story_id=article.story_id,
        story_since=article.story_since,
        owner=article.owner,
        dyad=dyad_of(act.source.code, act.target.code),
        source=_ref(act.source),
        target=_ref(act.target),
        type=spec.type,
        mode=act.mode,
        quad=QUAD_OF[spec.type],
        cameo_root=spec.cameo_root,
        goldstein=spec.intensity(act.mode),
        symmetric=spec.type in SYMMETRIC,
        status=draft.status,
        occurred_on=draft.dated.day,
        date_granularity=draft.dated.granularity,
        date_rule=draft.dated.rule,
        place=draft.place,
        evidence=Evidence(
            sentence=sentence.text,
            sentence_span=(sentence.start, sentence.end),
            source_span=(act.source.start, act.source.end),
            target_span=(act.target.start, act.target.end),
            trigger=whole[start:end],
            trigger_span=(start, end),
        ),
        confidence=round(_sureness(act), 3),
        extractor_version=extractor_version,
        ontology_version=ontology_version,
    )


def _one_happening(one: Draft, other: Draft) -> bool:
    if one.fixed and other.fixed and one.fixed != other.fixed:
        return False
    places = {d.place.country for d in (one, other) if d.place is not None}
    return len(places) < 2 or one.act.spec.type is not EventType.CONSULT


def _joined(one: Draft, other: Draft) -> Draft:
    best, rest = (one, other) if _weight(one) >= _weight(other) else (other, one)
    dated = rest.dated if best.fixed is None and rest.fixed else best.dated
    return replace(best, dated=dated, place=best.place or rest.place)


def _weight(draft: Draft) -> tuple[bool, float]:
    return (not draft.sentence.headline, draft.act.sureness)


def _sureness(act: Act) -> float:
    return act.sureness * (0.95 if "pronoun" in (act.source.rule, act.target.rule) else 1.0)


def _ref(mention: Mention) -> ActorRef:
    return ActorRef(code=mention.code, name=mention.text, role=mention.role, rule=mention.rule)

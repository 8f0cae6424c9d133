"""A document's acts in; the same with the day and place that other parts of it tell, out.

A meeting's place is often told once: in the dateline, in the headline, with the arrival the sentence before,
or by naming the summit at whose margins it was held. What two sides say, they say there, and on that day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.contract.event import QUAD_OF, EventType, Granularity, Place, Quad, Status
from pipeline.events.adjuncts import governor, preposition
from pipeline.events.datelines import Land, spoken_dateline, wire_dateline
from pipeline.events.expressions import expressions
from pipeline.events.places import apart, land_of
from pipeline.events.reading import Read
from pipeline.events.summits import summit_host
from pipeline.events.telling import Draft

_CALL = re.compile(
    r"\b(?:tele)?phone|\bcalls?\b(?! (?:on|for)\b)|\bvideo|\bvirtual|\bonline\b|\bgreetings\b"
    r"|\bcondolences\b",
    re.I,
)
_MET = frozenset("meet receive host welcome greet talk meeting talks negotiation see hold".split())
_GOING = frozenset("arrive land travel fly visit head touch tour trip drive move return go set leave".split())
_GATHERING = _MET | _GOING | frozenset("summit round session conference forum".split())
_CITY_TALKS = re.compile(
    r" (?:peace |nuclear |security )?(?:talks|summit|meeting|round|negotiations|conference)\b", re.I
)
_HEADS = ("president", "king", "emir", "sultan", "prime minister", "chancellor")
_AT_HOME = re.compile(
    r"^(?:Meeting|Talks|Conversation|News conference|Press statements|Press conference|Joint (?:news|press)"
    r"|Statements? (?:for|to|by|following)"
    r"|President\b.{0,40}\b(?:received|met|meets|receives|welcomed))"
)
_TRAVEL = re.compile(r"\b(?:[Tt]ravel|[Tt]rip|[Vv]isit|[Aa]rrive[ds]?|[Tt]ravels)\b(?: \w+)? (?:to|in)\b")
_SITES = frozenset({"name", "capital", "place", "metonym"})
_CITIES = _SITES - {"name"}
_SAID = (Quad.VCOOP, Quad.VCONF)
_VOTE = re.compile(
    r"\b(?:vot(?:e[sd]?|ing)|veto(?:e[sd])?|draft|resolution|session|assembly)\b", re.IGNORECASE
)
_BETWEEN = re.compile(r"(?:,\s*(?:and\s+)?|\s+(?:and|to|in|for|with|at)\s+|^\s+|[/&:;–—]\s*)(?:the\s+)?")
_NEAR, _LONGEST = 2, 4


@dataclass(frozen=True, slots=True)
class Scene:
    """What a document as a whole tells of where and when."""

    heading: str
    spoken: Place | None
    wire: Place | None
    goals: tuple[Place, ...]
    """Lands that the heading names as a journey's."""
    gathering: Place | None
    """The only land of which it says that talks are held there."""
    day: date | None
    """The only day that the heading names."""
    voice: str | None
    published: date

    @property
    def call(self) -> bool:
        """Whether it is of a call or letter."""
        return _CALL.search(self.heading) is not None


def scene_of(whole: str, reads: Sequence[Read], voice: str | None, published: date, land: Land) -> Scene:
    """Read the heading and the opening of a document."""
    heading, _, body = whole.partition("\n")
    body = body.lstrip()
    days = {e.dated.day for e in expressions(heading, published, True) if e.dated.day is not None}
    gathered = {p.country: p for read in reads[:6] for p in _gatherings(read)}
    return Scene(
        heading, spoken_dateline(body, land), wire_dateline(body, land), tuple(_goals(heading, land)),
        next(iter(gathered.values())) if len(gathered) == 1 else None,
        days.pop() if len(days) == 1 else None, voice, published,
    )  # fmt: skip


def settled(drafts: Sequence[Draft], reads: Sequence[Read], scene: Scene) -> list[Draft]:
    """Complete each act's day and place by the scene and by the meetings told beside it."""
    first = [replace(d, place=d.place or _met_at(d, reads, scene)) for d in drafts]
    placed = [replace(d, place=_spelled(d.place or _said_at(d, first, scene), reads)) for d in first]
    return [_dated(d, first, scene) for d in placed]


def _spelled(place: Place | None, reads: Sequence[Read]) -> Place | None:
    """A place by a name of it, not by the pronoun or person that stood for it."""
    if place is None:
        return None
    named = [m for read in reads for m in read.mentions if land_of(m) == place.country and m.rule in _SITES]
    if not named or any(m.text == place.name for m in named):
        return place
    known = place.name.isupper() or any(
        m.text == place.name and m.rule == "demonym" for r in reads for m in r.mentions
    )
    return place if known else Place(country=place.country, name=named[0].text)


def _met_at(draft: Draft, reads: Sequence[Read], scene: Scene) -> Place | None:
    """Where a meeting was held whose sentence does not tell."""
    act = draft.act
    if act.spec.type is not EventType.CONSULT or draft.status is Status.HISTORICAL:
        return None
    if scene.call or apart(draft.sentence.text, act):
        return None
    host = summit_host(draft.sentence.text, draft.dated.day or scene.published)
    if host is not None:
        return Place(country=host, name=host)
    at = next((n for n, read in enumerate(reads) if read.sentence == draft.sentence), 0)
    arrived = [p for read in reads[max(0, at - _NEAR) : at] for p in _arrivals(read)]
    return (
        (arrived[-1] if arrived else None) or _journey(draft, scene) or scene.spoken or scene.gathering
        or _at_home(draft, scene) or (scene.wire if scene.wire and _took_part(draft, scene.wire) else None)
    )  # fmt: skip


def _journey(draft: Draft, scene: Scene) -> Place | None:
    lands = {place.country for place in scene.goals}
    own = [p for p in scene.goals if p.country in (draft.act.source.code, draft.act.target.code)]
    return own[0] if own else scene.goals[0] if len(lands) == 1 else None


def _took_part(draft: Draft, place: Place) -> bool:
    return place.country in (land_of(draft.act.source), land_of(draft.act.target))


def _at_home(draft: Draft, scene: Scene) -> Place | None:
    """A head of state's own page tells of whom he received; where he travelled, it says so."""
    act = draft.act
    own = next((m for m in (act.source, act.target) if m.code == scene.voice), None)
    if own is None or draft.status is not Status.OCCURRED or act.trigger.lemma_.lower() not in _MET:
        return None
    head = own.role is not None and own.role.endswith(_HEADS) and "vice" not in own.role
    if not (head and act.trigger.pos_ == "VERB") and not _AT_HOME.match(scene.heading):
        return None
    return Place(country=own.code, name=own.text)


def _said_at(draft: Draft, drafts: Sequence[Draft], scene: Scene) -> Place | None:
    """Where something was said: at the meeting of the two, in a speech, at home by its dateline."""
    act = draft.act
    said = QUAD_OF[act.spec.type] in _SAID
    if not said or draft.status in (Status.HISTORICAL, Status.HYPOTHETICAL):
        return None
    if act.spec.type is EventType.CONSULT and (scene.call or apart(draft.sentence.text, act)):
        return None
    if _VOTE.search(draft.sentence.text) and (seat := summit_host(draft.sentence.text, scene.published)):
        return Place(country=seat, name=seat)
    pair = {act.source.code, act.target.code}
    for met in _meetings(drafts):
        if (
            met.place is not None
            and met.status is draft.status
            and {met.act.source.code, met.act.target.code} == pair
        ):
            return met.place
    if act.spec.type is not EventType.CONSULT and draft.status is Status.OCCURRED:
        if (beside := _beside(draft, drafts)) is not None:
            return beside
        if scene.spoken is not None and act.source.code == scene.voice:
            return scene.spoken
        if (
            scene.wire is not None
            and scene.wire.country == land_of(act.source)
            and not draft.sentence.headline
        ):
            return scene.wire
    return None


def _beside(draft: Draft, drafts: Sequence[Draft]) -> Place | None:
    """Where a side of the document's one meeting said something of others."""
    met = [d for d in _meetings(drafts) if d.status is Status.OCCURRED and d.place is not None]
    sides = {code for d in met for code in (d.act.source.code, d.act.target.code)}
    lands = {d.place.country: d.place for d in met if d.place is not None}
    return next(iter(lands.values())) if len(lands) == 1 and draft.act.source.code in sides else None


def _dated(draft: Draft, drafts: Sequence[Draft], scene: Scene) -> Draft:
    """Give what is planned the heading's day, what two sides said the day of their meeting."""
    if (
        draft.status is Status.INTENDED
        and draft.dated.rule == "none"
        and draft.act.spec.type is EventType.CONSULT
    ):
        if scene.day is not None and scene.day >= scene.published:
            return replace(
                draft, dated=replace(draft.dated, day=scene.day, granularity=Granularity.DAY, rule="heading")
            )
        return draft
    meets = draft.act.spec.type is EventType.CONSULT
    if meets or draft.status is not Status.OCCURRED or draft.dated.rule != "published":
        return draft
    sides = {draft.act.source.code, draft.act.target.code}
    for met in _meetings(drafts):
        pair = {met.act.source.code, met.act.target.code}
        told = (
            met.fixed is not None
            and met.status is Status.OCCURRED
            and met.sentence.start < draft.sentence.start
        )
        theirs = pair == sides or (draft.act.source.code in pair and scene.voice in pair)
        if told and theirs and QUAD_OF[draft.act.spec.type] in _SAID:
            return replace(draft, dated=replace(met.dated, rule="scene"))
    return draft


def _meetings(drafts: Sequence[Draft]) -> Iterator[Draft]:
    return (d for d in drafts if d.act.spec.type is EventType.CONSULT)


def _goals(heading: str, land: Land) -> Iterator[Place]:
    """Lands that a heading names after *travel to*."""
    if (travel := _TRAVEL.search(heading)) is None:
        return
    for words in _BETWEEN.split(heading[travel.end() :]):
        parts = words.split()[:_LONGEST]
        names = (" ".join(parts[:n]) for n in range(len(parts), 0, -1))
        found = next(((name, code) for name in names if (code := land(name)) is not None), None)
        if found is not None:
            yield Place(country=found[1], name=found[0])


def _gatherings(read: Read) -> Iterator[Place]:
    """Cities where a sentence says that somebody talks: talks in Geneva, the Geneva talks."""
    for mention in read.mentions:
        land = land_of(mention)
        talks = _CITY_TALKS.match(read.sentence.text, mention.end - read.sentence.start)
        if land is not None and mention.rule in _CITIES and talks:
            yield Place(country=land, name=mention.text)
    for place, before, over, _ in _cities(read):
        if before in ("in", "at", "to") and {over.lemma_.lower(), over.head.lemma_.lower()} & _GATHERING:
            yield place


def _arrivals(read: Read) -> Iterator[Place]:
    for place, before, over, word in _cities(read):
        direct = word.dep_ == "dobj" and word.head.lemma_ in ("visit", "tour", "reach")
        if direct or (before in ("in", "to", "at", "for") and over.lemma_.lower() in _GOING):
            yield place


def _cities(read: Read) -> Iterator[tuple[Place, str, Any, Any]]:
    for mention in read.mentions if read.doc is not None else ():
        land = land_of(mention)
        if land is None or mention.rule not in _CITIES:
            continue
        start = mention.start - read.sentence.start
        span = read.doc.char_span(start, start + len(mention.text), alignment_mode="expand")
        if span is not None:
            before = preposition(span.root)
            yield (
                Place(country=land, name=mention.text),
                "" if before is None else before.lower_,
                governor(span.root),
                span.root,
            )

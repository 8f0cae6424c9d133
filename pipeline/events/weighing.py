"""A document as read, its windows weighed by the model, in; what it tells, rules and model together, out.

The rules propose with a trigger and a status; the model proposes pairs that no rule joins, and says of all of
them how sure they are. What stays below the threshold is refused, with its score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pipeline.contract.event import SYMMETRIC, EventType
from pipeline.events.actions import Act, Lexicon, mode_of
from pipeline.events.actors import Mention
from pipeline.events.dates import date_of
from pipeline.events.features import STATUSES, TYPES, Describer, head_of, path
from pipeline.events.lists import evened
from pipeline.events.places import place_of
from pipeline.events.plausible import follows, objection, settled_status
from pipeline.events.reading import Read, Refusal
from pipeline.events.relations import Relations, Scored
from pipeline.events.telling import Draft, at_scene, drafted
from pipeline.events.windows import CORE, Mark

_SHOWN = 0.15
"""Least chance of which a refusal is told."""
_VERBS = ("VERB", "AUX")


@dataclass(frozen=True, slots=True)
class Weighed:
    """One possible act, with its chance."""

    source: str
    type: EventType
    target: str
    chance: float

    def other(self, code: str) -> str:
        """The side that is not this one."""
        return self.target if code == self.source else self.source


@dataclass(frozen=True, slots=True)
class Look:
    """A sentence as the coder saw it: for people who ask why."""

    sentence: str
    named: tuple[Mention, ...]
    pairs: tuple[Weighed, ...]
    """Every pair that was considered, in its likeliest direction and type, likeliest first."""


@dataclass
class Verdict:
    """What came of weighing one document."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def refuse(self, read: Read, act: Weighed, reason: str) -> None:
        """Note why an act is not told."""
        self.refused.append(Refusal(read.sentence.text, f"{act.source} {act.type} {act.target}: {reason}"))


class Weigher:
    """Weighs documents; holds the model and the lexicon."""

    def __init__(self, lexicon: Lexicon, relations: Relations) -> None:
        self._lexicon = lexicon
        self._relations = relations
        self._describer = Describer(lexicon)
        self._least = {kind: float(relations.settings["least"][kind.value]) for kind in TYPES}
        self._far = float(relations.settings["far"])
        self._floor = float(relations.settings["floor"])

    def weigh(self, reads: Sequence[Read], day: date) -> Verdict:
        """Decide what a document tells, in order, and what it does not."""
        windows = self._relations.framer.windows(reads)
        scored = {w.read.sentence.start: evened(self._relations.score(w, self._describer)) for w in windows}
        verdict = Verdict()
        for read in reads:
            seen = scored.get(read.sentence.start)
            verdict.drafts += self._judged(read, seen, verdict)
            if seen is not None:
                verdict.looks.append(_look(seen))
                for draft in self._proposed(seen, reads, day, verdict):
                    verdict.drafts.append(at_scene(draft, verdict.drafts))
        return verdict

    def _judged(self, read: Read, seen: Scored | None, verdict: Verdict) -> Iterator[Draft]:
        """The rules' findings with the model's word on each."""
        for draft in read.drafts:
            act = draft.act
            chance = None if seen is None else _chance_of(seen, act)
            if chance is not None and chance < self._floor:
                weighed = Weighed(act.source.code, act.spec.type, act.target.code, chance)
                verdict.refuse(read, weighed, f"told by a rule, but too unsure, {chance:.2f}")
            else:
                yield draft if chance is None else replace(draft, act=replace(act, sureness=chance))

    def _proposed(self, seen: Scored, reads: Sequence[Read], day: date, verdict: Verdict) -> Iterator[Draft]:
        """What only the model finds."""
        read = seen.window.read
        known = {_triple(d.act.source.code, d.act.spec.type, d.act.target.code) for d in read.drafts}
        near = _within(seen)
        for n, way, act in _ranked(seen):
            if act.chance < _SHOWN or _triple(act.source, act.type, act.target) in known:
                continue
            sides = seen.window.pairs[n].marks[:: 1 if way == 0 else -1]
            source, target = (_named(side[0].mention, read, reads) for side in sides)
            heads = [head_of(seen.window, side) for side in sides]
            far = _far(act, sides)
            if act.chance < self._least[act.type] + (self._far if far else 0):
                verdict.refuse(read, act, f"too unsure, {act.chance:.2f}")
            elif _triple(act.target, act.type, act.source) in known:
                verdict.refuse(read, act, f"told the other way round, {act.chance:.2f}")
            elif source is None or target is None:
                verdict.refuse(read, act, "one of the two is not named")
            elif far and near.get((act.type, far == act.source, act.other(far)), 0.0) >= act.chance:
                verdict.refuse(read, act, f"the sentence itself names who, more likely, {act.chance:.2f}")
            elif why := objection(read, act.type, act.source, act.target, heads, far):
                verdict.refuse(read, act, why)
            elif near.get((act.type, True, act.target), 0.0) > act.chance and follows(
                self._trigger(read.doc, heads, act.type), heads[0]
            ):
                verdict.refuse(read, act, f"the clause has another subject, {act.chance:.2f}")
            else:
                told = self._act(source, target, act, self._trigger(read.doc, heads, act.type))
                likeliest = STATUSES[int(seen.statuses[n, way, TYPES.index(act.type)].argmax())]
                status = settled_status(read, told.trigger, likeliest, day)
                dated = date_of(read.sentence.text, told.trigger.idx, day, status, told.trigger)
                place = place_of(read.doc, read.sentence, read.mentions, told)
                yield drafted(told, read.sentence, status, dated, place, day)

    def _act(self, source: Mention, target: Mention, act: Weighed, trigger: Any) -> Act:
        spec = self._lexicon.types[act.type]
        entry = next((t for s, t in self._lexicon.of(trigger) if s.type is act.type), None)
        mode = mode_of(spec, entry, trigger) if entry is not None else None
        return Act(source, target, spec, mode, trigger, "model", act.chance)

    def _trigger(self, doc: Any, heads: Sequence[Any], kind: EventType) -> Any:
        """The word that tells it: one the lexicon knows for it, between the two if any; else the verb."""
        number = TYPES.index(kind)
        knows = [t for t in doc if number in self._describer.kinds(t)]
        between = {t.i for t in path(*heads)}
        near = [head.i for head in heads if head is not None] or [0]
        if knows:
            return min(knows, key=lambda t: (t.i not in between, min(abs(t.i - i) for i in near), t.i))
        over = [t for head in heads if head is not None for t in (head, *head.ancestors) if t.pos_ in _VERBS]
        return over[0] if over else next(t for t in doc if t.dep_ == "ROOT")


def _look(seen: Scored) -> Look:
    best: dict[int, Weighed] = {}
    for n, _, act in _ranked(seen):
        if n not in best or best[n].chance < act.chance:
            best[n] = act
    read = seen.window.read
    pairs = sorted(best.values(), key=lambda act: (-act.chance, act.source, act.target))
    return Look(read.sentence.text, tuple(m for m in read.mentions if m.acts), tuple(pairs))


def _ranked(seen: Scored) -> Iterator[tuple[int, int, Weighed]]:
    """Pair, direction and act; symmetric types once, as named in the text."""
    for n, pair in enumerate(seen.window.pairs):
        for k, kind in enumerate(TYPES):
            if kind in SYMMETRIC:
                yield n, 0, Weighed(pair.one, kind, pair.other, float(seen.types[n, :, k].mean()))
            else:
                yield n, 0, Weighed(pair.one, kind, pair.other, float(seen.types[n, 0, k]))
                yield n, 1, Weighed(pair.other, kind, pair.one, float(seen.types[n, 1, k]))


def _within(seen: Scored) -> dict[tuple[EventType, bool, str], float]:
    """How sure the model is of somebody named in the sentence itself, by type, part (is it the source?)
    and the actor on the other side.
    """
    found: dict[tuple[EventType, bool, str], float] = {}
    for n, way, act in _ranked(seen):
        if _far(act, seen.window.pairs[n].marks[:: 1 if way == 0 else -1]) is None:
            for part in ((act.type, True, act.target), (act.type, False, act.source)):
                found[part] = max(found.get(part, 0.0), act.chance)
    return found


def _far(act: Weighed, sides: Sequence[Sequence[Mark]]) -> str | None:
    """The side that only the sentences around name, if there is one."""
    for code, side in zip((act.source, act.target), sides, strict=True):
        if not any(mark.part == CORE for mark in side):
            return code
    return None


def _chance_of(seen: Scored, act: Act) -> float | None:
    k = TYPES.index(act.spec.type)
    for n, pair in enumerate(seen.window.pairs):
        codes = (act.source.code, act.target.code)
        if codes in ((pair.one, pair.other), (pair.other, pair.one)):
            if act.spec.type in SYMMETRIC:
                return float(seen.types[n, :, k].mean())
            return float(seen.types[n, 0 if codes[0] == pair.one else 1, k])
    return None


def _triple(source: str, kind: EventType, target: str) -> tuple[str, ...]:
    pair = sorted((source, target)) if kind in SYMMETRIC else [source, target]
    return (kind, *pair)


def _named(mention: Mention, read: Read, reads: Sequence[Read]) -> Mention | None:
    """The mention, or where an outlet's state speaks unnamed, the nearest place that names it."""
    if mention.end > mention.start:
        return mention
    at = read.sentence.start
    found = [m for r in reads for m in r.mentions if m.code == mention.code and m.acts]
    return min(found, key=lambda m: (abs(m.start - at), m.start)) if found else None

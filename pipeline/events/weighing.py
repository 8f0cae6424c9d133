"""A document as read, its windows weighed by the model, in; what it tells, rules and model together, out.

The rules propose with a trigger and a status; the model proposes pairs that no rule joins, and says of all of
them how sure they are. What stays below the threshold is refused, with its score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from pipeline.contract.event import SYMMETRIC, Status
from pipeline.events.actions import Act, Lexicon, mode_of
from pipeline.events.actors import Mention
from pipeline.events.dates import date_of
from pipeline.events.features import STATUSES, TYPES, Describer, head_of, path
from pipeline.events.places import place_of
from pipeline.events.reading import Read, Refusal
from pipeline.events.relations import Relations, Scored
from pipeline.events.telling import Draft, at_scene, drafted

_SHOWN = 0.15
"""Least chance of which a refusal is told."""
_VERBS = ("VERB", "AUX")


class Weigher:
    """Weighs documents; holds the model and the lexicon."""

    def __init__(self, lexicon: Lexicon, relations: Relations) -> None:
        self._lexicon = lexicon
        self._relations = relations
        self._describer = Describer(lexicon)
        self._least = np.array([relations.settings["least"][kind.value] for kind in TYPES])
        self._floor: float = relations.settings["floor"]

    def weigh(
        self, reads: Sequence[Read], speaker: Mention | None, day: date
    ) -> tuple[list[Draft], list[Refusal]]:
        """What a document tells, in order, and what was refused, with scores."""
        windows = self._relations.framer.windows(reads, speaker)
        scored = {id(w.read): self._relations.score(w, self._describer) for w in windows}
        told: list[Draft] = []
        refused: list[Refusal] = []
        for read in reads:
            seen = scored.get(id(read))
            for draft in self._judged(read, seen, refused):
                told.append(draft)
            if seen is not None:
                for draft in self._proposed(seen, reads, day, refused):
                    told.append(at_scene(draft, told))
        return told, refused

    def _judged(self, read: Read, seen: Scored | None, refused: list[Refusal]) -> Iterator[Draft]:
        """The rules' findings with the model's word on each."""
        for draft in read.drafts:
            chance = None if seen is None else _chance_of(seen, draft.act)
            if chance is None:
                yield draft
            elif chance < self._floor:
                refused.append(
                    _refusal(read, draft.act.source.code, draft.act.spec.type, draft.act.target.code, chance)
                )
            else:
                sure = max(chance, self._floor)
                yield replace(draft, act=replace(draft.act, sureness=sure))

    def _proposed(
        self, seen: Scored, reads: Sequence[Read], day: date, refused: list[Refusal]
    ) -> Iterator[Draft]:
        """What only the model finds."""
        read = seen.window.read
        known = {_triple(d.act.source.code, d.act.spec.type, d.act.target.code) for d in read.drafts}
        for n, way, k, chance in _ranked(seen):
            pair, kind = seen.window.pairs[n], TYPES[k]
            sides = pair.marks if way == 0 else pair.marks[::-1]
            source, target = sides[0][0].mention, sides[1][0].mention
            if _triple(source.code, kind, target.code) in known:
                continue
            if chance < self._least[k]:
                if chance >= _SHOWN:
                    refused.append(_refusal(read, source.code, kind, target.code, chance))
                continue
            named = [_named(mention, read, reads) for mention in (source, target)]
            if None in named:
                refused.append(
                    Refusal(read.sentence.text, f"{source.code} {kind} {target.code}: one is not named")
                )
                continue
            trigger = self._trigger(read.doc, [head_of(seen.window, side) for side in sides], kind)
            status = STATUSES[int(seen.statuses[n, way, k].argmax())]
            yield self._draft(read, named, kind, trigger, status, chance, day)

    def _draft(
        self,
        read: Read,
        named: Sequence[Any],
        kind: Any,
        trigger: Any,
        status: Status,
        chance: float,
        day: date,
    ) -> Draft:
        spec = self._lexicon.types[kind]
        entry = next((t for s, t in self._lexicon.of(trigger) if s.type is kind), None)
        mode = mode_of(spec, entry, trigger) if entry is not None else None
        act = Act(named[0], named[1], spec, mode, trigger, "model", chance)
        dated = date_of(read.sentence.text, trigger.idx, day, status)
        place = place_of(read.doc, read.sentence, read.mentions, act)
        return drafted(act, read.sentence, status, dated, place, day)

    def _trigger(self, doc: Any, heads: Sequence[Any], kind: Any) -> Any:
        """The word that tells it: one that the lexicon knows for it, between the two or nearest; else the verb."""
        number = TYPES.index(kind)
        knows = [t for t in doc if number in self._describer.kinds(t)]
        between = {t.i for t in path(*heads)}
        near = [head.i for head in heads if head is not None] or [0]
        if knows:
            return min(knows, key=lambda t: (t.i not in between, min(abs(t.i - i) for i in near), t.i))
        over = [t for head in heads if head is not None for t in (head, *head.ancestors) if t.pos_ in _VERBS]
        return over[0] if over else next(t for t in doc if t.dep_ == "ROOT")


def _ranked(seen: Scored) -> Iterator[tuple[int, int, int, float]]:
    """Pair, direction, type and chance, symmetric types once, as named in the text."""
    for n in range(len(seen.window.pairs)):
        for k, kind in enumerate(TYPES):
            if kind in SYMMETRIC:
                yield n, 0, k, float(seen.types[n, :, k].mean())
            else:
                yield n, 0, k, float(seen.types[n, 0, k])
                yield n, 1, k, float(seen.types[n, 1, k])


def _chance_of(seen: Scored, act: Act) -> float | None:
    k = TYPES.index(act.spec.type)
    for n, pair in enumerate(seen.window.pairs):
        codes = (act.source.code, act.target.code)
        if codes in ((pair.one, pair.other), (pair.other, pair.one)):
            if act.spec.type in SYMMETRIC:
                return float(seen.types[n, :, k].mean())
            return float(seen.types[n, 0 if codes[0] == pair.one else 1, k])
    return None


def _triple(source: str, kind: Any, target: str) -> tuple[str, ...]:
    pair = sorted((source, target)) if kind in SYMMETRIC else [source, target]
    return (kind, *pair)


def _named(mention: Mention, read: Read, reads: Sequence[Read]) -> Mention | None:
    """The mention, or where an outlet's state speaks unnamed, the nearest place that names it."""
    if mention.end > mention.start:
        return mention
    at = read.sentence.start
    found = [m for r in reads for m in r.mentions if m.code == mention.code and m.acts]
    return min(found, key=lambda m: (abs(m.start - at), m.start)) if found else None


def _refusal(read: Read, source: str, kind: Any, target: str, chance: float) -> Refusal:
    return Refusal(read.sentence.text, f"{source} {kind} {target}: too unsure, {chance:.2f}")

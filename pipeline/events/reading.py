"""One document, sentence by sentence: who is spoken of, what the rules find, what they refuse and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.contract.event import QUAD_OF, EventType, Quad, Status
from pipeline.events.actions import Act, Lexicon, acts_of
from pipeline.events.actors import Mention, codes
from pipeline.events.anaphora import Before, resolve_anaphora
from pipeline.events.dates import date_of
from pipeline.events.phrases import Phrases, opens_with_former
from pipeline.events.places import place_of
from pipeline.events.sentences import Sentence
from pipeline.events.slots import distinct
from pipeline.events.status import demanded, status_of
from pipeline.events.telling import Draft, at_scene, drafted
from pipeline.events.verdicts import verdict_acts
from pipeline.events.wordorder import headline_acts


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence, or a pair in it, that gave no event, and why."""

    sentence: str
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence as it was read."""

    sentence: Sentence
    mentions: tuple[Mention, ...]
    """Who is named in it; where it was parsed, also whom its pronouns mean."""
    doc: Any = None
    """The parse, or None where a sentence was not worth one."""
    drafts: tuple[Draft, ...] = ()
    """What the rules found in it."""
    voice: Mention | None = None
    """The state or group that says "we" here, as if it were named before it."""


class Reading:
    """One document being read; what was spoken of before decides whom a pronoun means."""

    def __init__(self, day: date, lexicon: Lexicon) -> None:
        self._day = day
        self._lexicon = lexicon
        self._before = Before()
        self._voice: Mention | None = None
        self._deeds = False
        self._drafts: list[Draft] = []
        self.reads: list[Read] = []
        self.refused: list[Refusal] = []

    def speak(self, voice: Mention | None) -> None:
        """Say who speaks from here on."""
        self._voice = voice
        self._before = replace(self._before, voice=None if voice is None else voice.code)

    def read(self, sentence: Sentence, mentions: list[Mention], doc: Any, speaker: Mention | None) -> None:
        """Take one parsed sentence; `speaker` is who a headline says it comes from."""
        resolved = resolve_anaphora(doc, sentence, mentions, self._before)
        phrases = Phrases(doc, resolved, sentence.start)
        found = list(acts_of(doc, phrases, self._lexicon, self._before)) if codes(resolved) else []
        told = {(act.source.code, act.target.code) for act in found}
        verdicts = verdict_acts(doc, phrases, self._lexicon, speaker)
        found += [act for act in verdicts if (act.source.code, act.target.code) not in told]
        if not found and sentence.headline:
            found = list(headline_acts(doc, resolved, sentence.start, self._lexicon))
        known = len(self._drafts)
        for act in found:
            self._tell(act, sentence, doc, resolved)
        self.reads.append(Read(sentence, tuple(resolved), doc, tuple(self._drafts[known:]), self._voice))
        if not found:
            several = len(codes(resolved)) > 1
            reason = "no act that the lexicon knows joins two actors" if several else "one actor only"
            self.refused.append(Refusal(sentence.text, reason))
        subjects = distinct(m for t in doc if t.dep_ in ("nsubj", "nsubjpass") for m in phrases.at(t))
        self._remember(sentence, subjects, resolved)

    def pass_over(self, sentence: Sentence, mentions: list[Mention]) -> None:
        """Take one sentence that was not worth parsing."""
        self.reads.append(Read(sentence, tuple(mentions), voice=self._voice))
        self._remember(sentence, [], mentions)

    def _opens(self, act: Act) -> bool:
        """Tell whether an act is what later sentences answer: the last hostile deed, else the last words."""
        if act.rule == "carried" or QUAD_OF[act.spec.type] not in (Quad.VCONF, Quad.MCONF):
            return False
        done = QUAD_OF[act.spec.type] is Quad.MCONF
        self._deeds = self._deeds or done
        return done or not self._deeds

    def _remember(self, sentence: Sentence, subjects: Sequence[Mention], mentions: Sequence[Mention]) -> None:
        named = tuple(distinct(m for m in mentions if m.acts))
        if named:
            known = tuple(subjects) or (() if opens_with_former(sentence.text) else named)
            self._before = replace(self._before, subjects=known, named=named, told=bool(subjects))

    def _tell(self, act: Act, sentence: Sentence, doc: Any, mentions: Sequence[Mention]) -> None:
        if act.rule != "verdict" and demanded(act.trigger):
            pair = f"{act.source.code} {act.spec.type} {act.target.code}"
            self.refused.append(Refusal(sentence.text, f"{pair}: demanded, not done"))
            return
        status = Status.OCCURRED
        if act.rule != "verdict" or act.said_by is not None:
            status = status_of(act.said_by or act.trigger, self._day, sentence.past)
        dated = date_of(sentence.text, act.trigger.idx, self._day, status, act.trigger)
        place = place_of(doc, sentence, mentions, act)
        draft = drafted(act, sentence, status, dated, place, self._day)
        self._drafts.append(at_scene(draft, self._drafts))
        if act.spec.type is EventType.CONSULT:
            self._before = replace(self._before, partners=(act.source, act.target))
        if self._opens(act):
            told = (sentence.start, act.trigger.i)
            same = self._before.hostile if self._before.act == told else ()
            self._before = replace(self._before, hostile=(*same, (act.source, act.target)), act=told)

"""One article in; its coded events, and what was refused and why, out.

Gate (two different actors anywhere?) → sentences → mentions → parse → acts → status, date, place → merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.contract.article import Article, document
from pipeline.contract.event import QUAD_OF, Event, EventType, Quad, Status
from pipeline.events.actions import Act, Lexicon, acts_of
from pipeline.events.actors import Gazetteer, Mention, codes
from pipeline.events.anaphora import Before, resolve_anaphora, speaks_or_points
from pipeline.events.dates import date_of
from pipeline.events.headlines import untitled
from pipeline.events.phrases import Phrases
from pipeline.events.places import place_of
from pipeline.events.sentences import Sentence, split
from pipeline.events.slots import distinct
from pipeline.events.status import demanded, status_of
from pipeline.events.telling import Draft, at_scene, drafted, event_of, merged
from pipeline.events.verdicts import speaker_of, verdict_acts
from pipeline.events.wordorder import headline_acts
from pipeline.ontology.load import Ontology


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence, or a pair in it, that gave no event, and why."""

    sentence: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of one article."""

    events: tuple[Event, ...]
    refused: tuple[Refusal, ...] = ()


class Coder:
    """Codes articles; holds the automaton, the lexicon and the parser, and no other state."""

    def __init__(self, ontology: Ontology, reader: Any) -> None:
        self.ontology_version = ontology.version
        self._gazetteer = Gazetteer(ontology)
        self._lexicon = Lexicon(ontology)
        self._reader = reader

    def extract(self, article: Article) -> Extraction:
        """Code one article; an edited one also withdraws what only its earlier text reported."""
        found = self._code(article, article.title, article.text, article.published_at.date())
        if article.supersedes is None:
            return found
        old = article.supersedes
        before = self._code(article, old.title, old.text, old.published_at.date())
        kept = {event.event_id for event in found.events}
        gone = tuple(
            event.model_copy(update={"retracted": True, "published_at": article.published_at})
            for event in before.events
            if event.event_id not in kept
        )
        return Extraction(found.events + gone, found.refused)

    def extract_many(self, articles: Iterable[Article]) -> list[Extraction]:
        """Code several; each as if alone."""
        return [self.extract(article) for article in articles]

    def _code(self, article: Article, title: str, text: str, day: date) -> Extraction:
        if article.language.split("-")[0].lower() not in ("en", "und", ""):
            return Extraction((), (Refusal("", f"language {article.language} is not read"),))
        whole = document(title, text)
        mentions = self._gazetteer.find(whole, day)
        voice = self._voice(article.outlet, day)
        if len({m.code for m in mentions} | ({voice} if voice else set())) < 2:
            return Extraction((), (Refusal("", "fewer than two actors"),))
        sentences = [(s, [m for m in mentions if s.start <= m.start < s.end]) for s in split(whole)]
        speakers = speaker_of([pair for pair in sentences if pair[0].headline], whole)
        wanted = _candidates(sentences, voice, speakers)
        parsed = self._reader.pipe((_readable(*sentences[i]) for i in wanted), batch_size=64)
        reading = _Reading(day, self._lexicon, voice)
        waiting = iter(parsed)
        for index, (sentence, own) in enumerate(sentences):
            if index in wanted:
                reading.read(sentence, own, next(waiting), speakers.get(index))
            else:
                reading.pass_over(own)
        events = {e.event_id: e for e in (
            event_of(draft, article, whole, self.ontology_version) for draft in merged(reading.drafts))
        }  # fmt: skip
        ordered = sorted(events.values(), key=_reading_order)
        return Extraction(tuple(ordered), tuple(reading.refused))

    def _voice(self, outlet: str, day: date) -> str | None:
        """The state for which an outlet speaks as "we": that whose organ or officer it is named after."""
        found = {m.code for m in self._gazetteer.find(outlet, day) if m.rule in ("metonym", "office")}
        return found.pop() if len(found) == 1 else None


class _Reading:
    """One document, sentence by sentence."""

    def __init__(self, day: date, lexicon: Lexicon, voice: str | None) -> None:
        self._day = day
        self._lexicon = lexicon
        self._before = Before(voice=voice)
        self._deeds = False
        self.drafts: list[Draft] = []
        self.refused: list[Refusal] = []

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
        for act in found:
            self._tell(act, sentence, doc, resolved)
        if not found:
            several = len(codes(resolved)) > 1
            reason = "no act that the lexicon knows joins two actors" if several else "one actor only"
            self.refused.append(Refusal(sentence.text, reason))
        subjects = distinct(m for t in doc if t.dep_ in ("nsubj", "nsubjpass") for m in phrases.at(t))
        self._remember(subjects, resolved)

    def _opens(self, act: Act) -> bool:
        """Tell whether an act is what later sentences answer: the last hostile deed, else the last words."""
        if act.rule == "carried" or QUAD_OF[act.spec.type] not in (Quad.VCONF, Quad.MCONF):
            return False
        done = QUAD_OF[act.spec.type] is Quad.MCONF
        self._deeds = self._deeds or done
        return done or not self._deeds

    def pass_over(self, mentions: list[Mention]) -> None:
        """Take one sentence that was not worth parsing."""
        self._remember([], mentions)

    def _remember(self, subjects: Sequence[Mention], mentions: Sequence[Mention]) -> None:
        named = tuple(distinct(m for m in mentions if m.acts))
        if named:
            self._before = replace(self._before, subjects=tuple(subjects) or named, named=named)

    def _tell(self, act: Act, sentence: Sentence, doc: Any, mentions: Sequence[Mention]) -> None:
        if act.rule != "verdict" and demanded(act.trigger):
            pair = f"{act.source.code} {act.spec.type} {act.target.code}"
            self.refused.append(Refusal(sentence.text, f"{pair}: demanded, not done"))
            return
        status = Status.OCCURRED
        if act.rule != "verdict" or act.said_by is not None:
            status = status_of(act.said_by or act.trigger, sentence.text, self._day)
        dated = date_of(sentence.text, act.trigger.idx, self._day, status)
        place = place_of(doc, sentence, mentions, act)
        draft = drafted(act, sentence, status, dated, place, self._day)
        self.drafts.append(at_scene(draft, self.drafts))
        if act.spec.type is EventType.CONSULT:
            self._before = replace(self._before, partners=(act.source, act.target))
        if self._opens(act):
            told = (sentence.start, act.trigger.i)
            same = self._before.hostile if self._before.act == told else ()
            self._before = replace(self._before, hostile=(*same, (act.source, act.target)), act=told)


def _reading_order(event: Event) -> tuple[object, ...]:
    proof = event.evidence
    return (proof.trigger_span, proof.source_span, proof.target_span, event.event_id)


def _candidates(
    sentences: Sequence[tuple[Sentence, list[Mention]]], voice: str | None, speakers: Mapping[int, Mention]
) -> set[int]:
    """Sentences worth parsing: two actors, or one (or a word for one) beside what names another."""
    wanted, near = set(), {voice} if voice else set[str]()
    for index, (sentence, mentions) in enumerate(sentences):
        own = codes([*mentions, speakers[index]] if index in speakers else mentions)
        if len(own | {m.code for m in mentions}) > 1 or (
            len(own | near) > 1 and (own or speaks_or_points(sentence.text))
        ):
            wanted.add(index)
        if own:
            near = own | ({voice} if voice else set())
    return wanted


def _readable(sentence: Sentence, mentions: Sequence[Mention]) -> str:
    if not sentence.headline:
        return sentence.text
    return untitled(sentence.text, [(m.start - sentence.start, m.end - sentence.start) for m in mentions])

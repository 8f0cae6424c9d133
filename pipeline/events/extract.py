"""One article in; its coded events, and what was refused and why, out.

Gate (two different actors anywhere?) → sentences → mentions → parse → acts → status, date, place → merge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pipeline.contract.article import Article, document
from pipeline.contract.event import Event
from pipeline.events.actions import Lexicon
from pipeline.events.actors import Gazetteer, Mention, codes
from pipeline.events.anaphora import speaks_or_points
from pipeline.events.copies import Copies, Told, text_key
from pipeline.events.genre import foreign_sentence, foreign_text
from pipeline.events.headlines import untitled
from pipeline.events.past import carried
from pipeline.events.reading import Reading, Refusal
from pipeline.events.relations import Relations
from pipeline.events.sentences import Sentence, split
from pipeline.events.settling import scene_of, settled
from pipeline.events.telling import VERSION, Draft, event_of, merged
from pipeline.events.turns import speaking, turns
from pipeline.events.verdicts import speaker_of
from pipeline.events.weighing import Look, Verdict, Weigher
from pipeline.ontology.load import Ontology

_WE = r"\b(?:leaders|ministers|heads of (?:state|government))\b"
_SAY = r"\b(?:statement|communiqu[eé]|declaration)\b"
_JOINT = re.compile(rf"{_WE}.{{0,40}}{_SAY}|{_SAY}.{{0,40}}{_WE}", re.IGNORECASE)
"""Titles of what a group says with one voice: *G7 Leaders' Statement on Ukraine*."""
_REMEMBERED = 20_000
"""Texts; most tell nothing and take some 200 bytes."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of one article."""

    events: tuple[Event, ...]
    refused: tuple[Refusal, ...] = ()
    looks: tuple[Look, ...] = ()
    """Sentence by sentence, what was considered."""


_Tell = Callable[[Article, str, str, date], Told]


class Coder:
    """Codes articles; holds the automaton, the lexicon, the parser, and what the last texts told."""

    def __init__(self, ontology: Ontology, reader: Any, relations: Relations | None = None) -> None:
        """Without `relations` the rules alone decide."""
        self.ontology_version = ontology.version
        self._gazetteer = Gazetteer(ontology)
        self._lexicon = Lexicon(ontology)
        self._reader = reader
        self._weigher = None if relations is None else Weigher(self._lexicon, relations)
        self.version = VERSION if relations is None else f"{VERSION}+{relations.version}"
        self._host = ontology.host
        self._copies = Copies(_REMEMBERED)
        self._names = {actor.code: actor.name for actor in ontology.actors.values()}

    def extract(self, article: Article) -> Extraction:
        """Code one article; an edited one also withdraws what only its earlier text reported."""
        told = self._tell(article, article.title, article.text, article.told_at.date())
        events = self._events(article, article.title, article.text, told.drafts)
        return Extraction(self._revised(article, events, self._tell), told.refused, told.looks)

    def code(self, article: Article) -> Extraction:
        """The events of `extract`, sooner where a copy of the text was coded not long ago.

        Of what was refused, only why a text as a whole was put aside; no looks.
        """
        told = self._recall(article, article.title, article.text, article.told_at.date())
        events = self._events(article, article.title, article.text, told.drafts)
        return Extraction(self._revised(article, events, self._recall), told.refused)

    def _revised(self, article: Article, events: tuple[Event, ...], tell: _Tell) -> tuple[Event, ...]:
        if article.supersedes is None:
            return events
        old = article.supersedes
        told = tell(article, old.title, old.text, min(article.told_at, old.published_at).date())
        kept = {event.event_id for event in events}
        gone = tuple(
            event.model_copy(update={"retracted": True, "published_at": article.published_at})
            for event in self._events(article, old.title, old.text, told.drafts)
            if event.event_id not in kept
        )
        return events + gone

    def _events(self, article: Article, title: str, text: str, drafts: Iterable[Draft]) -> tuple[Event, ...]:
        whole = document(title, text)
        told = (event_of(draft, article, whole, self.version, self.ontology_version) for draft in drafts)
        return tuple(sorted({event.event_id: event for event in told}.values(), key=_reading_order))

    def _recall(self, article: Article, title: str, text: str, day: date) -> Told:
        if not _is_read(article.language):
            return self._tell(article, title, text, day)
        key = text_key(title, text, day, self._voice(article, title, day))
        if (known := self._copies.get(key)) is not None:
            return known
        return self._copies.put(key, self._tell(article, title, text, day))

    def _tell(self, article: Article, title: str, text: str, day: date) -> Told:
        if not _is_read(article.language):
            return Told(refused=(Refusal("", f"language {article.language} is not read"),))
        if (kind := foreign_text(title, text)) is not None:
            return Told(refused=(Refusal("", kind),))
        whole = document(title, text)
        voice = self._voice(article, title, day)
        reading = self._read(whole, day, voice)
        if reading is None:
            return Told(refused=(Refusal("", "fewer than two actors"),))
        verdict = Verdict([draft for read in reading.reads for draft in read.drafts])
        if self._weigher is not None:
            verdict = self._weigher.weigh(reading.reads, day)
        scene = scene_of(whole, reading.reads, voice, day, self._gazetteer.land)
        drafts = merged(settled(verdict.drafts, reading.reads, scene))
        return Told(tuple(drafts), (*reading.refused, *verdict.refused), tuple(verdict.looks))

    def _read(self, whole: str, day: date, voice: str | None) -> Reading | None:
        mentions = self._gazetteer.find(whole, day)
        if len({m.code for m in mentions} | ({voice} if voice else set())) < 2:
            return None
        told = carried(split(whole), day)
        sentences = [(s, [m for m in mentions if s.start <= m.start < s.end]) for s in told]
        speakers = speaker_of([pair for pair in sentences if pair[0].headline], whole)
        wanted = _candidates(sentences, voice, speakers)
        foreign = {i: kind for i in wanted if (kind := foreign_sentence(sentences[i][0].text)) is not None}
        wanted -= foreign.keys()
        parsed = self._reader.pipe((_readable(*sentences[i]) for i in sorted(wanted)), batch_size=64)
        reading = Reading(day, self._lexicon)
        reading.refused += [Refusal(sentences[i][0].text, kind) for i, kind in sorted(foreign.items())]
        waiting = iter(parsed)
        said = turns(whole, voice, lambda who: codes(self._gazetteer.find(who, day)))
        for index, (sentence, own) in enumerate(sentences):
            reading.speak(self._speaker(speaking(said, sentence.start, voice)))
            if index in wanted:
                reading.read(sentence, own, next(waiting), speakers.get(index))
            else:
                reading.pass_over(sentence, own)
        return reading

    def _speaker(self, voice: str | None) -> Mention | None:
        """The state that says "we" in a document, as if it were named at its start."""
        return None if voice is None else Mention(voice, 0, 0, self._names[voice], "voice")

    def _voice(self, article: Article, title: str, day: date) -> str | None:
        """Who says "we": a group whose leaders make a statement, or the state whose site or organ it is."""
        if _JOINT.search(title):
            groups = {m.code for m in self._gazetteer.find(title, day) if m.code.startswith("IGO:")}
            if len(groups) == 1:
                return groups.pop()
        if (host := self._host(urlsplit(article.url).hostname or "")) is not None:
            return host
        found = {m.code for m in self._gazetteer.find(article.outlet, day) if m.rule in ("metonym", "office")}
        return found.pop() if len(found) == 1 else None


def _is_read(language: str) -> bool:
    return language.split("-")[0].lower() in ("en", "und", "")


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

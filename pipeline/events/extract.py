"""One article in; its coded events, and what was refused and why, out.

Gate (two different actors anywhere?) → sentences → mentions → parse → acts → status, date, place → merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pipeline.contract.article import Article, document
from pipeline.contract.event import Event
from pipeline.events.actions import Lexicon
from pipeline.events.actors import Gazetteer, Mention, codes
from pipeline.events.anaphora import speaks_or_points
from pipeline.events.headlines import untitled
from pipeline.events.reading import Reading, Refusal
from pipeline.events.sentences import Sentence, split
from pipeline.events.telling import event_of, merged
from pipeline.events.verdicts import speaker_of
from pipeline.ontology.load import Ontology


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
        self._host = ontology.host
        self._names = {actor.code: actor.name for actor in ontology.actors.values()}

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
        reading = self._read(whole, day, self._voice(article, day))
        if reading is None:
            return Extraction((), (Refusal("", "fewer than two actors"),))
        drafts = [draft for read in reading.reads for draft in read.drafts]
        events = {e.event_id: e for e in (
            event_of(draft, article, whole, self.ontology_version) for draft in merged(drafts)
        )}  # fmt: skip
        ordered = sorted(events.values(), key=_reading_order)
        return Extraction(tuple(ordered), tuple(reading.refused))

    def _read(self, whole: str, day: date, voice: str | None) -> Reading | None:
        mentions = self._gazetteer.find(whole, day)
        if len({m.code for m in mentions} | ({voice} if voice else set())) < 2:
            return None
        sentences = [(s, [m for m in mentions if s.start <= m.start < s.end]) for s in split(whole)]
        speakers = speaker_of([pair for pair in sentences if pair[0].headline], whole)
        wanted = _candidates(sentences, voice, speakers)
        parsed = self._reader.pipe((_readable(*sentences[i]) for i in sorted(wanted)), batch_size=64)
        reading = Reading(day, self._lexicon, voice)
        waiting = iter(parsed)
        for index, (sentence, own) in enumerate(sentences):
            if index in wanted:
                reading.read(sentence, own, next(waiting), speakers.get(index))
            else:
                reading.pass_over(sentence, own)
        return reading

    def speaker(self, voice: str | None) -> Mention | None:
        """The state that says "we" in a document, as if it were named at its start."""
        return None if voice is None else Mention(voice, 0, 0, self._names[voice], "voice")

    def _voice(self, article: Article, day: date) -> str | None:
        """The state for which an outlet speaks as "we": whose site it is, or whose organ or officer it is named after."""
        if (host := self._host(urlsplit(article.url).hostname or "")) is not None:
            return host
        found = {m.code for m in self._gazetteer.find(article.outlet, day) if m.rule in ("metonym", "office")}
        return found.pop() if len(found) == 1 else None


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

"""One article in; its coded events, and what was refused and why, out.

Gate (two different actors anywhere?) → sentences → mentions → parse → acts → status, date, place → merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.contract.article import Article, document
from pipeline.contract.event import (
    QUAD_OF,
    SYMMETRIC,
    ActorRef,
    Event,
    Evidence,
    Status,
    dyad_of,
)
from pipeline.events.actions import Act, Lexicon, acts_of
from pipeline.events.actors import Gazetteer, Mention, codes
from pipeline.events.anaphora import resolve_anaphora
from pipeline.events.dates import Dated, date_of
from pipeline.events.phrases import Phrases
from pipeline.events.places import place_of
from pipeline.events.sentences import Sentence, split
from pipeline.events.status import demanded, status_of
from pipeline.ontology.load import Ontology

VERSION = "rules-1"
_COUNTING = (Status.OCCURRED, Status.INTENDED)


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
        if len(codes(mentions)) + (article.outlet_country is not None) < 2:
            return Extraction((), (Refusal("", "fewer than two actors"),))
        told = _Telling(article, whole, day)
        sentences = [(s, [m for m in mentions if s.start <= m.start < s.end]) for s in split(whole)]
        wanted = _candidates(sentences)
        parsed = self._reader.pipe((sentences[i][0].text for i in wanted), batch_size=64)
        for (index, widened), doc in zip(wanted.items(), parsed, strict=True):
            self._read(told, sentences[index][0], widened, doc)
        return Extraction(told.merged(self.ontology_version), tuple(told.refused))

    def _read(self, told: _Telling, sentence: Sentence, mentions: list[Mention], doc: Any) -> None:
        resolved = resolve_anaphora(doc, sentence, mentions, told.subjects)
        if len(codes(resolved)) < 2:
            told.refused.append(Refusal(sentence.text, "one actor only"))
        else:
            phrases = Phrases(doc, resolved, sentence.start)
            found = list(acts_of(doc, phrases, self._lexicon))
            for act in found:
                told.tell(act, sentence, doc, resolved)
            if not found:
                told.refused.append(Refusal(sentence.text, "no act that the lexicon knows joins two actors"))
        told.remember(doc, sentence, resolved)


class _Telling:
    """What one document has told so far."""

    def __init__(self, article: Article, whole: str, day: date) -> None:
        self._article = article
        self._whole = whole
        self._day = day
        self._drafts: list[_Draft] = []
        self.refused: list[Refusal] = []
        self.subjects: list[Mention] = []

    def tell(self, act: Act, sentence: Sentence, doc: Any, mentions: Sequence[Mention]) -> None:
        pair = f"{act.source.code} {act.spec.type} {act.target.code}"
        if demanded(act.trigger):
            self.refused.append(Refusal(sentence.text, f"{pair}: demanded, not done"))
            return
        status = status_of(act.trigger, sentence.text, self._day)
        dated = date_of(sentence.text, act.trigger.idx, self._day, status)
        if status is Status.OCCURRED and dated.day is not None:
            if (self._day - dated.day).days > 60:
                status = Status.HISTORICAL
            elif dated.day > self._day:
                status = Status.INTENDED
        self._drafts.append(_Draft(act, sentence, status, dated, _place(act, sentence, doc, mentions)))

    def remember(self, doc: Any, sentence: Sentence, mentions: Sequence[Mention]) -> None:
        phrases = Phrases(doc, mentions, sentence.start)
        subjects = [m for t in doc if t.dep_ in ("nsubj", "nsubjpass") for m in phrases.at(t)]
        if subjects or len(codes(mentions)) > 0:
            self.subjects = subjects or [m for m in mentions if m.acts]

    def merged(self, ontology_version: str) -> tuple[Event, ...]:
        kept: dict[tuple[object, ...], _Draft] = {}
        for draft in self._drafts:
            known = kept.get(draft.happening)
            if known is None or draft.act.sureness > known.act.sureness:
                kept[draft.happening] = draft
        events = [
            draft.event(self._article, self._whole, self._day, ontology_version) for draft in kept.values()
        ]
        return tuple(sorted(events, key=lambda e: (e.evidence.trigger_span, e.event_id)))


@dataclass(frozen=True, slots=True)
class _Draft:
    act: Act
    sentence: Sentence
    status: Status
    dated: Dated
    place: Any

    @property
    def happening(self) -> tuple[object, ...]:
        pair = (self.act.source.code, self.act.target.code)
        if self.act.spec.type in SYMMETRIC:
            pair = (min(pair), max(pair))
        where = self.place.country if self.place is not None and self.act.spec.type == "CONSULT" else None
        return (*pair, self.act.spec.type, self.dated.day, self.status in _COUNTING, where)

    def event(self, article: Article, whole: str, day: date, ontology_version: str) -> Event:
        act, spec = self.act, self.act.spec
        start = self.sentence.start + act.trigger.idx
        trigger = (start, start + len(act.trigger.text))
        dyad = dyad_of(act.source.code, act.target.code)
        parts = (article.article_id, act.source.code, act.target.code, spec.type, str(self.dated.day),
                 self.status, self.sentence.text, act.trigger.text)  # fmt: skip
        sure = act.sureness * (0.9 if "pronoun" in (act.source.rule, act.target.rule) else 1.0)
        return Event(
            event_id=hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest(),
            revision=article.version,
            article_id=article.article_id,
            url=article.url,
            outlet=article.outlet,
            published_at=article.published_at,
            dyad=dyad,
            source=_ref(act.source),
            target=_ref(act.target),
            type=spec.type,
            mode=act.mode,
            quad=QUAD_OF[spec.type],
            cameo_root=spec.cameo_root,
            goldstein=spec.intensity(act.mode),
            symmetric=spec.type in SYMMETRIC,
            status=self.status,
            occurred_on=self.dated.day,
            date_granularity=self.dated.granularity,
            date_rule=self.dated.rule,
            place=self.place,
            evidence=Evidence(
                sentence=self.sentence.text,
                sentence_span=(self.sentence.start, self.sentence.end),
                source_span=(act.source.start, act.source.end),
                target_span=(act.target.start, act.target.end),
                trigger=whole[trigger[0] : trigger[1]],
                trigger_span=trigger,
            ),
            confidence=round(sure, 3),
            extractor_version=VERSION,
            ontology_version=ontology_version,
        )


def _candidates(sentences: Sequence[tuple[Sentence, list[Mention]]]) -> dict[int, list[Mention]]:
    """Sentences worth parsing: two actors, or one beside a neighbour that names another."""
    wanted = {}
    for index, (sentence, mentions) in enumerate(sentences):
        own = codes(mentions)
        near = codes(sentences[index - 1][1]) if index else set()
        if len(own) > 1 or (own and near - own) or (len(near) > 1 and "the two" in sentence.text.lower()):
            wanted[index] = mentions
    return wanted


def _ref(mention: Mention) -> ActorRef:
    return ActorRef(code=mention.code, name=mention.text, role=mention.role, rule=mention.rule)


def _place(act: Act, sentence: Sentence, doc: Any, mentions: Sequence[Mention]) -> Any:
    return place_of(doc, sentence, mentions, act.trigger, act.target if act.mode == "visit" else None)

"""A parsed sentence with its actors in; acts (who, what, to whom, told by which words) and refusals out.

A trigger is a verb or a noun of the ontology. Who acts is found from the trigger's subject, possessor or
"by"; on whom, from the places that the ontology names for it (object, prepositions).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract.event import EventType
from pipeline.events.actors import Mention
from pipeline.events.phrases import Phrases
from pipeline.ontology.eventtype import Trigger, TypeSpec
from pipeline.ontology.load import Ontology

_LIGHT = frozenset(
    """hold have conduct make pay launch carry impose sign provide offer express reaffirm voice give issue stage begin
    start open resume continue announce declare complete finish attend wrap kick sustain stop end see host mount
    order discuss exchange deliver send lodge reiterate reject accept adopt join convene chair""".split()
)
_SUBJECTS = ("nsubj", "csubj")
_MODIFIERS = ("amod", "compound", "nmod", "poss")


@dataclass(frozen=True, slots=True)
class Act:
    """One act as a sentence tells it."""

    source: Mention
    target: Mention
    spec: TypeSpec
    mode: str | None
    trigger: Any
    """The spaCy token that tells it."""
    rule: str
    sureness: float


class Lexicon:
    """The ontology's triggers by lemma."""

    def __init__(self, ontology: Ontology) -> None:
        self.verbs: dict[str, list[tuple[TypeSpec, Trigger]]] = {}
        self.nouns: dict[str, list[tuple[TypeSpec, Trigger]]] = {}
        for spec in ontology.types.values():
            for table, triggers in ((self.verbs, spec.verbs), (self.nouns, spec.nouns)):
                for trigger in triggers:
                    for word in trigger.words:
                        table.setdefault(word, []).append((spec, trigger))


def acts_of(doc: Any, phrases: Phrases, lexicon: Lexicon) -> Iterator[Act]:
    """Find every act of a sentence, in order of its triggers."""
    for token in doc:
        if token.pos_ in ("VERB", "AUX"):
            yield from _verb_acts(token, phrases, lexicon)
        elif token.pos_ == "NOUN" or (token.pos_ == "PROPN" and token.lower_ in lexicon.nouns):
            yield from _noun_acts(token, phrases, lexicon)


def _verb_acts(verb: Any, phrases: Phrases, lexicon: Lexicon) -> Iterator[Act]:
    particle = next((child.lower_ for child in verb.children if child.dep_ == "prt"), None)
    lemma = verb.lemma_.lower()
    entries = lexicon.verbs.get(f"{lemma}_{particle}", []) if particle else []
    entries = entries or lexicon.verbs.get(lemma, [])
    passive = any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children)
    sources = _by(verb, phrases) if passive else _subjects(verb, phrases)
    for spec, trigger in entries:
        if trigger.needs and not trigger.needs & set(_object_lemmas(verb)):
            continue
        mode = _mode(spec, trigger, verb)
        sure = 0.8
        targets = _targets(verb, trigger, phrases, passive)
        if not targets and trigger.deep:
            targets, sure = _deep_targets(verb, phrases, passive), 0.65
        if trigger.people:
            targets = [t for t in targets if t.role is not None or t.rule == "office"]
        yield from _pairs(sources, targets, spec, mode, verb, "verb", sure)
        if not targets and lemma in spec.joint and len({s.code for s in sources}) > 1:
            yield from _joint(sources, spec, mode, verb)
            return


def _noun_acts(noun: Any, phrases: Phrases, lexicon: Lexicon) -> Iterator[Act]:
    for spec, trigger in lexicon.nouns.get(noun.lemma_.lower(), []):
        own = _owners(noun, phrases)
        light = _light_verb(noun)
        sources = own or (_subjects(light, phrases) if light is not None and not _passive(light) else [])
        if light is not None and _passive(light) and not own:
            sources = _by(light, phrases)
        if trigger.needs and not trigger.needs & set(_object_lemmas(noun)):
            continue
        mode = _mode(spec, trigger, noun)
        targets = _targets(noun, trigger, phrases, False)
        if light is not None and not targets:
            targets = _targets(light, Trigger((), tuple(s for s in trigger.at if s != "object")), phrases, False)
        between = _prepositional(noun, ("between", "among"), phrases)
        if len({m.code for m in between}) > 1:
            yield from _joint(between, spec, mode, noun)
        elif targets:
            yield from _pairs(sources, targets, spec, mode, noun, "noun", 0.7)
        elif light is not None and len({s.code for s in sources}) > 1 and "with" in trigger.at:
            yield from _joint(sources, spec, mode, noun)


def _pairs(
    sources: Sequence[Mention],
    targets: Sequence[Mention],
    spec: TypeSpec,
    mode: str | None,
    trigger: Any,
    rule: str,
    sure: float,
) -> Iterator[Act]:
    for source in sources:
        for target in targets:
            if source.code != target.code:
                yield Act(source, target, spec, mode, trigger, rule, sure)


def _joint(actors: Sequence[Mention], spec: TypeSpec, mode: str | None, trigger: Any) -> Iterator[Act]:
    for index, one in enumerate(actors):
        yield from _pairs([one], actors[index + 1 :], spec, mode, trigger, "joint", 0.7)


def _subjects(verb: Any, phrases: Phrases) -> list[Mention]:
    """Actors that do what a verb tells: its own subject, or that of the verb it hangs on."""
    token, seen = verb, 0
    while seen < 4:
        for child in token.children:
            if child.dep_ in _SUBJECTS or (child.dep_ == "nsubjpass" and token.i != verb.i):
                if child.lower_ in ("who", "which", "that") and token.dep_ == "relcl":
                    return phrases.at(token.head)
                return phrases.at(child)
        if token.dep_ == "acl" and token.tag_ == "VBG":
            return phrases.at(token.head)
        if token.dep_ not in ("conj", "xcomp", "advcl") or token.head.i == token.i:
            return []
        if token.dep_ == "xcomp" and any(child.dep_ == "dobj" for child in token.head.children):
            return []  # urged *Iran* to stop: the object acts, and only on demand
        token, seen = token.head, seen + 1
    return []


def _by(verb: Any, phrases: Phrases) -> list[Mention]:
    return [
        mention
        for child in verb.children
        if child.dep_ == "agent" or (child.dep_ == "prep" and child.lower_ == "by")
        for inner in child.children
        if inner.dep_ == "pobj"
        for mention in phrases.at(inner) or phrases.inside(inner)
    ]


def _targets(trigger: Any, entry: Trigger, phrases: Phrases, passive: bool) -> list[Mention]:
    found: list[Mention] = []
    for child in trigger.children:
        if (child.dep_ in ("dobj", "obj") and "object" in entry.at and not passive) or (
            child.dep_ == "nsubjpass" and "object" in entry.at
        ):
            found += phrases.at(child)
        elif child.dep_ in ("dative", "iobj"):
            if "dative" in entry.at or "to" in entry.at:
                found += phrases.at(child) or [m for p in child.children if p.dep_ == "pobj" for m in phrases.at(p)]
    found += _prepositional(trigger, entry.at, phrases)
    for child in trigger.children:
        if child.dep_ in ("dobj", "nsubjpass", "prt"):
            found += _prepositional(child, entry.at, phrases)
    return _distinct(found)


def _deep_targets(verb: Any, phrases: Phrases, passive: bool) -> list[Mention]:
    for child in verb.children:
        if child.dep_ == ("nsubjpass" if passive else "dobj"):
            if owners := phrases.inside(child) or _prepositional(child, ("by", "of", "from"), phrases):
                return _distinct(owners)
    for child in verb.children:
        if child.dep_ == "prep" and child.lower_ in ("for", "over", "of", "to"):
            for inner in child.children:
                if inner.dep_ == "pobj" and (owners := phrases.inside(inner)):
                    return _distinct(owners)
    return []


def _prepositional(token: Any, words: Iterable[str], phrases: Phrases) -> list[Mention]:
    wanted = set(words)
    found: list[Mention] = []
    for child in token.children:
        if child.dep_ == "prep" and child.lower_ in wanted:
            for inner in child.children:
                if inner.dep_ == "pobj":
                    found += phrases.at(inner)
                elif inner.dep_ == "prep":  # up with, together with
                    found += [m for p in inner.children if p.dep_ == "pobj" for m in phrases.at(p)]
    return found


def _owners(noun: Any, phrases: Phrases) -> list[Mention]:
    """Actors whose act a noun names: Israel's strike, Russian aggression, a visit by Xi."""
    return _distinct([*phrases.inside(noun), *_prepositional(noun, ("by",), phrases)])


def _light_verb(noun: Any) -> Any | None:
    head = noun.head
    if noun.dep_ in ("dobj", "nsubjpass") and head.pos_ == "VERB":
        return head if head.lemma_.lower() in _LIGHT else None
    if noun.dep_ == "pobj" and head.dep_ == "prep" and head.lower_ in ("for", "in", "to", "during", "at"):
        return head.head if head.head.pos_ == "VERB" else None
    return None


def _passive(verb: Any) -> bool:
    return any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children)


def _object_lemmas(token: Any) -> Iterator[str]:
    for child in token.children:
        if child.dep_ in ("dobj", "nsubjpass", "prep", "dative", "attr", "oprd"):
            for inner in child.subtree:
                yield inner.lemma_.lower()
    if token.dep_ in ("relcl", "acl"):
        yield token.head.lemma_.lower()
    if token.pos_ == "NOUN":
        for child in token.children:
            if child.dep_ in _MODIFIERS:
                yield child.lemma_.lower()


def _mode(spec: TypeSpec, trigger: Trigger, token: Any) -> str | None:
    if spec.type is EventType.AID and trigger.mode is None:
        lemmas = set(_object_lemmas(token))
        if lemmas & spec.military:
            return "military"
        if lemmas & spec.humanitarian:
            return "humanitarian"
    return trigger.mode


def _distinct(mentions: Iterable[Mention]) -> list[Mention]:
    kept: dict[str, Mention] = {}
    for mention in mentions:
        kept.setdefault(mention.code, mention)
    return list(kept.values())

"""A parsed sentence with its actors in; acts (who, what, to whom, told by which word) out.

A trigger is a verb, noun or adjective of the ontology. Who acts is found from the trigger's subject,
possessor or "by"; on whom, from the places that the ontology names for it (object, prepositions).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract.event import SYMMETRIC, EventType
from pipeline.events.actors import Mention
from pipeline.events.anaphora import Before
from pipeline.events.carriers import is_topic, light_verb, tells_joint_act
from pipeline.events.phrases import Phrases
from pipeline.events.slots import (
    agents,
    at_prepositions,
    distinct,
    has_object,
    is_passive,
    object_lemmas,
    owners,
    struck,
    subjects,
    targets,
)
from pipeline.events.teams import is_team
from pipeline.ontology.eventtype import Trigger, TypeSpec
from pipeline.ontology.load import Ontology

_DEADLY = frozenset("kill wound injure destroy down sink hit strike target attack".split())
_CROWD = 6
_PAIR = 2
_BETWEEN = ("between", "among")
_REACTIONS = frozenset(
    {
        EventType.ACCUSE,
        EventType.REJECT,
        EventType.THREATEN,
        EventType.SANCTION,
    }
)
"""What is said or done in answer to an act told just before, so that its doer may go unnamed."""


SURE = {
    "verb": 0.9,
    "struck": 0.85,
    "joint": 0.86,
    "carried noun": 0.85,
    "noun": 0.75,
    "adjective": 0.85,
    "broker": 0.8,
    "order": 0.8,
    "verdict": 0.78,
    "carried": 0.65,
}
"""How often each rule is right, measured on coded news and the sample feeds, a little lowered."""


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
    said_by: Any | None = None
    """For what is said against another: the verb of saying, which decides whether it was said."""


class Lexicon:
    """The ontology's triggers by lemma."""

    def __init__(self, ontology: Ontology) -> None:
        self.verbs: dict[str, list[tuple[TypeSpec, Trigger]]] = {}
        self.nouns: dict[str, list[tuple[TypeSpec, Trigger]]] = {}
        self.adjectives: dict[str, list[tuple[TypeSpec, Trigger]]] = {}
        self.types = ontology.types
        for spec in ontology.types.values():
            for table, triggers in (
                (self.verbs, spec.verbs),
                (self.nouns, spec.nouns),
                (self.adjectives, spec.adjectives),
            ):
                for trigger in triggers:
                    for word in trigger.words:
                        table.setdefault(word, []).append((spec, trigger))

    def of(self, token: Any) -> list[tuple[TypeSpec, Trigger]]:
        """What a word may tell, by its part of speech."""
        table = {"VERB": self.verbs, "AUX": self.verbs, "ADJ": self.adjectives}.get(token.pos_, self.nouns)
        return table.get(token.lemma_.lower(), [])


def acts_of(doc: Any, phrases: Phrases, lexicon: Lexicon, before: Before) -> Iterator[Act]:
    """Find every act of a sentence, in order of its triggers; `before` tells who was just spoken of."""
    for token in doc:
        if token.pos_ in ("VERB", "AUX"):
            if not is_team(token):
                yield from _verb_acts(token, phrases, lexicon, before)
        elif token.pos_ == "NOUN" or (token.pos_ == "PROPN" and token.lower_ in lexicon.nouns):
            yield from _noun_acts(token, phrases, lexicon)
        elif token.pos_ == "ADJ" and token.dep_ in ("acomp", "ROOT", "conj"):
            yield from _adjective_acts(token, phrases, lexicon)


def mode_of(spec: TypeSpec, trigger: Trigger, token: Any) -> str | None:
    """The mode of an act; for aid, what is given tells it."""
    if spec.type is EventType.AID and trigger.mode is None:
        lemmas = set(object_lemmas(token))
        if lemmas & spec.military:
            return "military"
        if lemmas & spec.humanitarian:
            return "humanitarian"
    return trigger.mode


def _verb_acts(verb: Any, phrases: Phrases, lexicon: Lexicon, before: Before) -> Iterator[Act]:
    particle = next((child.lower_ for child in verb.children if child.dep_ == "prt"), None)
    lemma = verb.lemma_.lower()
    entries = lexicon.verbs.get(f"{lemma}_{particle}", []) if particle else []
    entries = entries or lexicon.verbs.get(lemma, [])
    passive = is_passive(verb)
    sources = agents(verb, phrases) if passive else subjects(verb, phrases)
    for spec, trigger in entries:
        if not _fits(verb, trigger):
            continue
        if lemma in _DEADLY and (passive or not has_object(verb)):
            yield from _pairs(*struck(verb, phrases), spec, None, verb, "verb", SURE["struck"])
            if not passive:
                continue
        mode = mode_of(spec, trigger, verb)
        found, share = targets(verb, trigger, phrases, passive)
        if trigger.people and not any(phrases.titled(child) for child in verb.children):
            found = [t for t in found if t.role is not None]
        if lemma == "tell" and (spec.type is EventType.REQUEST) != _told_to(verb):
            continue
        if lemma == "call" and trigger.people and _named_so(verb):
            continue
        yield from _pairs(sources, found, spec, mode, verb, "verb", SURE["verb"] * share)
        if not found and lemma in spec.joint and len({s.code for s in sources}) > 1:
            yield from _joint(sources, spec, mode, verb)
            return
        if not found and not passive and spec.type in _REACTIONS:
            yield from _pairs(
                sources,
                _spoken_of(verb, sources, phrases, before),
                spec,
                mode,
                verb,
                "carried",
                SURE["carried"],
            )


def _noun_acts(noun: Any, phrases: Phrases, lexicon: Lexicon) -> Iterator[Act]:
    for spec, trigger in lexicon.nouns.get(noun.lemma_.lower(), []):
        if not _fits(noun, trigger):
            continue
        light = light_verb(noun, spec.type is EventType.CONSULT)
        if (trigger.told and light is None) or (spec.type is not EventType.CONSULT and is_topic(noun)):
            continue
        sources = owners(noun, trigger, phrases)
        if spec.type is EventType.CONSULT:
            pair = len({s.code for s in sources}) == _PAIR
            sources = [s for s in sources if pair or not s.code.startswith("IGO:")]  # a BRICS summit
        if light is not None and not sources:
            sources = agents(light, phrases) if is_passive(light) else subjects(light, phrases)
        found, share = targets(noun, trigger, phrases, False)
        if not found and light is not None:
            found, share = targets(light, _without_object(trigger), phrases, False)
        if not found and trigger.deep:
            found, share = _infinitive_targets(noun, trigger, phrases), 0.95
        mode = mode_of(spec, trigger, noun)
        between = []
        if spec.type in SYMMETRIC or "between" in trigger.at:
            between = at_prepositions(noun, _BETWEEN, phrases)
            if not between and noun.dep_ == "nsubj":
                between = at_prepositions(noun.head, _BETWEEN, phrases)  # clashes erupt between
        if spec.type is EventType.CONSULT:
            sides = distinct([*between, *sources, *found])
            yield from _pairs(phrases.brokers(noun), sides, spec, "mediate", noun, "noun", SURE["broker"])
        if len({m.code for m in between}) > 1:
            yield from _joint(between, spec, mode, noun)
        elif found:
            sure = SURE["carried noun" if light is not None else "noun"]
            yield from _pairs(sources, found, spec, mode, noun, "noun", sure * share)
        elif (
            len({s.code for s in sources}) > 1
            and _shared(spec, trigger)
            and tells_joint_act(noun, light, phrases)
        ):
            yield from _joint(sources, spec, mode, noun)


def _adjective_acts(adjective: Any, phrases: Phrases, lexicon: Lexicon) -> Iterator[Act]:
    """Russia is *ready* to work with China."""
    for spec, trigger in lexicon.adjectives.get(adjective.lemma_.lower(), []):
        found = _infinitive_targets(adjective, trigger, phrases)
        found = found or targets(adjective, trigger, phrases, False)[0]
        yield from _pairs(
            subjects(adjective.head, phrases), found, spec, mode_of(spec, trigger, adjective), adjective,
            "adjective", SURE["adjective"],
        )  # fmt: skip


def _pairs(
    sources: Sequence[Mention],
    targets: Sequence[Mention],
    spec: TypeSpec,
    mode: str | None,
    trigger: Any,
    rule: str,
    sure: float,
) -> Iterator[Act]:
    pair = {m.code for m in sources}
    if len(pair) > 1 and spec.type not in SYMMETRIC and pair >= {m.code for m in targets} and rule != "joint":
        return  # both sides welcomed their own talks
    for source in sources:
        for target in targets:
            if source.code != target.code:
                yield Act(source, target, spec, mode, trigger, rule, sure)


def _joint(actors: Sequence[Mention], spec: TypeSpec, mode: str | None, trigger: Any) -> Iterator[Act]:
    if len(actors) > _CROWD:
        return  # a conference, not so many dyads
    for index, one in enumerate(actors):
        others = actors[index + 1 :] if spec.type in SYMMETRIC else actors
        yield from _pairs([one], others, spec, mode, trigger, "joint", SURE["joint"])


def _spoken_of(verb: Any, sources: Sequence[Mention], phrases: Phrases, before: Before) -> list[Mention]:
    """Who is meant where the clause names no target, as in "Kyiv condemned *the step*".

    The doer of the last hostile act told, or its victim where that doer answers; else the one
    other actor of the sentence before.
    """
    own = {m.code for m in sources}
    if len(own) != 1 or any(m.code not in own for m in phrases.below(verb)):
        return []
    objects = [child for child in verb.children if child.dep_ in ("dobj", "obj", "ccomp")]
    if not any(o.dep_ == "ccomp" or any(w.dep_ in ("det", "amod") for w in o.children) for o in objects):
        return []
    if before.hostile:
        doers = distinct(doer for doer, _ in before.hostile if doer.code not in own)
        return doers or distinct(victim for _, victim in before.hostile if victim.code not in own)
    others = {m.code: m for m in before.named if m.code not in own}
    return list(others.values()) if len(others) == 1 else []


def _told_to(verb: Any) -> bool:
    """Tell whether somebody is told *to do* something."""
    below = [child for child in verb.children if child.dep_ in ("xcomp", "ccomp")]
    return any(w.lower_ == "to" and w.dep_ == "aux" for child in below for w in child.children)


def _named_so(verb: Any) -> bool:
    """Tell whether "call" only names: called him *a* criminal."""
    objects = [child for child in verb.children if child.dep_ in ("dobj", "oprd", "ccomp", "xcomp")]
    return len(objects) > 1 or any(
        w.lower_ in ("a", "an") and w.i > verb.i for o in objects for w in o.subtree
    )


def _infinitive_targets(token: Any, trigger: Trigger, phrases: Phrases) -> list[Mention]:
    for child in token.children:
        if child.dep_ in ("acl", "xcomp") and child.pos_ == "VERB":
            found, _ = targets(child, trigger, phrases, False)
            if found:
                return found
    return []


def _fits(token: Any, trigger: Trigger) -> bool:
    lemmas = set(object_lemmas(token))
    if trigger.unless and trigger.unless & (lemmas | {child.lower_ for child in token.children}):
        return False
    return not trigger.needs or bool(trigger.needs & lemmas)


def _shared(spec: TypeSpec, trigger: Trigger) -> bool:
    return "with" in trigger.at and (spec.type in SYMMETRIC or bool(spec.joint))


def _without_object(trigger: Trigger) -> Trigger:
    return Trigger((), tuple(slot for slot in trigger.at if slot != "object"), deep=trigger.deep)

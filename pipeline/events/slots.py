"""A trigger in a parsed sentence in; who acts and on whom out, by grammatical role.

Roles are spaCy's dependency labels. The nearest role wins: an object before what the object belongs to,
that before a preposition, and anything looser only where a trigger is marked deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipeline.events.actors import Mention
from pipeline.events.phrases import Phrases
from pipeline.ontology.eventtype import Trigger

_SUBJECTS = ("nsubj", "csubj")
_OBJECTS = ("dobj", "obj", "nsubjpass")
_INTENTIONS = frozenset(
    "plan intention readiness decision offer pledge promise willingness vow threat".split()
)
_WEAPONS = frozenset("missile drone rocket shell satellite balloon projectile".split())
_ANNOUNCING = frozenset(
    "confirm announce express reaffirm have make declare unveil reveal voice state".split()
)
_BLOWS = frozenset("strike airstrike attack raid shelling bombing bombardment barrage".split())
_HANGING = ("conj", "xcomp", "advcl")


def subjects(verb: Any, phrases: Phrases) -> list[Mention]:
    """Actors that do what a verb tells: its own subject, or that of the verb it hangs on."""
    token = verb
    for _ in range(4):
        own = [
            child
            for child in token.children
            if child.dep_ in _SUBJECTS or (child.dep_ == "nsubjpass" and token.i != verb.i)
        ]
        if any(child.lower_ in ("who", "which", "that") for child in own) and token.dep_ == "relcl":
            return phrases.at(token.head) or _launched_by(token.head, phrases)
        if own:
            return [mention for child in own for mention in phrases.at(child)]
        if token.dep_ == "acl" and (token.tag_ == "VBG" or token.head.dep_ == "ROOT"):
            return phrases.at(token.head)  # headline: Xi *to visit* Moscow
        if token.dep_ == "acl" and _own_intention(token.head):
            token = token.head.head  # confirmed plans *to meet*
            continue
        if token.dep_ not in _HANGING or token.head.i == token.i:
            return []
        if token.dep_ == "xcomp" and any(child.dep_ == "dobj" for child in token.head.children):
            return []  # urged *Iran* to stop: the object acts, and only on demand
        token = token.head
    return []


def _launched_by(noun: Any, phrases: Phrases) -> list[Mention]:
    """Whose missile it was that fell: that of the subject who fired it."""
    if noun.lemma_ in _WEAPONS and noun.dep_ == "dobj":
        return [m for child in noun.head.children if child.dep_ in _SUBJECTS for m in phrases.at(child)]
    return []


def _own_intention(noun: Any) -> bool:
    """Tell whether a plan or promise is that of the subject which announces it."""
    return (
        noun.lemma_ in _INTENTIONS
        and noun.dep_ == "dobj"
        and noun.head.lemma_ in _ANNOUNCING
        and not any(child.dep_ in ("poss", "compound") for child in noun.children)
    )


def agents(verb: Any, phrases: Phrases) -> list[Mention]:
    """Actors after "by" in the passive."""
    near = list(_governed(verb, ("by",)))
    far = [inner for token in verb.subtree for inner in _governed(token, ("by",))]
    return [
        mention
        for inner in near or far
        for mention in phrases.at(inner)
        or phrases.inside(inner)
        or at_prepositions(inner, ("from", "of"), phrases)  # hit by sanctions *from* the EU
    ]


def is_passive(verb: Any) -> bool:
    """Tell whether the verb's subject suffers the act."""
    if any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children):
        return True
    return bool(verb.tag_ == "VBN" and any(child.dep_ == "agent" for child in verb.children))


def targets(trigger: Any, entry: Trigger, phrases: Phrases, passive: bool) -> tuple[list[Mention], float]:
    """Actors on whom, and how sure the role makes it (1 for a plain one)."""
    if direct := _direct(trigger, entry, phrases):
        return direct, 1.0
    objects = [child for child in trigger.children if child.dep_ in _OBJECTS] if "object" in entry.at else []
    if entry.deep and (found := _owners_of(objects, entry, phrases)):
        return found, 0.95
    if found := _after_prepositions(trigger, entry, phrases):
        return found, 1.0
    if entry.needs and not entry.deep:
        far = [inner for token in trigger.subtree for inner in _governed(token, entry.at)]
        if found := distinct(m for item in far for m in phrases.at(item)):
            return found, 0.9
    if entry.site:
        aimed = [child for child in trigger.children if child.dep_ == "prep" and child.lower_ in entry.at]
        for item in (*objects, *aimed):
            if found := phrases.site(item):
                return found, 0.9
    return (_deepest(trigger, objects, entry, phrases), 0.9) if entry.deep else ([], 0.0)


def _owners_of(objects: Iterable[Any], entry: Trigger, phrases: Phrases) -> list[Mention]:
    """Whose the object is, or by whom done: condemned *Israel's* strikes, the strikes *by Israel*."""
    for item in objects:
        done_by = [m for child in item.children if child.dep_ == "acl" for m in agents(child, phrases)]
        own = item.lemma_.lower() in entry.needs and "for" in entry.at  # reaffirmed *its* support for
        inner = [] if own else phrases.inside(item)
        if found := inner or at_prepositions(item, ("by", "of", "from"), phrases) or done_by:
            return distinct(found)
    return []


def _deepest(trigger: Any, objects: Sequence[Any], entry: Trigger, phrases: Phrases) -> list[Mention]:
    """The first actor to whom anything belongs that hangs on a trigger."""
    places = list(_governed(trigger, entry.at))
    for child in trigger.children:
        if child.dep_ in _OBJECTS:
            places += _governed(child, entry.at)
    for item in (*places, *objects, *_governed(trigger, ("for", "over", "of", "to"))):
        if found := distinct(phrases.inside(item) or phrases.belonging(item)):
            return found[:1]
    return []


def struck(verb: Any, phrases: Phrases) -> tuple[list[Mention], list[Mention]]:
    """Who struck and who was struck where only the blow is named: general killed *in Chilean strike*."""
    blows = [p for child in verb.children if child.lower_ == "in" for p in child.children if p.dep_ == "pobj"]
    hit = [child for child in verb.children if child.dep_ in ("nsubj", "nsubjpass")]
    by = [m for blow in blows if blow.lemma_.lower() in _BLOWS for m in phrases.inside(blow)]
    return distinct(by), distinct(m for child in hit for m in phrases.at(child) or phrases.inside(child))


def has_object(verb: Any) -> bool:
    """Headlines leave "was" out: General *killed* in strike."""
    return any(child.dep_ in ("dobj", "obj", "ccomp") for child in verb.children) or verb.tag_ not in (
        "VBD",
        "VBN",
    )


def at_prepositions(token: Any, words: Iterable[str], phrases: Phrases) -> list[Mention]:
    """Actors right after one of some prepositions that hang on a token."""
    return [mention for inner in _governed(token, words) for mention in phrases.at(inner)]


def owners(noun: Any, entry: Trigger, phrases: Phrases) -> list[Mention]:
    """Actors whose act a noun names: Israel's strike, Russian aggression, a visit by Xi."""
    return distinct([*phrases.inside(noun), *at_prepositions(noun, entry.by, phrases)])


def distinct(mentions: Iterable[Mention]) -> list[Mention]:
    """One mention of each actor, in order: the first, or the first that names an office holder."""
    kept: dict[str, Mention] = {}
    for mention in mentions:
        known = kept.setdefault(mention.code, mention)
        if known.role is None and mention.role is not None:
            kept[mention.code] = mention
    return list(kept.values())


def object_lemmas(token: Any) -> Iterator[str]:
    """Lemmas of what a trigger acts with: objects, prepositional phrases, a noun's own modifiers."""
    for child in token.children:
        if child.dep_ in ("dobj", "nsubjpass", "prep", "agent", "dative", "attr", "oprd"):
            for inner in child.subtree:
                yield inner.lemma_.lower()
    if token.dep_ in ("relcl", "acl"):
        yield token.head.lemma_.lower()
    if token.pos_ == "NOUN":
        for child in token.children:
            if child.dep_ in ("amod", "compound", "nmod", "poss"):
                yield child.lemma_.lower()


def _direct(trigger: Any, entry: Trigger, phrases: Phrases) -> list[Mention]:
    found: list[Mention] = []
    for child in trigger.children:
        if child.dep_ in _OBJECTS and "object" in entry.at:
            found += phrases.at(child)
        elif child.dep_ in ("dative", "iobj") and ("dative" in entry.at or "to" in entry.at):
            found += phrases.at(child)
            found += [m for p in child.children if p.dep_ == "pobj" for m in phrases.at(p)]
        elif child.dep_ == "ccomp" and "clause" in entry.at:
            found += [m for inner in child.children if inner.dep_ in _SUBJECTS for m in phrases.at(inner)]
    return distinct(found)


def _after_prepositions(trigger: Any, entry: Trigger, phrases: Phrases) -> list[Mention]:
    found = at_prepositions(trigger, entry.at, phrases)
    for child in trigger.children:
        if child.dep_ in (*_OBJECTS, "prt"):
            found += at_prepositions(child, entry.at, phrases)
    return distinct(found)


def _governed(token: Any, words: Iterable[str]) -> Iterator[Any]:
    wanted = set(words)
    for child in token.children:
        if child.dep_ in ("prep", "agent") and child.lower_ in wanted:
            for inner in child.children:
                if inner.dep_ == "pobj":
                    yield inner
                elif inner.dep_ == "prep":  # up with, together with
                    yield from (p for p in inner.children if p.dep_ == "pobj")

"""Words that stand for an actor named before (he, it, they, the two countries) or for the speaker (we)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.events.actors import Mention
from pipeline.events.phrases import Phrases
from pipeline.events.sentences import Sentence

_PERSONAL = frozenset({"he", "she"})
_PRONOUNS = frozenset({"he", "she", "it", "they"})
_OBJECTS = frozenset({"it", "him", "her", "them"})
_POSSESSIVES = frozenset({"his", "her", "its", "their"})
_OWN = frozenset({"we", "our", "us", "i", "my"})
_OFFICES = frozenset({"President", "Secretary"})
_PAIRS = frozenset(
    """
    country side leader nation minister president neighbour neighbor state man government diplomat
    head party official delegation
    """.split()
)
_MET = frozenset({"leader", "side", "party", "president", "minister", "secretary", "official"})
_TITLES = frozenset(
    "President Secretary Advisor Representative Ambassador Spokesperson Administrator".split()
)
_TOGETHER = frozenset("discuss agree talk exchange reaffirm meet underscore consult review".split())
"""What "they" do who met before."""
_UNDER = frozenset({"ccomp", "advcl", "conj", "relcl", "xcomp"})


@dataclass(frozen=True, slots=True)
class Before:
    """Who was spoken of just before a sentence."""

    subjects: tuple[Mention, ...] = ()
    named: tuple[Mention, ...] = ()
    partners: tuple[Mention, Mention] | None = None
    """The two sides of the last meeting told."""
    hostile: tuple[tuple[Mention, Mention], ...] = ()
    """Sources and targets of the last conflictual act told."""
    act: object = None
    """Where that act is told."""
    voice: str | None = None
    told: bool = False
    """Whether the subjects were subjects, and not only the actors named where none was."""
    """The state that says "we" in this document."""


def resolve_anaphora(
    doc: Any, sentence: Sentence, mentions: Sequence[Mention], before: Before
) -> list[Mention]:
    """Add a mention for each pronoun, "the two …" and "we" that one reading fits."""
    phrases = Phrases(doc, mentions, sentence.start)
    added: list[Mention] = []
    for token in doc:
        start = sentence.start + token.idx
        for known, rule in _known(token, phrases, mentions, before, start):
            added.append(Mention(known.code, start, start + len(token.text), token.text, rule, known.role))
        if before.voice is not None and (_speaks(token) or _our_officer(token, phrases)):
            added.append(Mention(before.voice, start, start + len(token.text), token.text, "voice"))
    return sorted([*mentions, *added], key=lambda m: (m.start, m.code))


def speaks_or_points(text: str) -> bool:
    """Tell whether a sentence may hold a word that stands for somebody named elsewhere.

    >>> speaks_or_points("The two leaders spoke."), speaks_or_points("Rain fell in Riga.")
    (True, False)
    """
    words = set(text.lower().replace(",", " ").split())
    return bool(words & (_PRONOUNS | _OWN | {"two", "both", "this", "the"}))


def _known(
    token: Any, phrases: Phrases, mentions: Sequence[Mention], before: Before, start: int
) -> list[tuple[Mention, str]]:
    word = token.lower_
    if word in _PRONOUNS and token.dep_ in ("nsubj", "nsubjpass"):
        return [(known, "pronoun") for known in _subject(token, phrases, mentions, before, start)]
    if word in _OBJECTS and token.dep_ in ("dobj", "pobj", "dative"):
        return [(known, "pronoun") for known in _object(token, phrases, mentions, start)]
    if word in _POSSESSIVES and token.dep_ == "poss":
        return [(known, "possessive") for known in _owner(token, phrases)]
    if (token.lemma_.lower() in _PAIRS and _both(token)) or (word == "two" and _bare_two(token)):
        for group in (before.partners or (), before.subjects, before.named):
            pair = {m.code: m for m in group}
            if len(pair) == 2:
                return [(known, "pair") for known in pair.values()]
    if before.partners and token.tag_ == "NNS" and token.lemma_ in _MET and token.dep_ == "nsubj":
        bare = not any(child.dep_ in ("prep", "amod", "poss", "compound") for child in token.children)
        return [(known, "pair") for known in before.partners if bare]
    return []


def _subject(
    token: Any, phrases: Phrases, mentions: Sequence[Mention], before: Before, start: int
) -> list[Mention]:
    plural = token.lower_ == "they"
    verb = token.head
    while verb.dep_ in _UNDER and verb.head.i != verb.i:
        verb = verb.head
        for child in verb.children:
            if child.dep_ in ("nsubj", "nsubjpass") and child.i < token.i:
                own = phrases.at(child)
                return own if plural or len(own) == 1 else []
    if any(m.acts and m.start < start for m in mentions):
        return []
    known = {m.code: m for m in before.subjects}
    if plural and before.partners and verb.lemma_ in _TOGETHER:
        return list(before.partners)
    if plural:
        met = list(before.partners or ()) if len(known) == 1 else []
        return met or list(known.values())[:4]
    if token.lower_ in _PERSONAL:
        persons = {code: m for code, m in known.items() if m.role is not None}
        known = persons or (known if before.told else {})
    return list(known.values()) if len(known) == 1 else []


def _owner(token: Any, phrases: Phrases) -> list[Mention]:
    """Whose something is: that of the subject of the clause."""
    for verb in token.ancestors:
        for child in verb.children:
            if child.dep_ in ("nsubj", "nsubjpass") and child.i < token.i:
                own = phrases.at(child)
                if verb.dep_ == "advcl" and own:
                    break  # scrambled jets after a Russian plane entered *its* airspace
                return own if len(own) == 1 else []
    return []


def _object(token: Any, phrases: Phrases, mentions: Sequence[Mention], start: int) -> list[Mention]:
    """The last actor named in the sentence before a pronoun that does not do the clause's act."""
    verb, doers = token.head, set[str]()
    while True:
        doers |= {m.code for child in verb.children if child.dep_ == "nsubj" for m in phrases.at(child)}
        if verb.head.i == verb.i:
            break
        verb = verb.head
    earlier = [m for m in mentions if m.acts and m.end <= start and m.code not in doers]
    return earlier[-1:] if doers else []


def _speaks(token: Any) -> bool:
    if token.lower_ in _OWN:
        return bool(token.text != "US" and token.pos_ != "PROPN")
    return (
        token.text in _OFFICES
        and token.dep_ != "compound"
        and any(child.lower_ == "the" for child in token.children)
        and not any(child.dep_ in ("appos", "prep") for child in token.children)
    )


def _our_officer(token: Any, phrases: Phrases) -> bool:
    """Tell whether a subject is an officer whose state the text leaves out, as it is the speaker's own."""
    if token.dep_ not in ("nsubj", "nsubjpass") or token.pos_ != "PROPN" or phrases.below(token):
        return False
    return any(word.text in _TITLES for word in (token, *token.children))


def _bare_two(token: Any) -> bool:
    """Tell whether "two" stands alone: the two spoke, talks between the two."""
    return bool(token.dep_ == "nsubj" or (token.dep_ == "pobj" and token.head.lower_ == "between"))


def _both(token: Any) -> bool:
    return any(child.lower_ in ("two", "both") for child in token.children)

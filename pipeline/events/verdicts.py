"""A parsed sentence in; what one actor says against another, without a verb of blame, out.

"Moscow says that NATO provokes …", "Tehran called the strike a crime", "Washington meddles, Lavrov says":
a speaker, somebody else's doing, and a word of grievance about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.contract.event import EventType
from pipeline.events.actions import SURE, Act, Lexicon
from pipeline.events.actors import Mention
from pipeline.events.phrases import Phrases
from pipeline.events.sentences import Sentence
from pipeline.events.slots import at_prepositions, distinct, subjects

_SAYING = frozenset(
    """
    say tell claim add note state stress emphasise emphasize believe argue insist declare warn allege point
    stress maintain complain think comment remark write
    """.split()
)
_NAMING = frozenset("call describe brand label deem term consider dub regard view characterise see".split())
_VERDICTS = (EventType.REJECT, EventType.ACCUSE, EventType.REQUEST)
_SUBJECTS = ("nsubj", "nsubjpass", "csubj")
_DUTY = frozenset({"must", "should"})
_LONGEST_SPEAKER = 5


def verdict_acts(doc: Any, phrases: Phrases, lexicon: Lexicon, speaker: Mention | None) -> Iterator[Act]:
    """Find what is said against somebody; `speaker` is who a headline names beside the clause."""
    for token in doc:
        named = token.lemma_.lower() in _NAMING
        if speaker is not None and token.dep_ == "ROOT":
            yield from _against([speaker], token, False, phrases, lexicon)
        if token.pos_ not in ("VERB", "AUX"):
            continue
        if named:
            yield from _against(subjects(token, phrases), token, True, phrases, lexicon, token)
        elif token.lemma_.lower() in _SAYING:
            for clause in token.children:
                if clause.dep_ in ("ccomp", "parataxis"):
                    yield from _against(subjects(token, phrases), clause, False, phrases, lexicon, token)


def _against(
    judges: Sequence[Mention],
    clause: Any,
    named: bool,
    phrases: Phrases,
    lexicon: Lexicon,
    said_by: Any | None = None,
) -> Iterator[Act]:
    for kind in _VERDICTS:
        spec, due = lexicon.types[kind], kind is EventType.REQUEST
        word = _due(clause) if due else _grievance(clause, spec.grievances)
        if word is None or (due and named):
            continue
        judged = _subject(clause, phrases) if due else _judged(clause, named, phrases)
        mode = "disapprove" if kind is EventType.ACCUSE else None
        for judge in distinct(judges):
            for other in judged:
                if other.code != judge.code:
                    yield Act(judge, other, spec, mode, word, "verdict", SURE["verdict"], said_by)
        return


def speaker_of(clauses: Sequence[tuple[Sentence, Sequence[Mention]]], whole: str) -> dict[int, Mention]:
    """For each clause of a headline, by number, the actor to whom another clause of it ascribes it.

    "NATO stirs trouble — Lavrov" and "Lavrov: NATO stirs trouble" name their speaker so.
    """
    found: dict[int, Mention] = {}
    for index, (sentence, mentions) in enumerate(clauses):
        own = {m.code: m for m in mentions if m.acts}
        if len(own) != 1 or len(sentence.text.split()) > _LONGEST_SPEAKER:
            continue
        (speaker,) = own.values()
        before, after = whole[: sentence.start].rstrip(), whole[sentence.end :].lstrip()
        if after.startswith(":") and index + 1 < len(clauses):
            found[index + 1] = speaker
        elif before.endswith(("—", "–", "|")) and index > 0:
            found[index - 1] = speaker
    return found


def _grievance(clause: Any, words: frozenset[str]) -> Any | None:
    if any(child.dep_ == "neg" for child in clause.children):
        return None
    for token in clause.subtree:
        if token.lemma_.lower() in words or token.lower_ in words:
            return token
    return None


def _due(clause: Any) -> Any | None:
    """The verb of what somebody has to do: Brussels *must stop* …"""
    if any(child.dep_ in ("neg", "nsubjpass") for child in clause.children):
        return None
    whose = min((child.i for child in clause.children if child.dep_ in _SUBJECTS), default=clause.i)
    due = any(child.lower_ in _DUTY and child.i > whose for child in clause.children if child.dep_ == "aux")
    return clause if due and clause.pos_ == "VERB" and clause.lemma_ not in ("be", "become") else None


def _judged(clause: Any, named: bool, phrases: Phrases) -> list[Mention]:
    """Whose doing it is: the subject of what is said, or what is called so."""
    if not named:
        doing = [child for child in clause.children if child.dep_ in _SUBJECTS]
        if clause.pos_ in ("NOUN", "PROPN"):
            doing = doing or [clause]  # a headline without a verb
        return _subject(clause, phrases) or [m for child in doing for m in _theirs(child, phrases)]
    for child in clause.children:
        if child.dep_ in ("dobj", "obj", "oprd") and _theirs(child, phrases):
            return _theirs(child, phrases)
    inner = [c for c in clause.children if c.dep_ in ("ccomp", "oprd", "xcomp")]
    return [
        m for c in inner for child in c.children if child.dep_ in _SUBJECTS for m in _theirs(child, phrases)
    ]


def _subject(clause: Any, phrases: Phrases) -> list[Mention]:
    return [m for child in clause.children if child.dep_ in _SUBJECTS for m in phrases.at(child)]


def _theirs(token: Any, phrases: Phrases) -> list[Mention]:
    return distinct(
        phrases.at(token) or phrases.inside(token) or at_prepositions(token, ("of", "by", "from"), phrases)
    )

"""A headline whose tree joins nobody in; acts read off the order of its words out.

Headlines drop the small words that a parser leans on ("Israel attacks alleged Hezbollah sites", "Xi, Kim
meet"), so verbs are taken for nouns. The order of English stays: who acts, the verb, on whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.contract.event import SYMMETRIC, EventType
from pipeline.events.actions import SURE, Act, Lexicon, mode_of
from pipeline.events.actors import Mention
from pipeline.events.carriers import LIGHT
from pipeline.events.phrases import BACKED, ORGANS
from pipeline.events.slots import distinct
from pipeline.ontology.eventtype import Trigger, TypeSpec

_NAMING = frozenset({"NOUN", "PROPN", "ADJ", "DET", "NUM", "CCONJ", "PART"})
_BEFORE = frozenset({",", "&", "-", "–", "'s", "’s", "’", "'", "of"})
_QUIET = frozenset({"‘", "’", "'", '"', "“", "”", "-", "–", "'s", "’s", "of", "alleged"})
_AWAY = frozenset({"after", "amid", "over", "as", "despite", "before", "since", "but", "while"})
_REACH = 9
_PAIR = 2


def headline_acts(doc: Any, mentions: Sequence[Mention], offset: int, lexicon: Lexicon) -> Iterator[Act]:
    """Acts of the first word that may be a verb and has only actors before it."""
    mentions = [m for m in mentions if not BACKED.match(doc.text[m.end - offset :])]
    yield from _before_their_meeting(doc, mentions, offset, lexicon)
    for token in doc:
        sources = _front(token, mentions, offset)
        entries = _entries(token, lexicon, len({m.code for m in sources}) > 1) if sources else []
        if sources and not entries and token.lemma_.lower() in LIGHT:
            yield from _held(token, sources, lexicon)
        if not entries:
            continue
        for spec, trigger in entries:
            if not _fits(token, trigger):
                continue
            mode = mode_of(spec, trigger, token)
            targets = _back(token, trigger, mentions, offset)
            if trigger.people:
                targets = [t for t in targets if t.role is not None]
            pairs = [(s, t) for s in sources for t in targets if s.code != t.code]
            if not targets and token.lemma_.lower() in spec.joint:
                pairs = list(_joined(token, sources, spec))
            for source, target in pairs:
                yield Act(source, target, spec, mode, token, "order", SURE["order"])
        return


def _held(verb: Any, sources: Sequence[Mention], lexicon: Lexicon) -> Iterator[Act]:
    """A meeting that two hold: "Moscow, Oslo *maintain dialogue*"."""
    named = distinct(sources)
    for token in verb.doc[verb.i + 1 : verb.i + _REACH]:
        for spec, trigger in lexicon.nouns.get(token.lemma_.lower(), []):
            if spec.type is EventType.CONSULT and len(named) == _PAIR:
                yield Act(
                    named[0], named[1], spec, mode_of(spec, trigger, token), token, "order", SURE["order"]
                )
                return


def _before_their_meeting(
    doc: Any, mentions: Sequence[Mention], offset: int, lexicon: Lexicon
) -> Iterator[Act]:
    """Titles of official texts: "The Secretary and the Foreign Minister Before *Their Meeting*"."""
    for token in doc:
        if not token.i or token.nbor(-1).lower_ != "their":
            continue
        for spec, trigger in lexicon.nouns.get(token.lemma_.lower(), []):
            named = distinct(m for m in mentions if m.acts and m.end - offset <= token.idx)
            if spec.type is EventType.CONSULT and len(named) == _PAIR:
                mode = mode_of(spec, trigger, token)
                yield Act(named[0], named[1], spec, mode, token, "order", SURE["order"])


def _entries(token: Any, lexicon: Lexicon, plural: bool) -> list[tuple[TypeSpec, Trigger]]:
    """What a word could tell as a verb, whatever the parser took it for."""
    word = token.lower_
    if (
        word.startswith("call")
        or token.tag_ == "VBN"
        or (token.i and token.nbor(-1).lower_ == "to" and word == "blame")
    ):
        return []
    if token.pos_ not in ("VERB", "NOUN", "PROPN", "ADJ") or (
        token.pos_ != "VERB" and not (plural or word.endswith("s"))
    ):
        return []
    for lemma in (token.lemma_.lower(), word.removesuffix("s"), word.removesuffix("es")):
        if lemma in lexicon.verbs:
            return lexicon.verbs[lemma]
    return []


def _fits(token: Any, trigger: Trigger) -> bool:
    words = {w.lemma_.lower() for w in token.doc[token.i + 1 :]}
    return not (trigger.unless & words) and (not trigger.needs or bool(trigger.needs & words))


def _front(trigger: Any, mentions: Sequence[Mention], offset: int) -> list[Mention]:
    """Actors named before a verb when nothing but names, offices and organs stands there."""
    words = list(trigger.doc)[: trigger.i]
    if words and words[-1].lower_ == "to":
        words.pop()
    if not words or any(w.pos_ not in _NAMING and w.lower_ not in _BEFORE for w in words):
        return []
    own = [m for m in mentions if m.acts and m.end - offset <= trigger.idx]
    return own if own and all(_stands(m, words, offset) for m in own) else []


def _back(trigger: Any, entry: Trigger, mentions: Sequence[Mention], offset: int) -> list[Mention]:
    """The first actor after a verb where its entry lets one stand, with one joined to it by "and"."""
    allowed = {word for word in entry.at if word not in ("object", "dative")}
    plain, found = "object" in entry.at or "dative" in entry.at, list[Mention]()
    after = [m for m in mentions if m.acts and m.start - offset > trigger.idx]
    rest = list(trigger.doc)[trigger.i + 1 :]
    for token in rest[:_REACH]:
        here = [m for m in after if m.start - offset <= token.idx < m.end - offset]
        if here:
            if not plain or not (entry.deep or _stands(here[0], rest, offset)):
                break
            found += [m for m in here if m not in found]
        elif token.lower_ in allowed:
            plain = True
        elif token.lower_ in _AWAY or (token.lower_ not in ("and", "&") if found else _parts(token)):
            break
    return found


def _parts(token: Any) -> bool:
    """Tell whether a word parts a verb from what follows."""
    return token.pos_ in ("VERB", "AUX", "ADP") and token.lower_ not in _QUIET


def _joined(trigger: Any, sources: Sequence[Mention], spec: TypeSpec) -> Iterator[tuple[Mention, Mention]]:
    """Pairs of what two or three do together: "Xi, Kim *meet*"."""
    codes = {m.code for m in sources}
    if len(codes) > 1 and trigger.tag_ in ("VBP", "VB", "VBD", "NNS", "NN", "VBN"):
        for index, one in enumerate(sources):
            others = sources[index + 1 :] if spec.type in SYMMETRIC else sources
            yield from ((one, other) for other in others if other.code != one.code)


def _stands(mention: Mention, words: Sequence[Any], offset: int) -> bool:
    """Tell whether a mention speaks for its phrase: it ends it, or an organ or a person's name does."""
    last = None
    for word in words:
        if word.idx + offset < mention.end:
            continue
        if (
            word.pos_ in ("ADP", "VERB", "AUX", "SCONJ")
            or word.lower_ in (",", "and", "&")
            or (word.lower_ == "-" and last is None)
        ):
            break
        if word.pos_ != "PART" and word.text not in ("'s", "’s", "’", "'"):
            last = word
    return last is None or last.lemma_.lower() in ORGANS or last.lower_ in ORGANS or last.pos_ == "PROPN"

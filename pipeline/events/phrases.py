"""A parsed sentence and its mentions in; which noun phrase names which actors out.

A mention speaks for a whole noun phrase only when the phrase is about an office, an organ or a force of the
actor: "Russian Foreign Minister Lavrov" and "Russian missiles" act, "Russian literature" does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline.events.actors import Mention
from pipeline.events.namesakes import GIVEN_NAMES

_INSIDE = frozenset({"compound", "amod", "nmod", "poss", "appos", "nummod"})
ORGANS = frozenset(
    """
    government president minister premier leader chancellor king prince queen emir sultan ayatollah
    official officials authority authorities ministry embassy ambassador envoy diplomat spokesman
    spokeswoman spokesperson secretary chief commander general admiral delegation negotiator
    parliament lawmaker senate congress cabinet court prosecutor state country nation republic
    regime administration side army navy force forces military troop troops soldier police guard
    coastguard intelligence security service agency representative counterpart head deputy adviser
    advisor speaker chairman director commissioner governor ally missile drone shell rocket warship
    ship vessel jet aircraft warplane plane fighter bomber submarine artillery tank airstrike people
    defence defense foreign council presidency kremlin leadership destroyer battlegroup uav mfa mod team
    mediator junta militia peacekeeper marine paratrooper fleet sailor pilot squadron serviceman consulate
    consul mission member pm fm minister ministers president presidents capital
    """.split()
)
_MEMBERS = frozenset("ally member state country nation partner".split())
_RULERS = frozenset(
    "government junta authority regime official spokesman spokeswoman leadership ministry parliament".split()
)
"""Who rules where they are: the government *in Minsk*."""
_OF_ORGANS = ORGANS - {"ally", "people"}
_NO_LONGER = frozenset(
    "former ex late retired ousted deposed exiled one-time onetime erstwhile sometime toppled past".split()
)
_OPENS_FORMER = re.compile(rf"\W*+(?:[\w’'-]+ ){{0,2}}?(?:{'|'.join(sorted(_NO_LONGER))})\b", re.IGNORECASE)
_PAIR_WIDTH = 2
BACKED = re.compile(r"-(?:\w+ed|led|made|held|run|built)\b")
"""Iran-*backed* militias, US-*led* talks: the actor named is not the one who acts."""
_BROKERED = re.compile(r"-(?:brokered|mediated|sponsored|moderated)\b")
_AROUND = frozenset({"against", "in", "at", "by", "during", "after", "near"})
_PERSONS = frozenset(
    """
    president minister premier leader chancellor king prince queen emir sultan official officials
    ambassador envoy diplomat secretary chief commander general admiral delegation negotiator
    lawmaker counterpart head deputy adviser advisor speaker director commissioner governor pm fm
    """.split()
)


def opens_with_former(sentence: str) -> bool:
    """Tell whether a sentence begins with somebody who speaks for no state any more.

    >>> opens_with_former("Two former chancellors hiked."), opens_with_former("Norway met a former king.")
    (True, False)
    """
    return _OPENS_FORMER.match(sentence) is not None


class Phrases:
    """Which actors stand in which noun phrase of one parsed sentence."""

    def __init__(self, doc: Any, mentions: Sequence[Mention], offset: int) -> None:
        self._by_head: dict[int, list[Mention]] = {}
        self._inner: dict[int, list[Mention]] = {}
        self._roots: list[tuple[int, Mention]] = []
        self._sites: list[tuple[int, Mention]] = []
        self._brokers: list[tuple[int, Mention]] = []
        for mention in mentions:
            span = doc.char_span(mention.start - offset, mention.end - offset, alignment_mode="expand")
            if span is not None and not mention.acts:
                self._sites.append((span.root.i, mention))
            if span is not None and _BROKERED.match(doc.text[mention.end - offset :]):
                self._brokers.append((span.root.i, mention))
            if span is None or not mention.acts or BACKED.match(doc.text[mention.end - offset :]):
                continue
            self._roots.append((span.root.i, mention))
            self._place(mention, span.root)

    def at(self, token: Any) -> list[Mention]:
        """Actors that the noun phrase around `token` stands for, conjuncts included, in order."""
        return sorted(self._by_head.get(token.i, ()), key=lambda mention: mention.start)

    def inside(self, token: Any) -> list[Mention]:
        """Actors that own or make what the noun phrase around `token` names: *Israel's* strikes."""
        return sorted(self._inner.get(token.i, ()), key=lambda mention: mention.start)

    def titled(self, token: Any) -> bool:
        """Tell whether the phrase of `token` names a person by an office."""
        words = [token, *(child for child in token.children if child.dep_ in _INSIDE)]
        return any(word.lemma_.lower() in _PERSONS for word in words)

    def belonging(self, token: Any) -> list[Mention]:
        """Actors below `token` to whom it may belong: neither where it is nor by whom it was done."""
        near: list[Mention] = []
        for root, mention in self._roots:
            way = [token.doc[root], *token.doc[root].ancestors]
            inside = way[: next((n for n, word in enumerate(way) if word.i == token.i), 0)]
            if inside and not any(
                word.dep_ in ("prep", "agent") and word.lower_ in _AROUND for word in inside
            ):
                near.append(mention)
        return near

    def brokers(self, noun: Any) -> list[Mention]:
        """Who is said to have brought a meeting about: *US-mediated* talks."""
        inner = {word.i for word in noun.subtree}
        return [mention for root, mention in self._brokers if root in inner]

    def below(self, token: Any) -> list[Mention]:
        """Every actor named somewhere in what hangs on `token`, in order."""
        inner = {word.i for word in token.subtree}
        return [mention for root, mention in self._roots if root in inner]

    def site(self, token: Any) -> list[Mention]:
        """The first place or actor named in the phrase of `token`: port works *in Odesa*."""
        inner = {word.i for word in token.subtree}
        there = [m for root, m in (*self._sites, *self._roots) if root in inner]
        return sorted(there, key=lambda mention: mention.start)[:1]

    def _place(self, mention: Mention, root: Any) -> None:
        token, stands = root, True
        self._by_head.setdefault(token.i, []).append(mention)
        while True:
            step = _step(token, mention)
            if step is None:
                return
            token, opens = step
            stands = stands and opens
            (self._by_head if stands else self._inner).setdefault(token.i, []).append(mention)
            if not stands:
                return


def _out_of_office(noun: Any) -> bool:
    """Tell whether a title is one that somebody no longer holds: *former* presidents, *ex-*ministers."""
    split = noun.i > 1 and noun.nbor(-1).text == "-" and noun.nbor(-2).lower_ in _NO_LONGER
    return split or any(child.lower_.rstrip("-") in _NO_LONGER for child in noun.children)


def _step(token: Any, mention: Mention) -> tuple[Any, bool] | None:
    """One step up from a token of the mention's phrase; the flag: whether the mention still speaks for it."""
    head = token.head
    if _hyphened(token, head):
        return head, True
    if _out_of_office(head) or _namesake(token, head, mention):
        return None
    if token.dep_ == "conj" and head.pos_ in ("NOUN", "PROPN", "PRON", "ADJ"):
        return head, True
    if token.dep_ in _INSIDE and head.pos_ in ("NOUN", "PROPN", "PRON"):
        if token.dep_ == "appos":
            return head, True
        if mention.rule == "possessive":
            return head, False
        if mention.code.startswith("IGO:") and head.lower_ in _MEMBERS:
            return head, False  # a NATO ally is a state
        person = mention.rule == "office" and token.dep_ != "poss" and head.pos_ == "PROPN"
        return head, person or _organ(head)
    if token.dep_ == "pobj" and head.lower_ in ("of", "from") and _named(head.head, _OF_ORGANS):
        return None if _out_of_office(head.head) else (head.head, True)
    if token.dep_ == "pobj" and head.lower_ == "in" and head.head.lemma_.lower() in _RULERS:
        return head.head, True
    return None


def _namesake(token: Any, head: Any, mention: Mention) -> bool:
    """Tell whether a name of a state is somebody's given name: *Jordan* Peterson."""
    return (
        mention.text in GIVEN_NAMES
        and token.dep_ == "compound"
        and head.pos_ == "PROPN"
        and head.i == token.i + 1
        and not _organ(head)
    )


def _hyphened(token: Any, head: Any) -> bool:
    """Tell whether two names make a pair: *Russia-US* talks."""
    return bool(head.i - token.i == _PAIR_WIDTH and token.nbor().text in ("-", "–", "/"))


def _organ(head: Any) -> bool:
    if _named(head, ORGANS):
        return True
    titles = [child for child in head.children if child.dep_ in ("compound", "amod", "nmod", "appos")]
    return head.pos_ == "PROPN" and any(_named(word, ORGANS) for word in titles)


def _named(word: Any, names: frozenset[str]) -> bool:
    """Compare a word by lemma; proper nouns keep their plural, so that is cut off too."""
    return bool({word.lemma_.lower(), word.lower_, word.lower_.removesuffix("s")} & names)

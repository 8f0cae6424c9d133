"""An act in its sentence in; where it happened, as far as the sentence tells, out.

A name after in, at, near … that belongs to the act; a visit's goal; where an attack or an arrest must have
been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract.event import QUAD_OF, EventType, Place, Quad
from pipeline.events.actions import Act
from pipeline.events.actors import Mention
from pipeline.events.adjuncts import belongs, distance, governor, preposition
from pipeline.events.sentences import Sentence

_WHERE = frozenset({"in", "at", "near", "outside", "inside", "across", "around", "off"})
_SITES = frozenset({"name", "capital", "place", "metonym"})
_CITIES = frozenset({"capital", "place", "metonym"})
_GOING = frozenset(
    "travel come arrive fly head return go visit welcome invite bring tour trip journey flight arrival host "
    "move rush send dispatch reach land drive depart".split()
)
_TOGETHER = frozenset({EventType.AGREE, EventType.COOPERATE, EventType.PROTEST, EventType.AID})
_LEAVING = frozenset({EventType.RETREAT, EventType.CONCEDE, EventType.COERCE})
_HOSTING = frozenset({"host", "welcome", "receive"})
_MEETINGS = frozenset(
    "meeting talk summit visit conference forum session ceremony margin sideline negotiation consultation "
    "dialogue round trip stop reception dinner lunch breakfast council assembly gathering headquarters "
    "palace office residence embassy villa hotel university center centre base airport city exercise "
    "drill".split()
)
_TOPICS = frozenset(
    "situation war conflict crisis peace settlement operation aggression event development violence force "
    "troop interest interference corruption atrocity ceasefire truce election regime government "
    "people official strike attack abuse right stability security presence company plant counterpart "
    "ambassador ally partner "
    "journalist citizen role policy hostage soldier target leader region world".split()
)
_HOME = frozenset("free release let extradite".split())
_ON_THE_SPOT = re.compile(
    r"\b(?:blockad|hack|cyber|occup|annex|land\b|territor|settle|settlers|confiscat|invad|forces\b|troops\b|raid)\w*",
    re.I,
)
_HANDING = frozenset("deliver hand land unload reach distribute arrive".split())
_ENVOY = re.compile(r"\b[Aa]mbassadors?\b[^.;]{0,60}?\bto (?:the )?$")
_FAR = re.compile(
    r"\b(?:tele)?phone|\bvideo|\bvirtual|\bonline\b|\b(?:a|the|their|today[’']s) call\b"
    r"|\bcalled (?:him|her)\b|\bcall with\b|[’']s call\b",
    re.IGNORECASE,
)
_CALLING_ON = re.compile(r"\b(?:courtesy|working|farewell|official) call\b", re.IGNORECASE)
_FORMATS = frozenset(
    "format process agreement accord mechanism platform group declaration convention".split()
)
_SPOKE = re.compile(r"\bspoke(?:n)? (?:today |again )?(?:with|to) |\bconversation\b", re.IGNORECASE)
_PARTS = frozenset(
    "coast outskirt city port town village capital region province waters airspace north south "
    "east west".split()
)
_STATE = 3
_SAID = (Quad.VCOOP, Quad.VCONF)


def place_of(doc: Any, sentence: Sentence, mentions: Sequence[Mention], act: Act) -> Place | None:
    """Name the country where an act happened, or None where the sentence does not tell."""
    consult = act.spec.type is EventType.CONSULT
    if consult and _far(sentence.text, act):
        return None
    if site := _site(list(_named(doc, sentence, mentions)), act):
        return _placed(site)
    if consult and not apart(sentence.text, act):
        return _meeting_place(doc, sentence, mentions, act)
    if consult:
        return None
    implied = _implied(act, sentence.text)
    return _only_city(doc, sentence, mentions) if implied is None and act.spec.type in _TOGETHER else implied


def apart(text: str, act: Act) -> bool:
    """Tell whether two sides spoke without meeting: by phone or video."""
    return _far(text, act) or (act.mode != "visit" and _SPOKE.search(text) is not None)


def _far(text: str, act: Act) -> bool:
    if act.mode == "visit" or _CALLING_ON.search(text):
        return False
    return act.mode == "phone" or _FAR.search(text) is not None


def land_of(mention: Mention) -> str | None:
    """The state that an actor is or where it sits: a city's, an armed group's."""
    code = mention.seat or mention.code
    return code if len(code) == _STATE else None


@dataclass(frozen=True, slots=True)
class _Named:
    """The name of a land, what stands before it, and the word that it belongs to."""

    mention: Mention
    word: Any
    before: str
    over: Any


def _named(doc: Any, sentence: Sentence, mentions: Sequence[Mention]) -> Iterator[_Named]:
    for mention in mentions:
        first, last = mention.start - sentence.start, mention.end - sentence.start
        capital = sentence.text[last:].startswith((" capital", "’s capital", "'s capital"))
        land = land_of(mention) if capital or mention.rule in _SITES else None
        span = doc.char_span(first, last, alignment_mode="expand")
        if land is None or span is None or mention.code.startswith("NSA:"):
            continue
        word = span.root.head if capital else span.root
        if mention.rule in _CITIES and word.dep_ in ("compound", "nmod"):
            if word.head.lemma_.lower() in _FORMATS:
                continue  # in the Astana format
            word = word.head  # in a Geneva villa
        before = preposition(word)
        if before is not None and before.lower_ == "of" and before.head.lemma_.lower() in _PARTS:
            yield _Named(mention, before.head, "in", governor(before.head))  # off the coast of Chile
        elif before is not None:
            yield _Named(mention, word, before.lower_, governor(word))
        elif word.dep_ == "dobj" and word.head.lemma_ in ("visit", "tour", "reach", "leave", "enter"):
            yield _Named(mention, word, "to", word.head)


def _site(named: Sequence[_Named], act: Act) -> Mention | None:
    """The name that best tells where: nearest to the act in the parse, a city before a country."""
    fits = [name for name in named if _tells(name.mention, name.before, name.over, act)]
    if not fits:
        return None
    own = [name for name in fits if land_of(name.mention) == land_of(act.target)]
    if own and act.spec.type is EventType.CONSULT and own[0].over.lemma_.lower() in _GOING:
        fits = own  # a journey to three countries is a visit to each
    elif act.mode == "visit" and act.target.rule in _SITES and fits[0].over.i == act.trigger.i:
        return act.target
    best = min(fits, key=lambda n: (distance(n.word, act.trigger), n.mention.rule == "name", n.mention.start))
    return best.mention


def _tells(mention: Mention, before: str, over: Any, act: Act) -> bool:
    if not _locates(before, over, act):
        return False
    kind = act.spec.type
    if over.i == act.trigger.i or over in act.trigger.ancestors:
        return kind is not EventType.ASSAULT or over.pos_ != "NOUN" or over.i == act.trigger.i
    if not belongs(over, act.trigger):
        return kind is EventType.CONSULT and over.lemma_ in (
            "visit",
            "arrive",
            "travel",
        )  # who will arrive in Russia
    if kind is EventType.ASSAULT:
        return mention.rule in _CITIES and act.trigger in over.ancestors and over.pos_ == "NOUN"
    if over.lemma_.lower() in _MEETINGS or (over.lemma_.lower() in _GOING and before == "to"):
        return True
    if over.pos_ in ("VERB", "AUX"):
        return QUAD_OF[kind] not in _SAID or kind is EventType.CONSULT or over.dep_ in ("advcl", "conj")
    return (
        mention.rule in _CITIES
        and over.lemma_.lower() not in _TOPICS
        and kind in (EventType.CONSULT, EventType.AGREE, EventType.COOPERATE, EventType.AID)
    )


def _locates(before: str, over: Any, act: Act) -> bool:
    lemma = over.lemma_.lower()
    if before in _WHERE:
        return lemma != "say" or act.spec.type not in (EventType.ASSAULT, EventType.CONSULT)
    if before in ("to", "into"):
        return lemma in _GOING
    if before in ("from", "of"):
        return before == "from" and act.spec.type in _LEAVING and over.i == act.trigger.i
    return (
        before in ("on", "over", "against") and act.spec.type is EventType.ASSAULT and over.i == act.trigger.i
    )


def _meeting_place(doc: Any, sentence: Sentence, mentions: Sequence[Mention], act: Act) -> Place | None:
    for mention in mentions:
        envoy = _ENVOY.search(sentence.text[: max(0, mention.start - sentence.start)])
        if envoy and len(mention.code) == _STATE:
            return _placed(mention)
    hosting = [t for t in (act.trigger, *act.trigger.ancestors) if t.lemma_.lower() in _HOSTING][:1]
    for verb in hosting:
        for host in (act.source, act.target):
            named = [m for m in mentions if m.code == host.code] or [host]
            if len(host.code) == _STATE and any(_hosts(doc, sentence, verb, m) for m in (host, *named)):
                return _placed(host)
    if act.mode == "visit" and (guest := _guest(doc, sentence, act)) is not None:
        return _placed(act.target if guest.code == act.source.code else act.source)
    return _only_city(doc, sentence, mentions)


def _guest(doc: Any, sentence: Sentence, act: Act) -> Mention | None:
    """Who visits: the source, but for "their visit", whose place another sentence tells."""
    if act.trigger.pos_ != "NOUN":
        return act.source
    of = (child for child in act.trigger.children if child.lower_ == "of")
    whose = [t for top in (act.trigger, *of) for t in top.children if t.dep_ in ("poss", "pobj")]
    if not whose:
        told = any(child.dep_ == "det" and child.lemma_ in ("the", "this") for child in act.trigger.children)
        return None if told else act.source
    place = sentence.start + whose[0].idx
    side = (m for m in (act.source, act.target) if m.start <= place < m.end)
    return next(side, None)


def _only_city(doc: Any, sentence: Sentence, mentions: Sequence[Mention]) -> Place | None:
    """The one city in which a sentence sets something, whatever the parse says that is."""
    cities = [n.mention for n in _named(doc, sentence, mentions) if n.mention.rule in _CITIES
              and n.before in _WHERE and n.over.lemma_.lower() not in _TOPICS]  # fmt: skip
    return _placed(cities[0]) if len({land_of(city) for city in cities}) == 1 else None


def _hosts(doc: Any, sentence: Sentence, verb: Any, host: Mention) -> bool:
    """Tell whether an actor is who receives: the subject, or after "by"; a guest too says "we welcome"."""
    if host.rule in ("pronoun", "voice") or host.end <= host.start:
        active = all(child.dep_ != "nsubjpass" for child in verb.children)
        return active and verb.lemma_.lower() in ("receive", "host") and verb.pos_ == "VERB"
    span = doc.char_span(host.start - sentence.start, host.end - sentence.start, alignment_mode="expand")
    if span is None:
        return False
    above = _willing(verb)
    below = [token for token in (span.root, *span.root.ancestors) if token.head.i in (verb.i, above.i)]
    return bool(below) and below[0].dep_ in ("nsubj", "agent")


def _willing(verb: Any) -> Any:
    """The verb whose subject is also that of another: *is pleased* to host, *looks forward to* welcoming."""
    while verb.dep_ in ("xcomp", "pcomp") and verb.head.pos_ in ("VERB", "AUX", "ADJ", "ADP"):
        verb = verb.head
    return verb.head if verb.dep_ in ("prep", "acomp") else verb


def _implied(act: Act, text: str) -> Place | None:
    """Where an act that names no place must have been: an attack, a seizure, an arrest, a withdrawal."""
    kind, lemma = act.spec.type, act.trigger.lemma_.lower()
    if kind is EventType.ASSAULT:
        return _placed(act.target)
    if kind is EventType.COERCE:
        return _placed(
            act.target if act.mode in ("blockade", "hack") or _ON_THE_SPOT.search(text) else act.source
        )
    if kind is EventType.CONCEDE and (act.mode == "release" or lemma in _HOME):
        return _placed(act.source)
    if kind is EventType.RETREAT and act.mode != "ceasefire":
        return _placed(act.target)
    if kind is EventType.AID and lemma in _HANDING:
        return _placed(act.target)
    return None


def _placed(mention: Mention) -> Place | None:
    land = land_of(mention)
    return None if land is None else Place(country=land, name=mention.text)

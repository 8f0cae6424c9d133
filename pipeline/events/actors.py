"""Names in a text in; mentions of actors with the rule that resolved each out.

An automaton over every name of the ontology finds candidates in one pass; longest match wins, word
boundaries and office dates decide. What a mention does in its sentence is decided later, by syntax.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ahocorasick_rs

from pipeline.events.namesakes import is_namesake
from pipeline.events.titles import title_beside
from pipeline.ontology.actor import Actor, Office
from pipeline.ontology.load import Ontology

_FORMER = re.compile(
    r"(?:\b[Ff]ormer|\b[Ee]x-?|\bthen-)\s?(?:[\w’'-]+\s){0,3}$"
    r"|\b[Ll]ate\s(?!\w+day\s)(?:(?:[A-Z][\w’'-]+|president|leader|prime|foreign|minister|king)\s){0,4}$"
)
_OUT_OF_OFFICE = re.compile(
    r"(?:\b(?:[Ff]ormer|[Oo]ne-?time|[Rr]etired|[Oo]usted|[Dd]eposed|[Ee]xiled|[Tt]oppled|[Ee]rstwhile"
    r"|(?<!of )(?<!in )[Ll]ate) |\b[Ee]x-|\bthen-)$"
)
_PAIRED = re.compile(r"(?<![\w-])(?!(?:Anti|Pro|Non|Post|Pre|Ex|Former|Sino)-)[A-Z][\w.]*-$")
_STATE = 3
_TITLED = frozenset({"name", "demonym", "metonym"})
_GIVEN = re.compile(r"(?<![.!?:“\"]\s)\b([A-Z][a-zé]+)\s$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of an actor in a document."""

    code: str
    start: int
    end: int
    text: str
    rule: str
    """name, demonym, capital, metonym, place, office, pronoun or pair."""
    role: str | None = None
    """The office of the person named, or of the title that stands with a state's name."""
    seat: str | None = None
    """Where it sits, if not in a state of its own: a metonym's city, an armed group's base."""

    @property
    def acts(self) -> bool:
        """Places locate an event; everything else may act."""
        return self.rule != "place"


@dataclass(frozen=True, slots=True)
class _Sense:
    code: str
    rule: str
    office: Office | None = None


class Gazetteer:
    """All names of the ontology in one automaton."""

    def __init__(self, ontology: Ontology) -> None:
        senses: dict[str, list[_Sense]] = {}
        for actor in ontology.actors.values():
            for name, sense in _names(actor):
                if sense not in senses.setdefault(name, []):
                    senses[name].append(sense)
        self._bases = {actor.code: actor.base for actor in ontology.actors.values()}
        self._names = sorted(senses)
        self._senses = [tuple(senses[name]) for name in self._names]
        self._automaton: Any = ahocorasick_rs.AhoCorasick(
            self._names, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        self._titles = frozenset(
            word for a in ontology.actors.values() for o in a.offices for word in o.role.lower().split()
        )

    def find(self, text: str, day: date) -> list[Mention]:
        """List mentions in order; persons count only while in office on `day`."""
        found = []
        for index, start, end in self._automaton.find_matches_as_indexes(text):
            if not _bounded(text, start, end):
                continue
            if (mention := self._resolve(self._senses[index], text, start, end, day)) is not None:
                found.append(mention)
        others = {m.text for m in found if is_namesake(text, m.start, m.text)}
        return [m for m in found if m.text not in others] if others else found

    def land(self, name: str) -> str | None:
        """The state that a name is, or in which it lies; None for what several share or nobody knows."""
        at = bisect_left(self._names, name)
        if at == len(self._names) or self._names[at] != name:
            return None
        senses = [s for s in self._senses[at] if s.rule in ("name", "capital", "place")]
        senses = [s for s in senses if s.rule == "capital"] or senses
        found = {s.code for s in senses if len(s.code) == _STATE}
        return found.pop() if len(found) == 1 else None

    def _resolve(
        self, senses: tuple[_Sense, ...], text: str, start: int, end: int, day: date
    ) -> Mention | None:
        name = text[start:end]
        standing = [s for s in senses if s.office is None]
        held = [s for s in senses if s.office is not None and s.office.held(day)]
        if held and not standing:
            return self._person(held, text, start, end, name)
        seat = next((s.code for s in standing if s.rule == "capital"), None)
        if any(s.rule == "metonym" for s in standing):
            standing = [s for s in standing if s.rule != "capital"]  # Brussels acts as the Union
        codes = {s.code for s in standing if s.rule != "place"} or {s.code for s in standing}
        if len(codes) != 1:
            return None  # Congo, Korea: two actors and nothing to choose by
        sense = next(s for s in standing if s.code in codes)
        if _OUT_OF_OFFICE.search(text[max(0, start - 12) : start]):
            return None
        role = None
        if sense.rule in _TITLED:
            role = title_beside(text, start, end, adjective=sense.rule == "demonym")
        return Mention(sense.code, start, end, name, sense.rule, role, seat or self._bases[sense.code])

    def _person(self, held: list[_Sense], text: str, start: int, end: int, name: str) -> Mention | None:
        before = text[max(0, start - 40) : start]
        if _FORMER.search(before):
            return None
        given = _GIVEN.search(before)
        if (
            " " not in name
            and given
            and given.group(1).lower() not in self._titles
            and not _titled(given.group(1))
        ):
            return None  # another bearer of the surname: Eric Trump
        if len({sense.code for sense in held}) != 1:
            return None
        sense = held[0]
        return Mention(sense.code, start, end, name, "office", sense.office.role if sense.office else None)


def codes(mentions: Iterable[Mention]) -> set[str]:
    """The distinct actors that could act."""
    return {mention.code for mention in mentions if mention.acts}


def _names(actor: Actor) -> Iterable[tuple[str, _Sense]]:
    for name in (actor.name, *actor.aliases):
        yield name, _Sense(actor.code, "name")
        if "'" in name:
            yield name.replace("'", "’"), _Sense(actor.code, "name")
    for name in actor.demonyms:
        yield name, _Sense(actor.code, "demonym")
    if actor.capital and actor.capital != actor.name:
        yield actor.capital, _Sense(actor.code, "capital")
    for name in actor.metonyms:
        yield name, _Sense(actor.code, "metonym")
    for name in actor.places:
        yield name, _Sense(actor.code, "place")
    for office in actor.offices:
        for name in (office.person, *office.spellings):
            yield name, _Sense(actor.code, "office", office)


def _bounded(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == "-" and _PAIRED.search(text[max(0, start - 20) : start]):
        before = ""  # Russia-US talks, but not pro-Russian ones
    return not (before.isalnum() or after.isalnum() or (before and before in "-@#") or after == "@")


def _titled(word: str) -> bool:
    return word in {
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "President",
        "Premier",
        "Chancellor",
        "Minister",
        "Secretary",
        "King",
        "Leader",
    }

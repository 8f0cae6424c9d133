"""An ontology and coalitions in; what contradicts itself or can never matter out, with file and line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from pipeline.ontology.actor import Actor, Office
from pipeline.ontology.coalition import Coalition
from pipeline.ontology.load import Ontology

OLDEST = date(2020, 1, 1)
"""No text that we read is older."""
SHARED = frozenset(
    "Congo Congolese Dominican Dominicans Korean Koreans".split()
)  # two actors bear them for good: they are taken for neither
EXCLUSIVE = frozenset(
    {
        *("president", "king", "queen", "emperor", "emir", "sultan"),
        *("prime minister", "chancellor", "premier"),
        *("foreign minister", "foreign secretary", "secretary of state"),
        *("defence minister", "defence secretary"),
    }
)
"""Offices that one person of a state holds at a time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend (error) or to look at (warning)."""

    error: bool
    place: str
    """'file:line', or the coalition's name."""
    told: str

    def __str__(self) -> str:
        return f"{self.place}: {'error' if self.error else 'warning'}: {self.told}"


def check_ontology(ontology: Ontology, coalitions: Iterable[Coalition] = ()) -> list[Finding]:
    """List every finding, errors first, then by place."""
    found = [
        *_shared_names(ontology),
        *_shared_persons(ontology),
        *_hidden_persons(ontology),
        *(finding for actor in ontology.actors.values() for finding in _actor(ontology, actor)),
        *_coalitions(ontology, coalitions),
    ]
    return sorted(set(found), key=lambda f: (not f.error, f.place, f.told))


def ungrounded(ontology: Ontology) -> tuple[int, int]:
    """Count the offices that no text of ours shows, and all offices."""
    offices = [office for actor in ontology.actors.values() for office in actor.offices]
    return sum(not office.grounded for office in offices), len(offices)


def _named(actor: Actor) -> Iterator[tuple[str, str]]:
    """Names that stand for an actor on any day, with the list that gives each."""
    yield actor.name, "name"
    yield from ((name, "aliases") for name in actor.aliases)
    yield from ((name, "demonyms") for name in actor.demonyms)
    yield from ((name, "metonyms") for name in actor.metonyms)
    if actor.capital is not None and actor.capital != actor.name:
        yield actor.capital, "capital"
    yield from ((name, "places") for name in actor.places)


def _shared_names(ontology: Ontology) -> Iterator[Finding]:
    """A name of two actors is nobody's; a place or capital that is another's name never counts."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for actor in ontology.actors.values():
        for name, kind in _named(actor):
            owners[name].setdefault(actor.code, kind)
    for name, kinds in sorted(owners.items()):
        acting = [code for code, kind in kinds.items() if kind != "places"]
        if any(kinds[code] == "metonyms" for code in acting):
            acting = [code for code in acting if kinds[code] != "capital"]
        first, *others = acting or list(kinds)
        for code in others if acting and name not in SHARED else []:
            yield _finding(ontology, code, name, f"{name!r} names {first} too: it is taken for neither")
        for code in kinds if acting else []:
            if kinds[code] == "places":
                told = f"the place {name!r} never counts, as {first} is called so"
                yield _finding(ontology, code, name, told, error=False)


def _shared_persons(ontology: Ontology) -> Iterator[Finding]:
    """A person name in office for two actors on one day is nobody's."""
    holders: dict[str, list[tuple[str, Office]]] = defaultdict(list)
    for actor in ontology.actors.values():
        for office in actor.offices:
            for name in {office.person, *office.spellings}:
                holders[name].append((actor.code, office))
    for name, held in sorted(holders.items()):
        for (code, one), (other, two) in combinations(held, 2):
            if code != other and _days(one, two) > 0:
                told = f"{name!r} is in office for {code} ({one.role}) on the same days: choose one"
                yield _office(ontology, other, two, told)


def _hidden_persons(ontology: Ontology) -> Iterator[Finding]:
    """A person's name that is also a state's or a place's never stands for the person."""
    standing = {name: actor.code for actor in ontology.actors.values() for name, _ in _named(actor)}
    for actor in ontology.actors.values():
        for office in actor.offices:
            for name in (office.person, *office.spellings):
                if name in standing:
                    told = f"{name!r} never stands for this person, as it names {standing[name]}"
                    yield _office(ontology, actor.code, office, told, error=False)


def _actor(ontology: Ontology, actor: Actor) -> Iterator[Finding]:
    names = [name for name, _ in _named(actor)]
    for name in {name for name in names if names.count(name) > 1}:
        yield _finding(ontology, actor.code, name, f"{name!r} stands here twice: keep one", error=False)
    if actor.kind == "group" and not actor.members and not _left_out(ontology, actor):
        yield _finding(ontology, actor.code, "code:", "the group has no members: list them", error=False)
    for office in actor.offices:
        if office.until is not None and office.until < OLDEST:
            told = f"{office.person} left before {OLDEST.year}: no text can mean this office"
            yield _office(ontology, actor.code, office, told, error=False)
        if twice := {n for n in office.spellings if (office.person, *office.spellings).count(n) > 1}:
            told = f"{', '.join(sorted(twice))} is spelled so twice: keep one"
            yield _office(ontology, actor.code, office, told, error=False)
    yield from _overlaps(ontology, actor)


def _left_out(ontology: Ontology, actor: Actor) -> bool:
    """Tell whether a file says on purpose that members are not listed."""
    return "\nmembers: []" in ontology.sources[actor.code].text


def _overlaps(ontology: Ontology, actor: Actor) -> Iterator[Finding]:
    held = [office for office in actor.offices if office.role in EXCLUSIVE and actor.kind == "state"]
    for one, two in combinations(held, 2):
        if one.role == two.role and _days(one, two) > 1:
            told = f"{two.person} and {one.person} are both {one.role} on the same days: mend the dates"
            yield _office(ontology, actor.code, two, told)


def _coalitions(ontology: Ontology, coalitions: Iterable[Coalition]) -> Iterator[Finding]:
    for coalition in coalitions:
        for code in sorted({m.code for m in coalition.members} - set(ontology.actors)):
            yield Finding(True, f"coalition {coalition.name}", f"add an actor with the code {code}")


def _days(one: Office, two: Office) -> int:
    """On how many days both are held; the day on which one hands over to the other counts as one."""
    start = max(one.since or date.min, two.since or date.min)
    end = min(one.until or date.max, two.until or date.max)
    return max(0, (end - start + timedelta(days=1)).days) if start <= end else 0


def _finding(ontology: Ontology, code: str, word: str, told: str, error: bool = True) -> Finding:
    return Finding(error, ontology.sources[code].at(word), told)


def _office(ontology: Ontology, code: str, office: Office, told: str, error: bool = True) -> Finding:
    number = ontology.actors[code].offices.index(office)
    return Finding(error, ontology.sources[code].at("person:", number), told)

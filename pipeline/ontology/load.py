"""Concept files in YAML in, one checked Ontology out, or every fault as 'file:line: what to do'."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.contract.errors import ConfigError
from pipeline.contract.event import ACTOR_CODE, EventType
from pipeline.ontology.actor import Actor, Membership, Office
from pipeline.ontology.eventtype import Trigger, TypeSpec
from pipeline.ontology.source import Source
from pipeline.ontology.yamlfile import check_model
from pipeline.shipped import require_shipped

_Host = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]


@dataclass(frozen=True, slots=True)
class Ontology:
    """Everything that extraction knows beforehand."""

    actors: Mapping[str, Actor]
    types: Mapping[EventType, TypeSpec]
    version: str
    """Hash of all concept files, 12 hex digits."""
    sources: Mapping[str, Source]
    """The file of each actor."""

    def host(self, host: str) -> str | None:
        """Name the actor for which a web host speaks: that of its longest known parent domain.

        >>> load_ontology().host("www.fmprc.gov.cn"), load_ontology().host("example.org")
        ('CHN', None)
        """
        owners = {known: code for code, actor in self.actors.items() for known in actor.hosts}
        labels = host.lower().rstrip(".").split(".")
        domains = (".".join(labels[start:]) for start in range(len(labels)))
        return next((owners[domain] for domain in domains if domain in owners), None)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class _Dated(_Strict):
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> _Dated:
        if self.since and self.until and self.until < self.since:
            raise ValueError("'to' lies before 'from'")
        return self


class _OfficeText(_Dated):
    person: str = Field(min_length=2)
    spellings: tuple[str, ...] = ()
    role: str = Field(min_length=2)
    ground: str | None = None
    unverified: bool = False

    @model_validator(mode="after")
    def _grounded(self) -> _OfficeText:
        if (self.ground is None) != self.unverified:
            raise ValueError("give 'ground' or 'unverified: true'")
        return self


class _MemberText(_Dated):
    state: str = Field(pattern=ACTOR_CODE)


class _ActorText(_Strict):
    code: str = Field(pattern=ACTOR_CODE)
    kind: Literal["state", "group", "nonstate"]
    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capital: str | None = None
    metonyms: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    hosts: tuple[_Host, ...] = ()
    base: str | None = None
    offices: tuple[_OfficeText, ...] = ()
    members: tuple[_MemberText, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.code

    def actor(self) -> Actor:
        """The same as a plain value."""
        return Actor(
            self.code, self.kind, self.name, self.aliases, self.demonyms, self.capital, self.metonyms,
            self.places,
            tuple(
                Office(o.person, o.spellings, o.role, o.since, o.until, not o.unverified)
                for o in self.offices
            ),
            tuple(Membership(m.state, m.since, m.until) for m in self.members), self.base,
            self.hosts,
        )  # fmt: skip


class _TriggerText(_Strict):
    words: tuple[str, ...] = Field(min_length=1)
    at: tuple[str, ...] = Field(min_length=1)
    mode: str | None = None
    needs: tuple[str, ...] = ()
    deep: bool = False
    people: bool = False
    unless: tuple[str, ...] = ()
    told: bool = False
    site: bool = False
    by: tuple[str, ...] = ("by",)

    def trigger(self) -> Trigger:
        """The same as a plain value."""
        return Trigger(
            self.words,
            self.at,
            self.mode,
            frozenset(self.needs),
            self.deep,
            self.people,
            frozenset(self.unless),
            self.told,
            self.site,
            self.by,
        )


class _TypeText(_Strict):
    type: EventType
    cameo_root: str = Field(pattern=r"^(0[1-9]|1\d|20)$")
    goldstein: float = Field(ge=-10, le=10)
    modes: dict[str, float] = {}
    verbs: tuple[_TriggerText, ...] = ()
    nouns: tuple[_TriggerText, ...] = ()
    adjectives: tuple[_TriggerText, ...] = ()
    joint: tuple[str, ...] = ()
    military: tuple[str, ...] = ()
    humanitarian: tuple[str, ...] = ()
    grievances: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _modes_exist(self) -> _TypeText:
        for trigger in (*self.verbs, *self.nouns, *self.adjectives):
            if trigger.mode is not None and trigger.mode not in self.modes:
                raise ValueError(f"the mode {trigger.mode!r} of {trigger.words[0]!r} is not among 'modes'")
        return self

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.type

    def spec(self) -> TypeSpec:
        """The same as a plain value."""
        return TypeSpec(
            self.type, self.cameo_root, self.goldstein, self.modes,
            tuple(t.trigger() for t in self.verbs), tuple(t.trigger() for t in self.nouns),
            tuple(t.trigger() for t in self.adjectives),
            frozenset(self.joint), frozenset(self.military), frozenset(self.humanitarian),
            frozenset(self.grievances),
        )  # fmt: skip


T = TypeVar("T", _ActorText, _TypeText)


@dataclass(frozen=True, slots=True)
class _Found(Generic[T]):
    """A checked concept and the file that gives it."""

    value: T
    source: Source


def load_ontology(overlay: Path | None = None) -> Ontology:
    """Load what the package ships; `overlay`/actors and `overlay`/types add to it or replace by code.

    Raises ConfigError that lists every fault of every file, clashes between files included, and
    AlteredFileError where a file of the package is not the one that was shipped.
    """
    for folder in ("actors", "types"):
        require_shipped(f"pipeline/ontology/{folder}")
    faults: list[str] = []
    digest = hashlib.sha256()
    actors: dict[str, _Found[_ActorText]] = {}
    types: dict[str, _Found[_TypeText]] = {}
    for root, prefix in ((resources.files("pipeline.ontology"), ""), (overlay, f"{overlay}/")):
        if root is not None:
            actors |= _read(root / "actors", f"{prefix}actors", _ActorText, digest, faults)
            types |= _read(root / "types", f"{prefix}types", _TypeText, digest, faults)
    faults += [f"types:1: add the event type {kind}" for kind in EventType if kind not in types]
    faults += _clashes(actors)
    if faults:
        raise ConfigError(faults)
    return Ontology(
        {code: actors[code].value.actor() for code in sorted(actors)},
        {EventType(kind): types[kind].value.spec() for kind in sorted(types)},
        digest.hexdigest()[:12],
        {code: actors[code].source for code in sorted(actors)},
    )


def _read(
    folder: Traversable, name: str, model: type[T], digest: hashlib._Hash, faults: list[str]
) -> dict[str, _Found[T]]:
    """Check every file below a folder; one code may be given once."""
    found: dict[str, _Found[T]] = {}
    for file, text in _texts(folder, ""):
        digest.update(f"{folder.name}{file}\n{text}".encode())
        value = check_model(model, name + file, text, faults)
        if value is None:
            continue
        item = _Found(value, Source(name + file, text))
        if value.key in found:
            other = found[value.key].source.file
            faults.append(f"{item.source.at(value.key)}: {value.key} stands in {other} too: keep one")
        found[value.key] = item
    return found


def _clashes(actors: Mapping[str, _Found[_ActorText]]) -> list[str]:
    """Faults that no file has alone: a name for two actors, a member that is no actor."""
    faults: list[str] = []
    named: dict[str, str] = {}
    hosted: dict[str, str] = {}
    for code, item in sorted(actors.items()):
        other = named.setdefault(item.value.name, code)
        if other != code:
            faults.append(
                f"{item.source.at('name:')}: {item.value.name!r} already names {other}: choose another name"
            )
        for host in item.value.hosts:
            if (other := hosted.setdefault(host, code)) != code:
                faults.append(f"{item.source.at(host)}: {host} speaks for {other} already: remove one")
        for state in (*(member.state for member in item.value.members), item.value.base):
            if state is not None and state not in actors:
                faults.append(
                    f"{item.source.at(state)}: add an actor with the code {state}, or remove it here"
                )
    return faults


def _texts(folder: Traversable, name: str) -> list[tuple[str, str]]:
    if not folder.is_dir():
        return []
    found: list[tuple[str, str]] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            found += _texts(item, f"{name}/{item.name}")
        elif item.name.endswith(".yaml"):
            found.append((f"{name}/{item.name}", item.read_text(encoding="utf-8")))
    return found

"""Concept files in YAML in, one checked Ontology out, or every fault as 'file:line: what to do'."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.contract.errors import ConfigError
from pipeline.contract.event import EventType
from pipeline.ontology.actor import Actor, Membership, Office
from pipeline.ontology.eventtype import Trigger, TypeSpec
from pipeline.ontology.yamlfile import check_model

_CODE = r"^([A-Z]{3}|(IGO|NSA):[A-Z0-9]+)$"


@dataclass(frozen=True, slots=True)
class Ontology:
    """Everything that extraction knows beforehand."""

    actors: Mapping[str, Actor]
    types: Mapping[EventType, TypeSpec]
    version: str
    """Hash of all concept files, 12 hex digits."""


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
    state: str = Field(pattern=_CODE)


class _ActorText(_Strict):
    code: str = Field(pattern=_CODE)
    kind: Literal["state", "group", "nonstate"]
    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capital: str | None = None
    metonyms: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    base: str | None = None
    offices: tuple[_OfficeText, ...] = ()
    members: tuple[_MemberText, ...] = ()

    def actor(self) -> Actor:
        """The same as a plain value."""
        return Actor(
            self.code, self.kind, self.name, self.aliases, self.demonyms, self.capital, self.metonyms,
            self.places,
            tuple(Office(o.person, o.spellings, o.role, o.since, o.until) for o in self.offices),
            tuple(Membership(m.state, m.since, m.until) for m in self.members), self.base,
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

    def spec(self) -> TypeSpec:
        """The same as a plain value."""
        return TypeSpec(
            self.type, self.cameo_root, self.goldstein, self.modes,
            tuple(t.trigger() for t in self.verbs), tuple(t.trigger() for t in self.nouns),
            tuple(t.trigger() for t in self.adjectives),
            frozenset(self.joint), frozenset(self.military), frozenset(self.humanitarian),
            frozenset(self.grievances),
        )  # fmt: skip


def load_ontology(overlay: Path | None = None) -> Ontology:
    """Load what the package ships; `overlay`/actors and `overlay`/types add to it or replace by code.

    Raises ConfigError that lists every fault of every file.
    """
    shipped = resources.files("pipeline.ontology")
    faults: list[str] = []
    digest = hashlib.sha256()
    actors: dict[str, Actor] = {}
    types: dict[EventType, TypeSpec] = {}
    for root in (shipped, *([overlay] if overlay else [])):
        for name, text in _texts(root / "actors", "actors"):
            digest.update(f"{name}\n{text}".encode())
            if (actor := check_model(_ActorText, name, text, faults)) is not None:
                actors[actor.code] = actor.actor()
        for name, text in _texts(root / "types", "types"):
            digest.update(f"{name}\n{text}".encode())
            if (kind := check_model(_TypeText, name, text, faults)) is not None:
                types[kind.type] = kind.spec()
    faults += [f"types:1: add the event type {kind}" for kind in EventType if kind not in types]
    if faults:
        raise ConfigError(faults)
    return Ontology(dict(sorted(actors.items())), dict(sorted(types.items())), digest.hexdigest()[:12])


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

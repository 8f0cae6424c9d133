"""Actors as the ontology knows them: states, groups and armed groups, with dated offices and memberships."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Office:
    """A person in an office, from `since` to `until` (both included; None is unbounded)."""

    person: str
    spellings: tuple[str, ...]
    role: str
    since: date | None
    until: date | None
    grounded: bool = True
    """Whether a text that we hold shows the person in the office."""

    def held(self, day: date) -> bool:
        """Tell whether the person holds it on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Membership:
    """A state in a group, from `since` to `until` (both included; None is unbounded)."""

    state: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Actor:
    """One concept file: how an actor is named, where it sits, who speaks for it."""

    code: str
    """ISO 3166 alpha-3, or IGO:… or NSA:…."""
    kind: str
    """state, group or nonstate."""
    name: str
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capital: str | None = None
    metonyms: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()
    members: tuple[Membership, ...] = ()
    base: str | None = None
    """Where an armed group mainly is, alpha-3."""
    hosts: tuple[str, ...] = ()
    """Web hosts that speak for it; sub-domains belong to them."""

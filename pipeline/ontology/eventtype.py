"""Event types as the ontology knows them: PLOVER type, Goldstein intensities, and the words that tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.contract.event import EventType


@dataclass(frozen=True, slots=True)
class Trigger:
    """Words that tell an act, and where in the sentence the other side stands."""

    words: tuple[str, ...]
    """Lemmas; a particle follows after an underscore, as in shoot_down."""
    at: tuple[str, ...]
    """Where the target stands: object, dative, or a preposition."""
    mode: str | None = None
    needs: frozenset[str] = frozenset()
    """Lemmas one of which has to stand in the object; empty when none is needed."""
    deep: bool = False
    """Whether the target may stand inside the object: condemned *Israel's* strikes."""
    people: bool = False
    """Whether the target has to be a person or office holder: received the *minister*."""
    unless: frozenset[str] = frozenset()
    """Lemmas none of which may stand with it: hit with *sanctions*."""
    told: bool = False
    """For nouns: whether a verb has to carry it: *signed* a pact, but not a mere mention of the pact."""
    site: bool = False
    """Whether a place may stand for its state as the target: struck the port *of Odesa*."""
    by: tuple[str, ...] = ("by",)
    """For nouns: prepositions after which the one who acts stands: a call *from* Tehran."""


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """One event type."""

    type: EventType
    cameo_root: str
    goldstein: float
    modes: Mapping[str, float]
    verbs: tuple[Trigger, ...]
    nouns: tuple[Trigger, ...]
    adjectives: tuple[Trigger, ...]
    joint: frozenset[str]
    """Verbs that two subjects can do with each other without an object: X and Y *met*."""
    military: frozenset[str]
    """Object lemmas that make it military."""
    humanitarian: frozenset[str]
    """Object lemmas that make it humanitarian."""

    grievances: frozenset[str] = frozenset()
    """Words that blame when said of another's doing: *violates*, *reckless*."""

    def intensity(self, mode: str | None) -> float:
        """Goldstein intensity of a mode, or of the type."""
        return self.modes.get(mode, self.goldstein) if mode else self.goldstein

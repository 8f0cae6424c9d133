"""What a subscriber asks for: the name of a topic and filters in; a topic and a test of records out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.client.errors import SubscriptionError
from pipeline.contract.event import Event
from pipeline.contract.record import Record
from pipeline.contract.signal import Alert, Bloc, Drift
from pipeline.contract.topics import TOPICS, Topic

Wanted = str | Iterable[str] | None
"""One value, several of which one must fit, or None for any."""

_PREFIX, _SUFFIX = "coalition.", ".v1"
SHORT_NAMES = {topic.name.removeprefix(_PREFIX).removesuffix(_SUFFIX): topic for topic in TOPICS}
"""`metrics` for `coalition.metrics.v1`, and so on."""


def topic_of(name: str) -> Topic:
    """Find a topic by its short or full name; SubscriptionError names those that there are.

    >>> topic_of("metrics").name
    'coalition.metrics.v1'
    """
    for short, topic in SHORT_NAMES.items():
        if name in (short, topic.name):
            return topic
    raise SubscriptionError(f"no topic {name!r}; there are {', '.join(SHORT_NAMES)}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records of a topic are wanted; None wants any."""

    coalition: frozenset[str] | None = None
    dyad: frozenset[str] | None = None
    actor: frozenset[str] | None = None
    type: frozenset[str] | None = None
    view: frozenset[str] | None = None

    def fits(self, record: Record) -> bool:
        """Tell whether a record is wanted by every filter that is set."""
        return all(
            wanted is None or wanted & _READ[name](record)
            for name, wanted in ((name, getattr(self, name)) for name in _READ)
        )


def choice_for(topic: Topic, **filters: Wanted) -> Choice:
    """Build a choice; SubscriptionError for a filter that says nothing about the topic's records.

    Dyads may be written in either order, and codes in any case.
    """
    sets = {}
    for name, wanted in filters.items():
        if wanted is None:
            continue
        values = [wanted] if isinstance(wanted, str) else list(wanted)
        if topic.name not in _GIVEN[name]:
            able = ", ".join(short for short, one in SHORT_NAMES.items() if one.name in _GIVEN[name])
            raise SubscriptionError(f"records of {topic.name} have no {name}; those of {able} do")
        sets[name] = frozenset(_NORMAL[name](value) for value in values)
    return Choice(**sets)


def _dyad(text: str) -> str:
    """Write a dyad as keys do: upper case, in alphabetical order."""
    codes = [code.strip().upper() for code in text.split("|")]
    if len(codes) != 2 or not all(codes):
        raise SubscriptionError(f"a dyad is written like 'CHN|RUS', not {text!r}")
    return "|".join(sorted(codes))


def _upper(text: str) -> str:
    return text.strip().upper()


def _exactly(text: str) -> str:
    return text


def _coalitions(record: Any) -> frozenset[str]:
    if isinstance(record, Alert):
        return frozenset({record.subject.partition("|")[0]}) if record.kind == "drift" else frozenset()
    return frozenset({record.coalition})


def _dyads(record: Any) -> frozenset[str]:
    return frozenset({record.subject if isinstance(record, Alert) else record.dyad})


def _actors(record: Any) -> frozenset[str]:
    if isinstance(record, Event):
        return frozenset({record.source.code, record.target.code})
    if isinstance(record, Drift):
        return frozenset({record.state})
    if isinstance(record, Bloc):
        return frozenset(record.members)
    if isinstance(record, Alert):
        return frozenset(record.subject.split("|"))
    return frozenset(record.members if hasattr(record, "members") else record.dyad.split("|"))


def _types(record: Any) -> frozenset[str]:
    kind = record.kind if isinstance(record, Alert) else record.type
    return frozenset({str(kind).upper()})


def _views(record: Any) -> frozenset[str]:
    return frozenset({record.view})


_READ: dict[str, Callable[[Any], frozenset[str]]] = {
    "coalition": _coalitions, "dyad": _dyads, "actor": _actors, "type": _types, "view": _views,
}  # fmt: skip
_NORMAL: dict[str, Callable[[str], str]] = {
    "coalition": _exactly, "dyad": _dyad, "actor": _upper, "type": _upper, "view": _exactly,
}  # fmt: skip


def _named(*short: str) -> frozenset[str]:
    return frozenset(SHORT_NAMES[name].name for name in short)


_GIVEN = {
    "coalition": _named("metrics", "metrics-history", "drift", "alerts"),
    "dyad": _named("events", "dyads", "alerts"),
    "actor": _named("events", "dyads", "metrics", "metrics-history", "drift", "blocs", "alerts"),
    "type": _named("events", "alerts"),
    "view": _named("dyads", "metrics", "metrics-history"),
}

"""The topics that should be, against the topics that are: compare, create, mend. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from pipeline.transport.connection import Broker, client_arguments
from pipeline.transport.refusal import failure

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Layout:
    """One topic as it should be."""

    partitions: int
    replication: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the broker differs, in words; `mendable` tells whether `apply` can help."""

    topic: str
    words: str
    mendable: bool = True


def compare(broker: Broker, wanted: Mapping[str, Layout]) -> list[Difference]:
    """List every difference between `wanted` and the broker, in order of topic."""
    with admin_client(broker) as admin:
        return _differences(admin, wanted)


def apply(broker: Broker, wanted: Mapping[str, Layout]) -> list[Difference]:
    """Create missing topics, add partitions, set configs; returns what was different before."""
    with admin_client(broker) as admin:
        before = _differences(admin, wanted)
        present = set(admin.list_topics())
        missing = {
            name: {
                "num_partitions": layout.partitions,
                "replication_factor": layout.replication,
                "configs": dict(layout.configs),
            }
            for name, layout in wanted.items()
            if name not in present
        }
        if missing:
            admin.create_topics(missing, wait_for_metadata=True)
        grown = {name: wanted[name].partitions for name in _too_few(admin, wanted)}
        if grown:
            admin.create_partitions(grown)
        changed = {d.topic for d in before if d.mendable and d.topic in present}
        if changed:
            admin.alter_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, n, configs=dict(wanted[n].configs))
                    for n in sorted(changed)
                ]
            )
        return before


def _differences(admin: Any, wanted: Mapping[str, Layout]) -> list[Difference]:
    present = set(admin.list_topics())
    found: list[Difference] = []
    counts = _partitions(admin, sorted(present & set(wanted)))
    for name, layout in sorted(wanted.items()):
        if name not in present:
            found.append(Difference(name, f"missing; wanted {layout.partitions} partition(s)"))
            continue
        have = counts[name]
        if have != layout.partitions:
            words = f"{have} partition(s), wanted {layout.partitions}"
            found.append(Difference(name, words, mendable=have < layout.partitions))
        actual = _configs(admin, name)
        for key, value in sorted(layout.configs.items()):
            if actual.get(key) != value:
                found.append(Difference(name, f"{key} is {actual.get(key)}, wanted {value}"))
    return found


def _too_few(admin: Any, wanted: Mapping[str, Layout]) -> list[str]:
    counts = _partitions(admin, sorted(wanted))
    return [name for name, count in counts.items() if count < wanted[name].partitions]


def _partitions(admin: Any, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    return {entry["name"]: len(entry["partitions"]) for entry in admin.describe_topics(names)}


def _configs(admin: Any, name: str) -> dict[str, str | None]:
    answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
    (topics,) = answer.values()
    return {key: entry["value"] for key, entry in topics[name].items()}


@contextmanager
def admin_client(broker: Broker) -> Iterator[Any]:
    try:
        admin = KafkaAdminClient(**client_arguments(broker), bootstrap_timeout_ms=10_000)
    except KafkaError as error:
        raise failure(broker, error) from error
    try:
        yield admin
    except KafkaError as error:
        raise failure(broker, error, "asking of the broker what an administrator asks") from error
    finally:
        admin.close()

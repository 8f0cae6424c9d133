"""config/acls.yaml in; who may do what on the broker out, or every fault with file and line.

Names are whole names: no wildcard, no prefix, no "all".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.contract.errors import ConfigError
from pipeline.ontology.yamlfile import Path, check_model, read_yaml

Kind = Literal["topic", "group", "transactional_id", "cluster"]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=249)]
_OnTopic = Literal["read", "write", "create", "alter", "alter_configs", "describe", "describe_configs"]
_OnGroup = Literal["read", "describe"]
_OnTransactions = Literal["write", "describe"]
_OnCluster = Literal["describe"]
CLUSTER = "kafka-cluster"
"""The name by which Kafka's ACLs call the cluster."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One operation that a principal may do on one thing, from any address."""

    principal: str
    """Name of a user; Kafka calls it User:NAME."""
    kind: Kind
    name: str
    operation: str

    def told(self) -> str:
        """Read it out.

        >>> Grant("poller", "topic", "coalition.articles.v1", "write").told()
        'User:poller may write topic coalition.articles.v1'
        """
        return f"User:{self.principal} may {self.operation} {self.kind} {self.name}"


class _Principal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: dict[_Name, Annotated[list[_OnTopic], Field(min_length=1)]] = {}
    groups: dict[_Name, Annotated[list[_OnGroup], Field(min_length=1)]] = {}
    transactional_ids: dict[_Name, Annotated[list[_OnTransactions], Field(min_length=1)]] = {}
    cluster: list[_OnCluster] = []


class _AclsFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    principals: dict[_Name, _Principal] = Field(min_length=1)


def load_grants(name: str, text: str, topics: Collection[str] | None) -> frozenset[Grant]:
    """Read the file's text; raises ConfigError that lists every fault, also what `topics` lacks."""
    faults: list[str] = []
    found = check_model(_AclsFile, name, text, faults)
    grants: set[Grant] = set()
    file = read_yaml(name, text, [])
    for principal, rights in (found.principals if found else {}).items():
        for grant, path in _each(principal, rights):
            at = file.at(("principals", principal, *path))
            if grant.kind == "topic" and topics is not None and grant.name not in topics:
                faults.append(f"{at}: there is no topic {grant.name!r} in topics.yaml")
            if grant in grants:
                faults.append(f"{at}: {grant.told()} stands here twice")
            grants.add(grant)
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    return frozenset(grants)


def _each(principal: str, rights: _Principal) -> Iterator[tuple[Grant, Path]]:
    for topic, on_topic in rights.topics.items():
        for operation in on_topic:
            yield Grant(principal, "topic", topic, operation), ("topics", topic)
    for group, on_group in rights.groups.items():
        for what in on_group:
            yield Grant(principal, "group", group, what), ("groups", group)
    for transactional_id, writing in rights.transactional_ids.items():
        for verb in writing:
            yield (
                Grant(principal, "transactional_id", transactional_id, verb),
                ("transactional_ids", transactional_id),
            )
    for word in rights.cluster:
        yield Grant(principal, "cluster", CLUSTER, word), ("cluster",)

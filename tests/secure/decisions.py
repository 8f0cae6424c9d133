"""A broker's log in; what its authorizer was asked for, allowed and denied, out."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.grants import Grant, Kind

_DECISION = re.compile(
    r"Principal = User:(\S+) is (Allowed|Denied) operation = (\w+) from host = \S+ "
    r"on resource = (Topic|Group|Cluster|TransactionalId):LITERAL:(\S+) for request"
)

_KINDS: dict[str, Kind] = {
    "Topic": "topic", "Group": "group", "Cluster": "cluster", "TransactionalId": "transactional_id",
}  # fmt: skip


def decisions(log: Path, since: int) -> tuple[set[Grant], set[Grant]]:
    """What was allowed and what was denied, behind the first `since` bytes."""
    allowed: set[Grant] = set()
    denied: set[Grant] = set()
    for who, verdict, operation, kind, name in _DECISION.findall(
        log.read_bytes()[since:].decode(errors="replace")
    ):
        (allowed if verdict == "Allowed" else denied).add(Grant(who, _KINDS[kind], name, operation.lower()))
    return allowed, denied

"""The grants that should be, against a broker's ACLs: compare, grant, take back; and users with passwords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import ClusterAuthorizationFailedError, SecurityDisabledError

from pipeline.contract.errors import DependencyError
from pipeline.grants import Grant
from pipeline.transport.connection import Broker, address
from pipeline.transport.layout import admin_client
from pipeline.transport.refusal import failure

_ITERATIONS = 8192
"""Of SCRAM; Kafka asks for 4096 at least."""


@dataclass(frozen=True, slots=True)
class AclDifference:
    """One way in which the broker differs; `missing` ones can be granted, `ours` taken back."""

    words: str
    missing: bool
    ours: bool = True
    """Whether it is about a principal of acls.yaml."""


def compare(broker: Broker, wanted: Iterable[Grant]) -> list[AclDifference]:
    """List what is missing, and what is there beyond `wanted`: of its principals, or on its things.

    Raises DependencyError where the broker has no authorizer, RefusedError where we may not look.
    """
    with admin_client(broker) as admin:
        missing, beyond, foreign = _sorted(_present(admin, broker), frozenset(wanted))
        return [
            *(AclDifference(f"missing: {_told(acl)}", missing=True) for acl in missing),
            *(AclDifference(f"beyond acls.yaml: {_told(acl)}", missing=False) for acl in beyond),
            *(AclDifference(f"of others: {_told(acl)}", missing=False, ours=False) for acl in foreign),
        ]


def apply(broker: Broker, wanted: Iterable[Grant], *, prune: bool = False) -> list[AclDifference]:
    """Grant what is missing, with `prune` take back what our principals have beyond; returns what was."""
    before = compare(broker, wanted)
    with admin_client(broker) as admin:
        missing, beyond, _ = _sorted(_present(admin, broker), frozenset(wanted))
        if missing:
            for refused in admin.create_acls(missing)["failed"]:
                raise failure(broker, refused(), "granting")
        if prune and beyond:
            for _, _, refused in admin.delete_acls([_exactly(acl) for acl in beyond]):
                if refused.errno:
                    raise failure(broker, refused(), "taking grants back")
    return before


def set_passwords(broker: Broker, passwords: Mapping[str, str], mechanism: str) -> None:
    """Make users, or give them new passwords: who is connected stays so. Raises DependencyError."""
    users = [
        UserScramCredentialUpsertion(name, mechanism, secret, _ITERATIONS)
        for name, secret in passwords.items()
    ]
    with admin_client(broker) as admin:
        answers = admin.alter_user_scram_credentials(users)
    for name, fault in answers.items():
        if fault is not None and fault.startswith("Request "):  # all of it, which nobody should read
            raise failure(broker, ClusterAuthorizationFailedError(), f"setting the password of {name}")
        if fault is not None:
            raise DependencyError(f"{address(broker)} did not take the password of {name}: {fault}")


def _present(admin: Any, broker: Broker) -> set[ACL]:
    everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    try:
        found, _ = admin.describe_acls(
            ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything)
        )
    except SecurityDisabledError as error:
        raise DependencyError(
            f"{address(broker)} has no authorizer, so everybody may do everything: "
            "set authorizer.class.name (docs/how-to/secure-kafka.md)"
        ) from error
    return set(found)


def _sorted(present: set[ACL], wanted: frozenset[Grant]) -> tuple[list[ACL], list[ACL], list[ACL]]:
    """Split into what is missing, what our principals have beyond, and what others have on our things."""
    should = {_acl(grant) for grant in wanted}
    principals = {acl.principal for acl in should}
    things = {acl.resource_pattern for acl in should}
    beyond = {acl for acl in present - should if acl.principal in principals}
    foreign = {acl for acl in present - should - beyond if any(_covers(acl, thing) for thing in things)}
    return (*(sorted(some, key=_told) for some in (should - present, beyond, foreign)),)  # type: ignore[return-value]  # three of them


def _covers(acl: ACL, thing: ResourcePattern) -> bool:
    pattern = acl.resource_pattern
    if pattern.resource_type != thing.resource_type:
        return False
    if pattern.pattern_type is ACLResourcePatternType.PREFIXED:
        return bool(thing.resource_name.startswith(pattern.resource_name))
    return pattern.resource_name in ("*", thing.resource_name)


def _acl(grant: Grant) -> ACL:
    return ACL(
        f"User:{grant.principal}",
        "*",  # from any address
        ACLOperation[grant.operation.upper()],
        ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType[grant.kind.upper()], grant.name),
    )


def _exactly(acl: ACL) -> ACLFilter:
    pattern = acl.resource_pattern
    only = ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, only)


def _told(acl: ACL) -> str:
    pattern = acl.resource_pattern
    may = "may" if acl.permission_type is ACLPermissionType.ALLOW else "may not"
    begins = "s that begin with" if pattern.pattern_type is ACLResourcePatternType.PREFIXED else ""
    place = "" if acl.host == "*" else f" from {acl.host}"
    kind = pattern.resource_type.name.lower()
    return f"{acl.principal} {may} {acl.operation.name.lower()} {kind}{begins} {pattern.resource_name}{place}"

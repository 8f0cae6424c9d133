"""A client's error in; that the broker refuses us, and what to do, or that it is merely away, out."""

from __future__ import annotations

from collections.abc import Sequence

from kafka import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from pipeline.contract.errors import DependencyError, RefusedError
from pipeline.transport.connection import Broker, address, client_arguments, security
from pipeline.transport.doorstep import refusal


def failure(broker: Broker, error: KafkaError, doing: str = "") -> DependencyError:
    """Turn a client's error into ours: RefusedError where no retry can help, else DependencyError.

    `doing` tells what was tried ("reading coalition.events.v1").
    """
    how, where = security(broker), address(broker)
    who = f"User:{how.username}" if how.logs_in else "this client"
    # kafka-python wraps some: a producer that may write nowhere hears of an "unexpected error"
    if isinstance(error, AuthorizationError) or "AuthorizationFailed" in str(error):
        return RefusedError(
            f"{where} does not let {who} do this: {doing or 'the request'}: {_words(error)}. Grant it in "
            "config/acls.yaml and run `blocwatch acls apply` as the broker's super user"
        )
    if reason := refusal(broker):
        return RefusedError(reason)
    if doing:
        return DependencyError(f"{doing} at {where} failed: {_words(error)}")
    return DependencyError(f"no Kafka broker answers at {where}: {_words(error)}")


def refuse_hidden(broker: Broker, topics: Sequence[str]) -> None:
    """Raise RefusedError where topics that nobody sees are there, or may be, but not for us to know.

    A broker names no topic that its reader may not know of, unless it is asked for it by name.
    """
    try:
        admin = KafkaAdminClient(**client_arguments(broker), bootstrap_timeout_ms=5000)
    except KafkaError as error:
        raise failure(broker, error) from error
    try:
        told = admin.describe_topics(list(topics))
    except KafkaError as error:
        raise failure(broker, error, "asking for topics") from error
    finally:
        admin.close()
    hidden = [topic["name"] for topic in told if topic["error_code"] == TopicAuthorizationFailedError.errno]
    if hidden:
        raise failure(broker, TopicAuthorizationFailedError(hidden), f"seeing {', '.join(hidden)}")


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__

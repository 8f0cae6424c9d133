"""A worker's consumer in; RefusedError out when its broker will not have it any more, or not in its group.

faust and aiokafka try for ever where a password was changed, a certificate has expired or a right was taken
away: the worker would stand there, looking well, and do nothing.
"""

from __future__ import annotations

from typing import Any

import aiokafka.errors
from kafka.errors import GroupAuthorizationFailedError

from pipeline.contract.errors import DependencyError, RefusedError
from pipeline.transport.connection import Broker, read_password, security
from pipeline.transport.doorstep import refusal
from pipeline.transport.refusal import failure

_RIGHTS = (
    aiokafka.errors.GroupAuthorizationFailedError,
    aiokafka.errors.TopicAuthorizationFailedError,
)
_LOOKS = 3
"""The door is tried at every third call."""


class Admission:
    """Asks at the door now and then, and what the consumer's coordinator was told."""

    def __init__(self, broker: Broker, app: Any) -> None:
        how = security(broker)
        self._guarded = how.encrypts or how.logs_in
        self._password = read_password(how) if how.logs_in else ""
        self._broker = broker
        self._app = app
        self._calls = 0

    def require(self) -> None:
        """Raise RefusedError where no retry can help, DependencyError where a new start does.

        To be called every few seconds. What was connected with a password that is no longer in its file
        stays so until the new one is good: a password is changed on the broker first, then in the file.
        """
        self.judge(_coordination_fault(self._app))
        self._calls += 1
        if self._guarded and self._calls % _LOOKS == 0:
            self._knock()

    def judge(self, fault: BaseException | None) -> None:
        """Raise RefusedError where an error of aiokafka's says that a right is missing."""
        if isinstance(fault, _RIGHTS):
            told = GroupAuthorizationFailedError(*fault.args)
            raise failure(self._broker, told, f"reading as group {self._app.conf.id}") from fault

    def _knock(self) -> None:
        how, reason = security(self._broker), refusal(self._broker)
        renewed = how.logs_in and read_password(how) != self._password
        if renewed and reason is None:
            raise DependencyError(f"{how.password_file} holds another password by now: start again")
        if reason is not None and not renewed:
            raise RefusedError(reason)


def _coordination_fault(app: Any) -> BaseException | None:
    """What aiokafka's coordinator waits to tell, which faust never asks for while it has no partition."""
    consumer = getattr(getattr(app.consumer, "_thread", None), "_consumer", None)
    fault: BaseException | None = getattr(getattr(consumer, "_coordinator", None), "_pending_exception", None)
    return fault

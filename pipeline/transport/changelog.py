"""A compacted topic as the memory of one process at a time: who takes over shuts out whoever had it before.

faust's own tables lost records when partitions moved twice within seconds, and let a process that was
frozen write over its successor's (docs/adr/0015-the-ledger-writes-its-own-changelog.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from pipeline.contract.errors import DependencyError
from pipeline.transport.connection import Broker, client_arguments
from pipeline.transport.kafka import latest
from pipeline.transport.refusal import failure

_FENCED = (ProducerFencedError, InvalidProducerEpochError)
_BACKOFF_MS = 10
"""Kafka asks to try again while it still ends the transaction before; that is over within milliseconds."""


class ReplacedError(DependencyError):
    """Another process has taken over; nothing of what was to be written counts."""


class Changelog:
    """Key by value on one compacted topic, each `write` whole or not at all; not for several threads."""

    def __init__(self, broker: Broker, topic: str, timeout_s: float) -> None:
        """Nothing is connected before `take_over`; `timeout_s` bounds how long a record may wait."""
        self._broker = broker
        self._topic = topic
        self._timeout_ms = int(timeout_s * 1000)
        self._producer: Any = None

    def take_over(self) -> dict[str, bytes]:
        """Shut out every writer before this one, then return all there is, by key.

        Raises DependencyError when the broker does not answer, RefusedError when it does not let us.
        """
        self.close()
        try:
            self._producer = KafkaProducer(
                **client_arguments(self._broker),
                transactional_id=self._topic,
                retry_backoff_ms=_BACKOFF_MS,
                batch_size=131_072,
                compression_type="gzip",
                max_request_size=8_388_608,
                delivery_timeout_ms=self._timeout_ms,
                max_block_ms=self._timeout_ms,
                request_timeout_ms=self._timeout_ms // 2,
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=5000,
                reconnect_backoff_max_ms=1000,
            )
            self._producer.init_transactions()
        except KafkaError as error:
            raise failure(self._broker, error, f"taking over {self._topic}") from error
        return latest(self._broker, self._topic, committed=True)

    def write(self, changes: Mapping[str, bytes]) -> None:
        """Set each key, all of them or none; durable on return.

        Raises ReplacedError after another's `take_over`; DependencyError when the broker did not answer,
        and then it is unknown whether anything was written. After either only `take_over` helps.
        """
        if self._producer is None:
            raise DependencyError(f"{self._topic} was not taken over")
        if not changes:
            return
        try:
            self._producer.begin_transaction()
            sent = [
                self._producer.send(self._topic, key=key.encode("utf-8", "surrogateescape"), value=value)
                for key, value in changes.items()
            ]
            self._producer.flush(timeout=self._timeout_ms / 1000)
            for record in sent:
                record.get(timeout=0)
            self._producer.commit_transaction()
        except _FENCED as error:
            self.close()
            raise ReplacedError(f"another process has taken over {self._topic}: start again") from error
        except KafkaError as error:
            self.close()
            raise failure(self._broker, error, f"writing {self._topic}") from error

    def close(self) -> None:
        """Disconnect; what was not committed does not count."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.close(timeout=0)
            except KafkaError:
                producer._sender.force_close()

"""What can go wrong for a subscriber, beside DependencyError: the broker is away, or a topic is not there."""

from __future__ import annotations

from pipeline.contract.errors import BadRecordError, PipelineError


class SubscriptionError(PipelineError):
    """Something was asked for that no topic gives; the message says what there is."""


class ForeignRecordError(BadRecordError):
    """A record on the topic that the model cannot read; the message says where it lies and what to do."""

    def __init__(self, topic: str, partition: int, offset: int, reason: str) -> None:
        super().__init__(
            f"{topic}[{partition}]@{offset}: {reason}. Either somebody else writes to this topic, or a newer "
            "blocwatch does: update this client, or pass over such records with foreign='skip'"
        )
        self.topic, self.partition, self.offset = topic, partition, offset

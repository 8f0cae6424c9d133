"""Example messages of every record, as they are kept in `messages/`; they are tests, and fill the schemas."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.contract.codec import encode, headers
from pipeline.contract.record import Record
from pipeline.contract.topics import Topic

EMITTED_AT = datetime(2024, 8, 29, 13, 0, 2, tzinfo=UTC)
"""The `ce_time` of every example."""


@dataclass(frozen=True, slots=True)
class Example:
    """One message: what it shows, and its value as JSON."""

    name: str
    summary: str
    payload: dict[str, Any]

    def message(self, topic: Topic) -> tuple[str, bytes, dict[str, str]]:
        """Key, value and headers as they travel on `topic`; ValidationError for a wrong payload."""
        record = topic.model.model_validate(self.payload)
        key, value = topic.key(record), encode(record)
        return key, value, {name: text.decode() for name, text in headers(topic, key, value, EMITTED_AT)}


@cache
def examples_of(model: type[Record]) -> tuple[Example, ...]:
    """Return the examples of a record, the most usual one first."""
    text = (files("pipeline.contract") / "messages" / f"{model.__name__}.json").read_text(encoding="utf-8")
    return tuple(Example(one["name"], one["summary"], one["payload"]) for one in json.loads(text))

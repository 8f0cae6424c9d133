"""Records to bytes and back: canonical JSON values, CloudEvents 1.0 binary-mode headers."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError

from pipeline.contract.errors import BadRecordError
from pipeline.contract.record import Record, format_utc
from pipeline.contract.topics import Topic

R = TypeVar("R", bound=Record)
Headers = tuple[tuple[str, bytes], ...]
FETCHED_AT = "ce_fetchedat"
"""On events: when the article that tells of them was fetched, so that every later stage knows its delay."""


def encode(record: Record) -> bytes:
    """Write a record as JSON in UTF-8, fields in the model's order, so that equal records give equal bytes.

    Raises BadRecordError for text that no UTF-8 can carry (a lone surrogate).
    """
    try:
        return record.model_dump_json().encode()
    except (ValueError, UnicodeError) as error:
        raise BadRecordError(f"cannot encode {type(record).__name__}: {error}") from error


def decode(model: type[R], value: bytes | None) -> R:
    """Read a record back; raises BadRecordError with the first fault in words."""
    if not value:
        raise BadRecordError("empty value")
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "value"
        raise BadRecordError(f"no {model.__name__}: {where}: {first['msg'][:300]}") from error


def headers(topic: Topic, key: str, value: bytes, emitted_at: datetime) -> Headers:
    """CloudEvents attributes of one message; `ce_id` is a hash of key and value, so repeats share it.

    `emitted_at` (aware) is the only wall-clock time that travels.
    """
    identity = hashlib.blake2b(key.encode() + b"\0" + value, digest_size=16).hexdigest()
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", identity.encode()),
        ("ce_source", b"blocwatch"),
        ("ce_type", topic.name.encode()),
        ("ce_time", format_utc(emitted_at).encode()),
        ("content-type", b"application/json"),
    )

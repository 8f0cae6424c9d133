"""Records in; a CSV file (RFC 4180, UTF-8) with the same columns for any rows out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.contract.record import Record

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, model: type[Record], records: Iterable[Record]) -> None:
    """Write records, whole or not at all: a column a field, `source.code` for a field of a record within.

    Lists are JSON, null is empty, times are RFC 3339 in UTC. News is text of strangers, so a text that a
    spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
    """
    columns = columns_of(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".part")
    with draft.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        for record in records:
            value = record.model_dump(mode="json")
            writer.writerow([_cell(_at(value, column)) for column in columns])
    draft.replace(path)


def columns_of(model: type[Record]) -> list[str]:
    """Names of the columns of a record, from its JSON Schema, in the order of its fields."""
    schema = model.model_json_schema(mode="serialization")
    return list(_columns("", schema, schema.get("$defs", {})))


def _columns(prefix: str, schema: dict[str, Any], known: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name, field in schema["properties"].items():
        inner = _record(field, known)
        if inner is None:
            yield prefix + name
        else:
            yield from _columns(f"{prefix}{name}.", inner, known)


def _record(field: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The schema of the record that a field holds, if it holds one."""
    for one in field.get("anyOf", [field]):
        found = known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        if "properties" in found:
            return dict(found)
    return None


def _at(value: Any, column: str) -> Any:
    for name in column.split("."):
        value = None if value is None else value[name]
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return json.dumps(value, ensure_ascii=False)

"""A table of encoded records in; a Parquet file with columns typed by the record's model out."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet

from pipeline.contract.record import Record

_ROWS = 20_000


def write_parquet(path: Path, model: type[Record], values: Iterable[bytes]) -> None:
    """Write records, encoded as JSON, whole or not at all. The same schema for any rows, even none.

    Rows are held in memory _ROWS at a time.
    """
    schema = schema_of(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".part")
    rest = iter(values)
    with pyarrow.parquet.ParquetWriter(draft, schema, compression="zstd") as writer:
        while lines := b"\n".join(islice(rest, _ROWS)):
            writer.write_table(_table(lines, schema))
    draft.replace(path)


def schema_of(model: type[Record]) -> pa.Schema:
    """Columns of a record, from its JSON Schema: nested records become structs, times UTC timestamps."""
    schema = model.model_json_schema(mode="serialization")
    known = schema.get("$defs", {})
    return pa.schema([(name, _type(part, known)) for name, part in schema["properties"].items()])


def _table(lines: bytes, schema: pa.Schema) -> pa.Table:
    options = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    block = pyarrow.json.ReadOptions(block_size=max(len(lines) + 1, 1 << 20))
    return pyarrow.json.read_json(io.BytesIO(lines), parse_options=options, read_options=block)


def _type(part: dict[str, Any], known: dict[str, dict[str, Any]]) -> pa.DataType:
    if "$ref" in part:
        return _type(known[part["$ref"].rpartition("/")[2]], known)
    if "anyOf" in part:
        (only,) = [one for one in part["anyOf"] if one.get("type") != "null"]
        return _type(only, known)
    kind = part.get("type")
    if kind == "object":
        return pa.struct([(name, _type(inner, known)) for name, inner in part["properties"].items()])
    if kind == "array":
        items = part["prefixItems"][0] if "prefixItems" in part else part["items"]
        return pa.list_(_type(items, known))
    if part.get("format") == "date-time":
        return pa.timestamp("us", tz="UTC")
    return {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}.get(str(kind), pa.string())

"""The contract as documents: JSON Schema of every record, one AsyncAPI 3 document of every topic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from pipeline.contract.compatibility import breaks
from pipeline.contract.errors import ConfigError
from pipeline.contract.export import asyncapi, json_schemas

PUBLISHED = "published/v1"
"""Folder, below the contract's, of the schemas that subscribers rely on."""


def run_schema(out: Path | None, publish: bool = False) -> None:
    """Print one JSON object, or write one file a record and asyncapi.json.

    With `publish` today's schemas also become the published ones that later ones are compared with. Raises
    ConfigError, and writes nothing, when that would break subscribers of the published ones.
    """
    schemas = json_schemas()
    documents = {**{f"{name}.schema.json": schema for name, schema in schemas.items()}}
    if out is None:
        typer.echo(json.dumps({**schemas, "asyncapi": asyncapi()}, indent=2))
        return
    if publish:
        if faults := published_breaks(out, schemas):
            raise ConfigError([f"{fault}; publish a new version of the topic instead" for fault in faults])
        documents |= {f"{PUBLISHED}/{name}": schema for name, schema in documents.items()}
    for name, document in {**documents, "asyncapi.json": asyncapi()}.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        typer.echo(path)


def published_breaks(folder: Path, schemas: dict[str, dict[str, Any]]) -> list[str]:
    """List what in `schemas` breaks readers of the published ones in `folder`, as 'Record.field: what'."""
    faults = []
    for path in sorted((folder / PUBLISHED).glob("*.schema.json")):
        name = path.name.removesuffix(".schema.json")
        if name not in schemas:
            faults.append(f"{name}: the record is gone")
            continue
        published = json.loads(path.read_text(encoding="utf-8"))
        faults += [f"{name}.{fault}" for fault in breaks(published, schemas[name])]
    return faults

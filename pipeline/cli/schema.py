"""The contract as documents: JSON Schema of every record, one AsyncAPI 3 document of every topic."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from pipeline.contract.export import asyncapi, json_schemas


def run_schema(out: Path | None) -> None:
    """Print one JSON object, or write one file a record and asyncapi.json."""
    documents = {**json_schemas(), "asyncapi": asyncapi()}
    if out is None:
        typer.echo(json.dumps(documents, indent=2))
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        path = out / (f"{name}.json" if name == "asyncapi" else f"{name}.schema.json")
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        typer.echo(path)

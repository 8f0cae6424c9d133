"""Sentences with source and target given in; the type of what the one does to the other out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from pipeline.contract.errors import BadRecordError
from pipeline.events.actions import Lexicon
from pipeline.events.pairs import PairTyper
from pipeline.events.reader import load_reader
from pipeline.events.relations import Relations
from pipeline.ontology.load import load_ontology
from pipeline.settings import load_settings
from pipeline.transport.files import read_lines


def type_pairs(path: Path, config: Path | None) -> None:
    """Type every line of a file; one line each goes to standard output, in order."""
    ontology = load_ontology(load_settings(config).ontology_overlay)
    typer_of_pairs = PairTyper(Lexicon(ontology), load_reader(), Relations())
    faults = 0
    for number, line in read_lines(path):
        try:
            typer.echo(json.dumps(typed_row(typer_of_pairs, line), ensure_ascii=False))
        except BadRecordError as error:
            faults += 1
            typer.echo(f"{path}:{number}: {error}", err=True)
    if faults:
        raise typer.Exit(1)


def typed_row(pairs: PairTyper, line: bytes) -> dict[str, Any]:
    """One line typed. Raises BadRecordError where it lacks a field or does not name the two."""
    try:
        row = json.loads(line)
        found = pairs.type(row["sentence"], row["source"], row["target"])
    except KeyError as error:
        raise BadRecordError(f"the line lacks {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRecordError(f"cannot be typed: {error}") from error
    return {
        "id": row.get("id"),
        "type": found.type.value,
        "quad": found.quad.value,
        "confidence": round(found.confidence, 3),
    }

"""The ontology with an operator's overlay: what contradicts itself or can never matter."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.ontology.check import check_ontology, ungrounded
from pipeline.ontology.load import load_ontology
from pipeline.settings import load_settings


def check(config: Path | None) -> None:
    """Print every finding and how much rests on no text; exit code 1 when one is an error."""
    settings = load_settings(config)
    ontology = load_ontology(settings.ontology_overlay)
    findings = check_ontology(ontology, settings.coalitions)
    for finding in findings:
        typer.echo(str(finding))
    errors = sum(finding.error for finding in findings)
    bare, offices = ungrounded(ontology)
    typer.echo(
        f"{errors} error(s), {len(findings) - errors} warning(s) in {len(ontology.actors)} actors; "
        f"{bare} of {offices} offices ({bare / max(offices, 1):.0%}) are shown by no text that we hold"
    )
    if errors:
        raise typer.Exit(1)

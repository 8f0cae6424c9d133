"""The configuration: every fault at once, or all that is in force."""

from __future__ import annotations

from pathlib import Path

import typer
import yaml

from pipeline.contract.errors import ConfigError
from pipeline.ontology.load import load_ontology
from pipeline.settings import config_folder, load_settings


def check(config: Path | None) -> None:
    """Print every fault of settings and ontology; exit code 1 when there is one."""
    faults: list[str] = []
    folder = config or config_folder()
    overlay = folder / "ontology" if (folder / "ontology").is_dir() else None
    try:
        settings = load_settings(config)
    except ConfigError as error:
        faults += error.faults
    try:
        ontology = load_ontology(overlay)
    except ConfigError as error:
        faults += error.faults
    for fault in faults:
        typer.echo(fault)
    if faults:
        typer.echo(f"{len(faults)} fault(s)")
        raise typer.Exit(1)
    typer.echo(
        f"no faults: {len(settings.feeds)} feeds, {len(settings.coalitions)} coalitions, "
        f"{len(settings.topics.topics)} topics, {len(ontology.actors)} actors (ontology {ontology.version})"
    )


def show(config: Path | None) -> None:
    """Print what is in force as YAML."""
    settings = load_settings(config)
    shown = {
        "folder": str(settings.folder),
        "pipeline": settings.pipeline.model_dump(mode="json"),
        "topics": settings.topics.model_dump(mode="json", exclude_none=True),
        "feeds": [f"{feed.feed_id}: {feed.url}" for feed in settings.feeds],
        "coalitions": {
            coalition.name: sorted({member.code for member in coalition.members})
            for coalition in settings.coalitions
        },
    }
    typer.echo(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=110))

"""The configuration: every fault at once, or all that is in force."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer
import yaml

from pipeline.contract.errors import ConfigError
from pipeline.ontology.load import load_ontology
from pipeline.ontology.yamlfile import read_yaml
from pipeline.settings import ENVIRONMENT, TOPICS_ENVIRONMENT, config_folder, load_settings


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


def show_origins(config: Path | None) -> None:
    """Print each setting as `name = value  # origin`: a file with line, a variable, or the default."""
    settings = load_settings(config)
    typer.echo(f"# {settings.folder}")
    for name, model, environment in (
        ("pipeline.yaml", settings.pipeline.model_dump(mode="json"), ENVIRONMENT),
        ("topics.yaml", settings.topics.model_dump(mode="json", exclude_none=True), TOPICS_ENVIRONMENT),
    ):
        lines = read_yaml(name, (settings.folder / name).read_text(encoding="utf-8"), []).lines
        rows = [(".".join(path), value, path) for path, value in _leaves(model)]
        width = max(len(f"{key} = {value}") for key, value, _ in rows)
        for key, value, path in rows:
            origin = origin_of(path, name, lines, environment, os.environ)
            typer.echo(f"{f'{key} = {value}':{min(width, 70)}s}  # {origin}")


def origin_of(
    path: tuple[str, ...],
    file: str,
    lines: Mapping[tuple[str | int, ...], int],
    environment: Mapping[str, tuple[str, ...]],
    environ: Mapping[str, str],
) -> str:
    """Name where one setting comes from: the environment wins over the file, the file over the default.

    >>> origin_of(("log", "level"), "a.yaml", {("log", "level"): 7}, {}, {})
    'a.yaml:7'
    """
    for variable, overridden in environment.items():
        if overridden == path and environ.get(variable):
            return f"${variable}"
    # A list or an inline mapping may be named as a whole.
    return f"{file}:{lines[path]}" if path in lines else "default"


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path, value

"""The configured feeds as OPML, and OPML into the configuration."""

from __future__ import annotations

from pathlib import Path

import typer
import yaml

from pipeline.articles.feedlist import load_feeds
from pipeline.articles.opml import Entry, export_opml, new_entries, read_opml
from pipeline.articles.raw import Refusal
from pipeline.contract.errors import ConfigError
from pipeline.settings import config_folder, load_settings


def export_feeds(out: Path | None, config: Path | None) -> None:
    """Write the configured feeds as OPML, to a file or to standard output."""
    text = export_opml(load_settings(config).feeds)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {out}", err=True)


def import_feeds(file: Path, add: bool, config: Path | None) -> None:
    """Print the feeds of an OPML file that are not configured yet, or add them to feeds.yaml."""
    path = (config or config_folder()) / "feeds.yaml"
    known = load_settings(config).feeds
    try:
        subscriptions = read_opml(file.read_bytes())
    except OSError as error:
        raise ConfigError([f"{file}: {error.strerror}"]) from error
    if isinstance(subscriptions, Refusal):
        raise ConfigError([f"{file}: {subscriptions.reason}"])
    entries, left_out = new_entries(subscriptions, known)
    for line in left_out:
        typer.echo(f"left out: {line}", err=True)
    addition = _as_yaml(entries)
    if add and entries:
        text = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + addition
        load_feeds(str(path), text)  # names every fault before anything is written
        fresh = path.with_suffix(".yaml.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
        typer.echo(f"added {len(entries)} feeds to {path}", err=True)
    elif not add:
        typer.echo(addition, nl=False)


def _as_yaml(entries: list[Entry]) -> str:
    """Write entries as they stand under `feeds:`."""
    dumped = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1_000) if entries else ""
    return "".join(f"  {line}\n" for line in dumped.splitlines())

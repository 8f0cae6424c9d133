"""What a run needs: checked one by one, each with what to do where it is missing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer

from pipeline.contract.errors import ConfigError, PipelineError
from pipeline.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `needed` tells whether the embedded run can do without it."""

    name: str
    good: bool
    words: str
    needed: bool = True


def run_doctor(feeds: bool, config: Path | None) -> None:
    """Print findings; exit code 1 when something needed is missing."""
    findings = [_check("Python", _python), _check("configuration", lambda: _configuration(config))]
    if findings[-1].good:
        settings = load_settings(config)
        findings += [
            _check("ontology", lambda: _ontology(settings)),
            _check("parser", _parser),
            _check("state folder", lambda: _state(settings)),
            _check("Kafka", lambda: _kafka(settings), needed=False),
        ]
        if feeds:
            findings += asyncio.run(_feeds(settings))
    for finding in findings:
        mark = "ok" if finding.good else "MISSING" if finding.needed else "absent"
        typer.echo(f"{mark:8s} {finding.name}: {finding.words}")
    if any(not finding.good and finding.needed for finding in findings):
        raise typer.Exit(1)


def _check(name: str, look: Callable[[], str], needed: bool = True) -> Finding:
    try:
        return Finding(name, True, look(), needed)
    except ConfigError as error:
        return Finding(name, False, f"{len(error.faults)} fault(s); run `blocwatch config check`", needed)
    except (PipelineError, OSError, ImportError) as error:
        return Finding(name, False, str(error), needed)


def _python() -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


def _configuration(config: Path | None) -> str:
    settings = load_settings(config)
    return f"{settings.folder} ({len(settings.feeds)} feeds, {len(settings.coalitions)} coalitions)"


def _ontology(settings: Settings) -> str:
    from pipeline.ontology.load import load_ontology

    ontology = load_ontology(settings.ontology_overlay)
    return f"{len(ontology.actors)} actors, version {ontology.version}"


def _parser() -> str:
    from importlib.metadata import version

    from pipeline.events.reader import load_reader

    load_reader()
    return f"spaCy {version('spacy')} with its small English model"


def _state(settings: Settings) -> str:
    settings.state.mkdir(parents=True, exist_ok=True)
    probe = settings.state / ".probe"
    probe.write_bytes(b"")
    probe.unlink()
    return f"{settings.state} is writable"


def _kafka(settings: Settings) -> str:
    from pipeline.cli.topics import wanted
    from pipeline.transport.layout import compare

    different = compare(settings.pipeline.kafka.bootstrap, wanted(settings))
    if different:
        return f"reached, but {len(different)} topic difference(s); run `blocwatch topics apply`"
    return f"reached at {settings.pipeline.kafka.bootstrap}, topics as configured"


async def _feeds(settings: Settings) -> list[Finding]:
    from pipeline.workers.polling import new_fetcher

    fetcher = new_fetcher(settings)
    try:
        answers = await asyncio.gather(*(fetcher.fetch(feed.url, None, None) for feed in settings.feeds))
    finally:
        await fetcher.close()
    return [
        Finding(f"feed {feed.feed_id}", a.fault is None, a.fault or f"{len(a.body)} bytes", needed=False)
        for feed, a in zip(settings.feeds, answers, strict=True)
    ]

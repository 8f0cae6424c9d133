"""What a run needs: checked one by one, each with what to do where it is missing."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import typer

from pipeline.cli.broker import look_at_broker
from pipeline.cli.finding import Finding
from pipeline.contract.errors import ConfigError, DependencyError, PipelineError
from pipeline.settings import Settings, load_settings

_LEAST_FREE = 1_000_000_000
"""Bytes that ought to be free for state and logs."""
_SKEW_S = 60.0
"""A clock further off than this makes ages and publication dates wrong."""


def run_doctor(feeds: bool, config: Path | None) -> None:
    """Print findings, each when it is known; exit code 1 when something needed is missing."""
    missing = False
    for finding in _look(feeds, config):
        typer.echo(finding.told())
        missing = missing or (finding.needed and not finding.good)
    if missing:
        raise typer.Exit(1)


def _look(feeds: bool, config: Path | None) -> Iterator[Finding]:
    yield _check("Python", _python)
    configuration = _check("configuration", lambda: _configuration(config), "blocwatch config check")
    yield configuration
    if not configuration.good:
        return
    settings = load_settings(config)
    reinstall = "pip install --force-reinstall blocwatch, or in a checkout: rm -rf .venv && make demo"
    yield _check("ontology", lambda: _ontology(settings), "blocwatch ontology check")
    yield _check("parser", _parser, reinstall)
    yield _check("state folder", lambda: _state(settings), "export BLOCWATCH_STATE=/a/folder/of/yours")
    yield _check("disk", lambda: _disk(settings), f"du -xh {settings.state} out | sort -h | tail")
    yield _check("clock", lambda: _clock(settings), "timedatectl set-ntp true")
    yield from look_at_broker(settings)
    if feeds:
        yield from asyncio.run(_feeds(settings))


def _check(name: str, look: Callable[[], str], mend: str = "") -> Finding:
    try:
        return Finding(name, True, look())
    except ConfigError as error:
        return Finding(name, False, f"{len(error.faults)} fault(s), first: {error.faults[0]}", mend)
    except (PipelineError, OSError, ImportError) as error:
        return Finding(name, False, str(error), mend)


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


def _disk(settings: Settings) -> str:
    usage = shutil.disk_usage(settings.state)
    words = f"{usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.1f} GB at {settings.state}"
    if usage.free < _LEAST_FREE:
        raise DependencyError(f"{words}; keep at least {_LEAST_FREE / 1e9:g} GB")
    return words


def _clock(settings: Settings) -> str:
    """Compare with what this machine wrote before: a clock that went back stands before its own files."""
    now = time.time()
    files = [path for folder in (settings.folder, settings.state) for path in folder.glob("*")]
    newest = max((path.stat().st_mtime for path in files), default=now)
    if newest > now + _SKEW_S:
        raise DependencyError(f"the clock is {newest - now:.0f} s behind a file that was written already")
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"


async def _feeds(settings: Settings) -> list[Finding]:
    from pipeline.workers.polling import new_fetcher

    fetcher = new_fetcher(settings)
    try:
        answers = await asyncio.gather(*(fetcher.fetch(feed.url, None, None) for feed in settings.feeds))
    finally:
        await fetcher.close()
    findings = [
        Finding(
            f"feed {feed.feed_id}",
            answer.fault is None,
            answer.fault or f"{len(answer.body)} bytes",
            f"open {feed.url} in a browser; correct or remove it in {settings.folder / 'feeds.yaml'}",
            needed=False,
        )
        for feed, answer in zip(settings.feeds, answers, strict=True)
    ]
    skew = skew_s([answer.headers.get("date") for answer in answers], datetime.now(UTC))
    if skew is not None:
        words = f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the servers of the feeds"
        findings.append(Finding("clock", abs(skew) <= _SKEW_S, words, "timedatectl set-ntp true"))
    return findings


def skew_s(dates: Sequence[str | None], now: datetime) -> float | None:
    """Median seconds by which Date headers (RFC 9110, 6.6.1) are ahead of `now`; None without any.

    >>> skew_s(["Thu, 21 Mar 2024 12:00:05 GMT", None, "gibberish"], datetime(2024, 3, 21, 12, tzinfo=UTC))
    5.0
    """
    told = []
    for date in dates:
        with contextlib.suppress(ValueError, TypeError):
            told.append((parsedate_to_datetime(date or "") - now).total_seconds())
    return statistics.median(told) if told else None

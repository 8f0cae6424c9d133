"""A folder of measuring data in; the back-test's report out."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import typer
from rich.console import Console

from pipeline.backtest.report import write_report
from pipeline.backtest.study import Files, study
from pipeline.cli.progress import working
from pipeline.contract.errors import BadRecordError
from pipeline.settings import load_settings


def run_backtest(
    data: Path,
    report: Path,
    gdelt: Path | None,
    known_dates: Path | None,
    span: tuple[str | None, str | None],
    config: Path | None,
) -> None:
    """Measure and write; exit code 1 where a claim that can be judged does not hold."""
    settings = load_settings(config)
    files = Files.of(data)
    files = replace(files, gdelt=gdelt or files.gdelt, known_dates=known_dates or files.known_dates)
    for path, option in ((files.gdelt, "--gdelt"), (files.known_dates, "--known-dates")):
        if not path.exists():
            raise BadRecordError(f"{path} is not there; name the folder by --data, or the file by {option}")
    console = Console(soft_wrap=True)
    began = time.monotonic()
    with working("Reliving every day of the source; five years take about three minutes …"):
        found = study(files, settings.coalitions, settings.pipeline.metrics, (_day(span[0]), _day(span[1])))
    for claim in found.claims:
        mark = {True: "held", False: "NOT HELD", None: "cannot say"}[claim.held]
        console.print(f"{mark:10s}  {claim.what}: {claim.value} (wanted {claim.wanted})", highlight=False)
    for path in write_report(found, report):
        console.print(f"written     {path}", highlight=False)
    console.print(f"{time.monotonic() - began:.0f} s")
    if any(claim.held is False for claim in found.claims):
        raise typer.Exit(1)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise BadRecordError(f"cannot read the day {text!r}; write it like 2022-02-24") from error

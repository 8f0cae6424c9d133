"""Commands of those who read the numbers: try, see, follow, question and measure them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import Config, Out

app = typer.Typer()


@app.command(short_help="Try it: the whole pipeline on sample feeds, offline.")
def demo(out: Out = Path("out/demo"), config: Config = None) -> None:
    """Run the whole pipeline on the bundled sample feeds: no network, no Kafka. Ends with a picture."""
    from pipeline.cli.demo import run_demo

    run_demo(out, config)


@app.command(short_help="The analysts' pages in a browser.")
def dashboard(
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of JSONL outputs, followed as it changes.")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Over out/demo; runs the demo first if needed.")
    ] = False,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Over the log of `blocwatch run --embedded`.")
    ] = False,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8080,
    host_name: Annotated[
        list[str] | None, typer.Option("--host-name", help="A further name that browsers may use for it.")
    ] = None,
    config: Config = None,
) -> None:
    """Serve the analysts' dashboard; over Kafka unless told otherwise."""
    from pipeline.cli.dashboard import run_dashboard

    run_dashboard(data, demo, embedded, host, port, host_name or [], config)


@app.command(short_help="Follow events, metrics or dyads live.")
def watch(
    what: Annotated[str, typer.Argument(help="events, metrics or dyads.")],
    once: Annotated[bool, typer.Option("--once", help="Show what is there and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Raw records, one a line.")] = False,
    config: Config = None,
) -> None:
    """Follow an output topic: what is there first, then what comes."""
    from pipeline.cli.watch import run_watch

    run_watch(what, once, as_json, config)


@app.command(short_help="Which events make up this number?")
def explain(
    what: Annotated[list[str], typer.Argument(help="A coalition, or two actors: axis; RUS USA; 'RUS|USA'.")],
    at: Annotated[
        str | None, typer.Option("--at", help="Explain the value of this time [default: the latest].")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Explain what changed since then [default: a day before].")
    ] = None,
    view: Annotated[
        str | None,
        typer.Option("--view", help="Window or decay, like w7d or ewm90d [default: the headline]."),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            "--events", help="Events as JSONL, or a .csv as for recompute [default: of `run --embedded`]."
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="Pairs, and events of each, that are told in full.")
    ] = 3,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything, unrounded, as one JSON object.")
    ] = False,
    config: Config = None,
) -> None:
    """Make a number checkable: the events a cohesion or tie is made of, and those that changed it."""
    from pipeline.cli.explain import Asked, run_explain

    run_explain(Asked(what, at, since, view, top), events, as_json, config)


@app.command(short_help="All metrics anew from an event file.")
def recompute(
    events: Annotated[
        Path, typer.Option("--events", help="Events as JSONL of the contract, or a .csv as told above.")
    ],
    out: Out = Path("out/recompute"),
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Leave out what was published (CSV: dated) later than this.")
    ] = None,
    coalitions: Annotated[
        Path | None,
        typer.Option("--coalitions", help="YAML to read in place of the configuration's coalitions.yaml."),
    ] = None,
    config: Config = None,
) -> None:
    """Compute all metrics from an event file: the reference that every live or replayed result must equal.

    A .csv file needs a header that names date, source (or S), target (or O) and goldstein (or g), in
    any order and case; other columns are ignored. Dates are ISO 8601, UTC without a zone; source and
    target are alpha-3, IGO:… or NSA:… codes; goldstein lies between -10 and 10. Each row is a
    happening of its own, and equal rows are so many events. Only where a row fills in the columns
    type and owner (or outlet), rows of one day, source, target and type are reports of one happening,
    which weighs the more the more owners report it.
    """
    from pipeline.cli.recompute import run_recompute

    run_recompute(events, out, as_of, config, coalitions)


@app.command(short_help="Judge the metrics by known history.")
def backtest(
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the measuring data, with the names it has there.")
    ] = Path("../shared/data/metrics"),
    report: Annotated[Path, typer.Option("--report", help="Folder for report.md and its plots.")] = Path(
        "out/backtest"
    ),
    gdelt: Annotated[
        Path | None, typer.Option("--gdelt", help="Other dyad-days: date, a, b, net (Parquet or CSV).")
    ] = None,
    known_dates: Annotated[
        Path | None, typer.Option("--known-dates", help="Other turning points: a, b, date, sign, what (CSV).")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day, 2018-01-01.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="First day left out.")] = None,
    config: Config = None,
) -> None:
    """Measure years of coded events day by day, and judge the metrics by known history."""
    from pipeline.cli.backtest import run_backtest

    run_backtest(data, report, gdelt, known_dates, (since, until), config)


@app.command(short_help="Which events does this text report, and why?")
def extract(
    file: Annotated[Path | None, typer.Argument(help="A text file, or - for standard input.")] = None,
    jsonl: Annotated[
        Path | None,
        typer.Option(
            "--jsonl", help="Documents, one JSON object a line: doc_id, title, text, published, url, source."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Events as JSON instead of a table.")] = False,
    published: Annotated[
        str | None, typer.Option("--published", help="Publication time of the text [default: now].")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option("--country", help="The outlet's state, alpha-3: who 'we' is in its texts."),
    ] = None,
    config: Config = None,
) -> None:
    """Show which events a text reports, with the sentence behind each, and what was refused and why."""
    from pipeline.cli.extract import extract_jsonl, extract_text

    if jsonl is not None:
        extract_jsonl(jsonl, config)
    else:
        extract_text(file or Path("-"), as_json, published, country, config)


@app.command("type-pairs", short_help="What does this source do to this target?")
def type_pairs(
    file: Annotated[Path, typer.Argument(help="One JSON object a line: id, sentence, source, target.")],
    config: Config = None,
) -> None:
    """Type what a given source does to a given target: id, type, quad, confidence, a line each."""
    from pipeline.cli.typepairs import type_pairs

    type_pairs(file, config)


@app.command(short_help="Measure extraction against coded texts.")
def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(help="Documents as for extract --jsonl, each with its events as people coded them."),
    ],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Score these instead of coding: doc_id, events.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write to [default: out/accuracy/<gold's name>].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Measures as JSON instead of tables.")] = False,
    config: Config = None,
) -> None:
    """Measure event extraction against texts that people coded, and list the worst documents with reasons."""
    from pipeline.cli.evaluate import run_evaluate

    run_evaluate(gold, predictions, out, as_json, config)


@app.command(short_help="One line a happening: its reports joined.")
def merge(events: Annotated[Path, typer.Option("--events", help="Events as JSONL.")]) -> None:
    """Merge the reports of one happening across articles: n_reports, revisions and the best evidence."""
    from pipeline.cli.merge import run_merge

    run_merge(events)

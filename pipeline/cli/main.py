"""The blocwatch command: each sub-command imports what it needs only when it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.exits import BROKEN_PIPE
from pipeline.contract.errors import ConfigError, PipelineError

app = typer.Typer(
    name="blocwatch",
    help="News feeds in, live and checkable measures of how strongly coalitions hold together out.\n\n"
    "New here? `blocwatch demo`. A number in doubt? `blocwatch explain`. Trouble? `blocwatch doctor`.",
    no_args_is_help=True,
    add_completion=False,  # `blocwatch completion` prints it; nothing writes into a shell's start files
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
topics_app = typer.Typer(
    help="Compare the broker's topics with config/topics.yaml, and mend them.", no_args_is_help=True
)
config_app = typer.Typer(help="Check or show the configuration.", no_args_is_help=True)
app.add_typer(topics_app, name="topics", short_help="Topics of the broker against topics.yaml.")
app.add_typer(config_app, name="config", short_help="Check or show the configuration.")
ontology_app = typer.Typer(help="Check what is known about actors beforehand.", no_args_is_help=True)
app.add_typer(ontology_app, name="ontology", short_help="Check what is known of actors.")
feeds_app = typer.Typer(help="Take the list of feeds to and from other readers.", no_args_is_help=True)
app.add_typer(feeds_app, name="feeds", short_help="Feeds to and from other readers (OPML).")

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Folder of the YAML files [default: $BLOCWATCH_CONFIG or ./config]."),
]
Out = Annotated[Path, typer.Option("--out", help="Folder to write to.")]


def run() -> None:
    """Entry point: errors that we raise on purpose become one clear message and exit code 1."""
    if "_BLOCWATCH_COMPLETE" in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # exported, unsaid

        completion_init()
    try:
        app(prog_name="blocwatch")
    except ConfigError as error:
        sys.exit("\n".join(["The configuration has faults:", *(f"  {fault}" for fault in error.faults)]))
    except PipelineError as error:
        sys.exit(f"blocwatch: {error}")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(BROKEN_PIPE)


@app.command(short_help="Try it: the whole pipeline on sample feeds, offline.")
def demo(out: Out = Path("out/demo"), config: Config = None) -> None:
    """Run the whole pipeline on the bundled sample feeds: no network, no Kafka. Ends with a picture."""
    from pipeline.cli.demo import run_demo

    run_demo(out, config)


@app.command("run", short_help="Run a worker on Kafka, or all in one process.")
def run_worker(
    worker: Annotated[str, typer.Argument(help="poller, extractor or aggregator (on Kafka).")] = "",
    embedded: Annotated[
        bool, typer.Option("--embedded", help="All stages in this process, without Kafka.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Poll every due feed once, then stop (poller, embedded).")
    ] = False,
    config: Config = None,
) -> None:
    """Run one worker on Kafka, or everything embedded, until SIGTERM or Ctrl-C."""
    from pipeline.cli.run import run

    run(worker, embedded, once, config)


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


@app.command(short_help="One line a happening: its reports joined.")
def merge(events: Annotated[Path, typer.Option("--events", help="Events as JSONL.")]) -> None:
    """Merge the reports of one happening across articles: n_reports, revisions and the best evidence."""
    from pipeline.cli.merge import run_merge

    run_merge(events)


@app.command("type-pairs", short_help="What does this source do to this target?")
def type_pairs(
    file: Annotated[Path, typer.Argument(help="One JSON object a line: id, sentence, source, target.")],
    config: Config = None,
) -> None:
    """Type what a given source does to a given target: id, type, quad, confidence, a line each."""
    from pipeline.cli.typepairs import type_pairs

    type_pairs(file, config)


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


Since = Annotated[
    str | None,
    typer.Option("--since", help="From this time of the records on, 2024-03-21 or 2024-03-21T18:30Z."),
]
Until = Annotated[str | None, typer.Option("--until", help="Up to this time, which is left out.")]


@app.command("export", short_help="A topic as Parquet, CSV or JSONL.")
def export_topic(
    topic: Annotated[str, typer.Option("--topic", help="articles, events, metrics, dyads, …")],
    since: Since = None,
    until: Until = None,
    to: Annotated[str, typer.Option("--to", help="parquet, csv or jsonl.")] = "parquet",
    prefix: Annotated[str, typer.Option("--prefix", help="Of topics that replay made.")] = "",
    source: Annotated[
        Path | None, typer.Option("--from", help="Folder of JSONL outputs, or a file [default: the broker].")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write [default: out/export/TOPIC.FORMAT].")
    ] = None,
    config: Config = None,
) -> None:
    """Write a topic's records of a time span as Parquet, CSV or JSONL."""
    from pipeline.cli.export import run_export

    run_export(topic, (since, until), to, source or prefix, out, config)


@app.command(short_help="Publish a time span again elsewhere.")
def replay(
    topic: Annotated[str, typer.Option("--topic", help="articles or events.")],
    since: Since = None,
    until: Until = None,
    prefix: Annotated[str, typer.Option("--prefix", help="Stands before the new topic's name.")] = "",
    to_kafka: Annotated[
        str | None, typer.Option("--to-kafka", help="Another broker, host:port [default: the same].")
    ] = None,
    config: Config = None,
) -> None:
    """Publish articles or events of a time span again elsewhere, to compute them anew in other ways."""
    from pipeline.cli.replay import run_replay

    run_replay(topic, since, until, prefix, to_kafka, config)


@app.command(short_help="How far is each stage behind?")
def lag(
    max_s: Annotated[
        float | None,
        typer.Option("--max", min=0, help="Exit with 3 when a stage is more seconds behind than this."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON instead of a table.")] = False,
    config: Config = None,
) -> None:
    """Show how far each stage is behind on Kafka: position, end, records, seconds; and the watermark."""
    from pipeline.cli.lag import run_lag

    run_lag(max_s, as_json, config)


@topics_app.command("list")
def topics_list(config: Config = None) -> None:
    """List the topics, what travels on each, and their layout."""
    from pipeline.cli.topics import list_topics

    list_topics(config)


@topics_app.command("diff")
def topics_diff(config: Config = None) -> None:
    """Show how the broker differs from config/topics.yaml; exit code 1 when it does."""
    from pipeline.cli.topics import diff_topics

    diff_topics(config)


@topics_app.command("apply")
def topics_apply(config: Config = None) -> None:
    """Create and mend topics; nothing is ever deleted or shrunk."""
    from pipeline.cli.topics import apply_topics

    apply_topics(config)


@feeds_app.command("export")
def feeds_export(
    out: Annotated[Path | None, typer.Option("--out", help="File to write [default: print].")] = None,
    config: Config = None,
) -> None:
    """Write the configured feeds as OPML, which other feed readers import."""
    from pipeline.cli.feeds import export_feeds

    export_feeds(out, config)


@feeds_app.command("import")
def feeds_import(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    add: Annotated[
        bool, typer.Option("--add", help="Add to feeds.yaml what is new, instead of printing it.")
    ] = False,
    config: Config = None,
) -> None:
    """Turn the feeds of an OPML file that are not configured yet into entries of feeds.yaml."""
    from pipeline.cli.feeds import import_feeds

    import_feeds(file, add, config)


@config_app.command("check")
def config_check(config: Config = None) -> None:
    """Name every fault of the configuration and the ontology at once, with file and line."""
    from pipeline.cli.config import check

    check(config)


@config_app.command("show")
def config_show(
    origin: Annotated[
        bool, typer.Option("--origin", help="One setting a line, with the file and line it comes from.")
    ] = False,
    config: Config = None,
) -> None:
    """Print the configuration in force, defaults and environment included."""
    from pipeline.cli.config import show, show_origins

    (show_origins if origin else show)(config)


@ontology_app.command("check")
def ontology_check(config: Config = None) -> None:
    """Name clashes, overlapping offices and dead entries of ontology and overlay; exit code 1 on errors."""
    from pipeline.cli.ontology import check

    check(config)


@app.command(short_help="What is missing here, and how to mend it.")
def doctor(
    feeds: Annotated[bool, typer.Option("--feeds", help="Also fetch every configured feed once.")] = False,
    config: Config = None,
) -> None:
    """Check everything that a run needs, and say what to do about what is missing."""
    from pipeline.cli.doctor import run_doctor

    run_doctor(feeds, config)


@app.command(short_help="JSON Schema and AsyncAPI of all records.")
def schema(
    out: Annotated[Path | None, typer.Option("--out", help="Write files here instead of printing.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Also keep them as what later versions must not break.")
    ] = False,
) -> None:
    """JSON Schema of every record and one AsyncAPI document of every topic."""
    from pipeline.cli.schema import run_schema

    run_schema(out, publish)


@app.command(short_help="Write docs/reference from the code.")
def reference(out: Out = Path("docs/reference")) -> None:
    """Write the reference of commands, settings and metrics from the code."""
    from pipeline.cli.reference import write_reference

    write_reference(typer.main.get_command(app), out)


@app.command(short_help="Is the worker in this container alive?")
def health(
    worker: Annotated[
        str | None, typer.Argument(help="poller, extractor or aggregator [default: any].")
    ] = None,
    limit_s: Annotated[float, typer.Option("--limit", help="Seconds since it last worked.")] = 60,
) -> None:
    """Exit with 0 when the worker in this container has worked lately, else with 1 and the reason."""
    from pipeline.telemetry import unhealthy

    if reason := unhealthy(limit_s, worker):
        sys.exit(reason)


@app.command(short_help="Completion for bash, zsh or fish.")
def completion(shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")]) -> None:
    """Print shell completion, to be read at start: eval "$(blocwatch completion bash)"."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]  # as above

    if shell not in ("bash", "zsh", "fish"):
        raise typer.BadParameter("name one of bash, zsh, fish")
    typer.echo(get_completion_script(prog_name="blocwatch", complete_var="_BLOCWATCH_COMPLETE", shell=shell))


@app.command(short_help="Print the version.")
def version() -> None:
    """Print the version."""
    from pipeline import __version__

    typer.echo(__version__)

"""Commands of those who run the pipeline: workers, health, feeds, configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import Config

app = typer.Typer()
config_app = typer.Typer(help="Check or show the configuration.", no_args_is_help=True)
ontology_app = typer.Typer(help="Check what is known about actors beforehand.", no_args_is_help=True)
feeds_app = typer.Typer(help="Take the list of feeds to and from other readers.", no_args_is_help=True)
app.add_typer(config_app, name="config", short_help="Check or show the configuration.")
app.add_typer(ontology_app, name="ontology", short_help="Check what is known of actors.")
app.add_typer(feeds_app, name="feeds", short_help="Feeds to and from other readers (OPML).")


@app.command("run", short_help="Run a worker on Kafka, or all in one process.")
def run_worker(
    worker: Annotated[str, typer.Argument(help="poller, extractor or aggregator (on Kafka).")] = "",
    embedded: Annotated[
        bool, typer.Option("--embedded", help="All stages in this process, without Kafka.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Poll every due feed once, then stop (poller, embedded).")
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Go on although the broker dropped records that were not read yet."
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Run one worker on Kafka, or everything embedded, until SIGTERM or Ctrl-C."""
    from pipeline.cli.run import run

    run(worker, embedded, once, accept_loss, config)


@app.command(short_help="What is missing here, and how to mend it.")
def doctor(
    feeds: Annotated[bool, typer.Option("--feeds", help="Also fetch every configured feed once.")] = False,
    config: Config = None,
) -> None:
    """Check everything that a run needs, and say what to do about what is missing."""
    from pipeline.cli.doctor import run_doctor

    run_doctor(feeds, config)


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

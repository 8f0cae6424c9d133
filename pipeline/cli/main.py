"""The blocwatch command: each sub-command imports what it needs only when it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import analysts, operators, records
from pipeline.cli.exits import BROKEN_PIPE
from pipeline.cli.options import Out
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
about = typer.Typer()
app.add_typer(analysts.app)
app.add_typer(operators.app)
app.add_typer(records.app)
app.add_typer(about)


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


@about.command(short_help="JSON Schema and AsyncAPI of all records.")
def schema(
    out: Annotated[Path | None, typer.Option("--out", help="Write files here instead of printing.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Also keep them as what later versions must not break.")
    ] = False,
) -> None:
    """JSON Schema of every record and one AsyncAPI document of every topic."""
    from pipeline.cli.schema import run_schema

    run_schema(out, publish)


@about.command(short_help="Write docs/reference from the code.")
def reference(out: Out = Path("docs/reference")) -> None:
    """Write the reference of commands, settings and metrics from the code."""
    from pipeline.cli.reference import write_reference

    write_reference(typer.main.get_command(app), out)


@about.command(short_help="Completion for bash, zsh or fish.")
def completion(shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")]) -> None:
    """Print shell completion, to be read at start: eval "$(blocwatch completion bash)"."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]  # as above

    if shell not in ("bash", "zsh", "fish"):
        raise typer.BadParameter("name one of bash, zsh, fish")
    typer.echo(get_completion_script(prog_name="blocwatch", complete_var="_BLOCWATCH_COMPLETE", shell=shell))


@about.command(short_help="Print the version.")
def version() -> None:
    """Print the version."""
    from pipeline import __version__

    typer.echo(__version__)

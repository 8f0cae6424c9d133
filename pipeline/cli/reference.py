"""The code in, docs/reference out: commands, settings and metrics, written from what is declared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from pipeline.cli.exits import EXIT_CODES
from pipeline.settings import ENVIRONMENT, TOPICS_ENVIRONMENT, PipelineFile, TopicsFile
from pipeline.telemetry import declared

_MADE = "<!-- Written by `blocwatch reference`; a test fails when it is stale. -->\n"


def write_reference(command: Any, out: Path) -> None:
    """Write every page into `out`; `command` is the command tree, of typer's own private type."""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages(command).items():
        (out / name).write_text(text, encoding="utf-8")
        typer.echo(str(out / name))


def pages(command: Any) -> dict[str, str]:
    """The pages by file name."""
    return {"cli.md": _commands(command), "settings.md": _settings(), "metrics.md": _metrics()}


def _commands(root: Any) -> str:
    parts = [f"# Commands\n\n{_MADE}"]
    for path, command in _walk(root, ("blocwatch",)):
        parts.append(f"## `{' '.join(path)}`\n\n{_plain(command.help)}\n\n{_parameters(command)}")
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts.append(f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n")
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if (inner := getattr(command, "commands", None)) is None:
        yield path, command
        return
    for name in sorted(inner):
        yield from _walk(inner[name], (*path, name))


def _parameters(command: Any) -> str:
    rows = []
    for parameter in command.params:
        option = parameter.opts[0].startswith("-")
        name = ", ".join(parameter.opts) if option else parameter.name.upper()
        default = parameter.default
        shown = "" if default in (None, False, "") or callable(default) else f"`{default}`"
        rows.append(f"| `{name}` | {_plain(getattr(parameter, 'help', ''))} | {shown} |")
    return "\n".join(["| parameter | meaning | default |", "|---|---|---|", *rows]) if rows else ""


def _settings() -> str:
    parts = [
        f"# Settings\n\n{_MADE}",
        "`blocwatch config show --origin` tells which file and line, variable or default each value in force "
        "comes from; `blocwatch config check` names every fault. A variable wins over the file.\n",
    ]
    for name, model, environment in (
        ("pipeline.yaml", PipelineFile, ENVIRONMENT),
        ("topics.yaml", TopicsFile, TOPICS_ENVIRONMENT),
    ):
        variables = {".".join(path): variable for variable, path in environment.items()}
        rows = [
            f"| `{key}` | {default} | {f'`{variables[key]}`' if key in variables else ''} | {words} |"
            for key, default, words in _fields(model)
        ]
        head = "| setting | default | variable | meaning |\n|---|---|---|---|"
        parts.append(f"## {name}\n\n{head}\n" + "\n".join(rows) + "\n")
    parts.append(
        "## Variables without a line in a file\n\n| variable | meaning |\n|---|---|\n"
        "| `BLOCWATCH_CONFIG` | Folder of the YAML files. |\n"
        "| `BLOCWATCH_METRICS_PORT` | Port under which a worker answers Prometheus; none without it. |\n"
    )
    return "\n".join(parts)


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{prefix}{name}.")
        else:
            default = (
                "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)}`"
            )
            yield f"{prefix}{name}", default, _plain(field.description)


def _metrics() -> str:
    rows = [
        f"| `{m.name}` | {m.kind} | {', '.join(f'`{label}`' for label in m.labels)} | {_plain(m.words)} |"
        for m in declared()
    ]
    words = "Every worker answers Prometheus on `BLOCWATCH_METRICS_PORT` (9400 in the compose file).\n"
    head = "| metric | type | labels | meaning |\n|---|---|---|---|"
    return f"# Metrics of the workers\n\n{_MADE}\n{words}\n{head}\n" + "\n".join(rows) + "\n"


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")

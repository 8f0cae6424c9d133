"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Folder of the YAML files [default: $BLOCWATCH_CONFIG or ./config]."),
]
Out = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
Since = Annotated[
    str | None,
    typer.Option("--since", help="From this time of the records on, 2024-03-21 or 2024-03-21T18:30Z."),
]
Until = Annotated[str | None, typer.Option("--until", help="Up to this time, which is left out.")]

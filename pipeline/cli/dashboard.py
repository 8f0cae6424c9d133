"""Serve the dashboard: over a folder of outputs, the embedded log, or Kafka."""

from __future__ import annotations

from pathlib import Path

import typer
import uvicorn

from pipeline.ontology.load import load_ontology
from pipeline.settings import load_settings
from pipeline.telemetry import configure_logging
from pipeline.web.app import Live, create_app
from pipeline.web.desk import Desk
from pipeline.web.readmodel import ReadModel
from pipeline.web.security import LOCAL
from pipeline.web.sources import EmbeddedSource, FolderSource, KafkaSource, Source

DEMO = Path("out/demo")


def run_dashboard(
    data: Path | None,
    demo: bool,
    embedded: bool,
    host: str,
    port: int,
    names: list[str],
    config: Path | None,
) -> None:
    """Serve until Ctrl-C. `--demo` runs the demo first where `out/demo` holds no events yet."""
    settings = load_settings(config)
    configure_logging("warning", "console")
    if sum((data is not None, demo, embedded)) > 1:
        raise typer.BadParameter("give one of --data, --demo and --embedded")
    if demo and not (DEMO / "events.jsonl").is_file():
        from pipeline.cli.demo import run_demo

        run_demo(DEMO, config)
    folder = DEMO if demo else data
    source: Source
    if folder is not None:
        if not folder.is_dir():
            raise typer.BadParameter(f"{folder} is no folder; `blocwatch demo` writes one")
        source, told = FolderSource(folder), f"{folder}/"
    elif embedded:
        path = settings.state / "embedded.sqlite"
        if not path.is_file():
            raise typer.BadParameter(f"{path} is not there; start `blocwatch run --embedded` first")
        source, told = EmbeddedSource(path), str(path)
    else:
        source = KafkaSource(settings.pipeline.kafka)
        told = f"Kafka at {settings.pipeline.kafka.bootstrap}"
    actors = {code: actor.name for code, actor in load_ontology(settings.ontology_overlay).actors.items()}
    titles = {coalition.name: coalition.title for coalition in settings.coalitions}
    desk = Desk(ReadModel(), actors, titles, params=settings.pipeline.metrics)
    live = Live(desk, source)
    typer.echo(f"Dashboard over {told}: http://{host}:{port}/  (Ctrl-C ends it)")
    allowed = [*LOCAL, *names, *([] if host in {"0.0.0.0", "::"} else [host])]
    uvicorn.run(
        create_app(live, allowed),
        host=host,
        port=port,
        log_level="warning",
        log_config=None,  # its lines go where ours go, and look like them
        server_header=False,
        timeout_graceful_shutdown=1,
    )

"""Commands about what lies on the broker: topics, rights, dead letters, records out and again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import Config, Since, Until

app = typer.Typer()
DlqTopic = Annotated[
    str | None, typer.Option("--topic", help="articles or events: records of this topic [default: both].")
]
Stage = Annotated[str, typer.Option("--stage", help="Refused by this worker: extractor or aggregator.")]
Reason = Annotated[str, typer.Option("--reason", help="Part of the reason, or its kind.")]
RefusedSince = Annotated[
    str | None, typer.Option("--since", help="Refused from this time on, 2024-03-21 or 2024-03-21T18:30Z.")
]
RefusedUntil = Annotated[
    str | None, typer.Option("--until", help="Refused up to this time, which is left out.")
]
InStore = Annotated[
    bool, typer.Option("--embedded", help="Of `run --embedded`'s state folder, instead of the broker.")
]
Position = Annotated[str, typer.Argument(help="As `dlq list` shows it: TOPIC:PARTITION:OFFSET.")]
topics_app = typer.Typer(
    help="Compare the broker's topics with config/topics.yaml, and mend them.", no_args_is_help=True
)
acls_app = typer.Typer(
    help="Compare the broker's access rights with config/acls.yaml, and mend them.", no_args_is_help=True
)
dlq_app = typer.Typer(
    help="Records that could not be used: list them, look at one, send them again.", no_args_is_help=True
)
app.add_typer(topics_app, name="topics", short_help="Topics of the broker against topics.yaml.")
app.add_typer(acls_app, name="acls", short_help="Access rights against acls.yaml.")
app.add_typer(dlq_app, name="dlq", short_help="Records that could not be used, and why.")


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


@acls_app.command("diff")
def acls_diff(config: Config = None) -> None:
    """Show how the broker's ACLs differ from config/acls.yaml; exit code 1 when they do."""
    from pipeline.cli.acls import diff_acls

    diff_acls(config)


@acls_app.command("apply")
def acls_apply(
    prune: Annotated[
        bool, typer.Option("--prune", help="Also take back what these principals have beyond acls.yaml.")
    ] = False,
    config: Config = None,
) -> None:
    """Grant what is missing, as the broker's super user; exit code 1 when these principals have more left."""
    from pipeline.cli.acls import apply_acls

    apply_acls(prune, config)


@acls_app.command("users")
def acls_users(
    passwords: Annotated[Path, typer.Option("--passwords", help="Folder of files NAME.password.")],
    config: Config = None,
) -> None:
    """Make the users of config/acls.yaml, or give them new passwords, as the broker's super user."""
    from pipeline.cli.acls import set_users

    set_users(passwords, config)


@dlq_app.command("list")
def dlq_list(
    topic: DlqTopic = None,
    stage: Stage = "",
    reason: Reason = "",
    since: RefusedSince = None,
    until: RefusedUntil = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    embedded: InStore = False,
    config: Config = None,
) -> None:
    """List dead letters: how many by kind of reason, then where each lies, whence it came and why."""
    from pipeline.cli.dlq import run_list

    run_list(topic, (stage, reason, since, until), as_json, embedded, config)


@dlq_app.command("show")
def dlq_show(
    position: Position,
    raw: Annotated[bool, typer.Option("--raw", help="Only the record's bytes, as they are.")] = False,
    embedded: InStore = False,
    config: Config = None,
) -> None:
    """Show one dead letter: why, whence, its record's headers and bytes; nothing that a terminal acts on."""
    from pipeline.cli.dlq import run_show

    run_show(position, raw, embedded, config)


@dlq_app.command("replay")
def dlq_replay(
    position: Annotated[str | None, typer.Argument(help="One letter [default: all that are meant].")] = None,
    topic: DlqTopic = None,
    stage: Stage = "",
    reason: Reason = "",
    since: RefusedSince = None,
    until: RefusedUntil = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also what has died again after three replays.")
    ] = False,
    embedded: InStore = False,
    config: Config = None,
) -> None:
    """Send the records of dead letters again, unchanged, to the topic that they came from."""
    from pipeline.cli.dlq import run_replay

    run_replay(position, topic, (stage, reason, since, until), (dry_run, yes, force), embedded, config)


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

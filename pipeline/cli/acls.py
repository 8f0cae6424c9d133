"""Access rights: what config/acls.yaml wants, against the broker."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.contract.errors import ConfigError
from pipeline.settings import Settings, load_settings

_SHORTEST = 12
"""Characters of a password; a generated one has more."""


def diff_acls(config: Path | None) -> None:
    """Print differences; exit code 1 when there are any."""
    from pipeline.transport.acls import compare

    settings = _with_grants(config)
    found = compare(settings.pipeline.kafka, settings.grants)
    for difference in found:
        typer.echo(difference.words)
    typer.echo("the broker agrees with acls.yaml" if not found else f"{len(found)} difference(s)")
    if found:
        raise typer.Exit(1)


def apply_acls(prune: bool, config: Path | None) -> None:
    """Grant, and take back with `prune`; exit code 1 when its principals are left with more."""
    from pipeline.transport.acls import apply
    from pipeline.transport.kafka import wait_for_broker

    settings = _with_grants(config)
    wait_for_broker(settings.pipeline.kafka, 180)
    left = 0
    for difference in apply(settings.pipeline.kafka, settings.grants, prune=prune):
        stays = not difference.missing and not (prune and difference.ours)
        left += stays and difference.ours
        typer.echo(f"{difference.words}{' (left as it is)' if stays else ''}")
    typer.echo(f"{len(settings.grants)} grants are as in acls.yaml")
    if left:
        raise typer.Exit(1)


def set_users(passwords: Path, config: Path | None) -> None:
    """Give every principal of acls.yaml the password in `passwords`/NAME.password."""
    from pipeline.transport.acls import set_passwords
    from pipeline.transport.kafka import wait_for_broker

    settings = _with_grants(config)
    kafka = settings.pipeline.kafka
    names = sorted({grant.principal for grant in settings.grants})
    faults = [
        f"{path}: put a password of at least 12 characters there"
        for path in (passwords / f"{name}.password" for name in names)
        if not path.is_file() or len(path.read_text(encoding="utf-8").strip()) < 12
    ]
    if faults:
        raise ConfigError(faults)
    secrets = {
        name: (passwords / f"{name}.password").read_text(encoding="utf-8").rstrip("\r\n") for name in names
    }
    wait_for_broker(kafka, 180)
    set_passwords(kafka, secrets, kafka.security.mechanism)
    typer.echo(f"{', '.join(names)} may log in by {kafka.security.mechanism}")


def _with_grants(config: Path | None) -> Settings:
    settings = load_settings(config)
    if not settings.grants:
        raise ConfigError(
            [f"{settings.folder}/acls.yaml:1: this file is missing; begin with the shipped one"]
        )
    return settings

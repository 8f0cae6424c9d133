"""What a run stands on: ports, a broker with a listener behind a proxy, a configuration of one feed."""

from __future__ import annotations

import contextlib
import shutil
import socket
from pathlib import Path
from random import SystemRandom

from tests.kafka_broker import Broker
from tests.kafka_pipeline import ROOT


def free_port() -> int:
    """A loopback port that nobody uses now, below those that outgoing connections are given."""
    while True:
        port = SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def listen_twice(broker: Broker, inner: int, outer: int) -> None:
    """Add a listener at `inner` whose clients are told to come back to `outer`, where the proxy stands."""
    path = broker.home / "server.properties"
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    more = {
        "listeners": f"{lines['listeners']},PROXIED://127.0.0.1:{inner}",
        "advertised.listeners": f"{lines['advertised.listeners']},PROXIED://127.0.0.1:{outer}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
    }
    with path.open("a") as out:
        out.writelines(f"{name}={value}\n" for name, value in more.items())


def local_config(folder: Path, url: str) -> Path:
    """The repository's configuration with one local feed."""
    shutil.copytree(ROOT / "config", folder)
    (folder / "feeds.yaml").write_text(
        f"feeds:\n  - {{feed_id: gazette, url: '{url}', outlet: Gazette, country: GBR, interval_s: 5}}\n"
    )
    (folder / "pipeline.yaml").write_text("poller: {allow_local: true, spacing_s: 0}\n")
    return folder

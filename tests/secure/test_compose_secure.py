"""docker-compose.secure.yml on a real broker: its settings, with secrets as the how-to makes them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.contract.codec import encode
from pipeline.contract.topics import ARTICLES
from pipeline.settings import load_settings
from pipeline.transport.kafka import KafkaPublisher
from tests.chaos.news import article
from tests.command import ROOT, blocwatch
from tests.kafka_broker import Broker, _free_ports, available

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
SECURE = yaml.safe_load((ROOT / "docker-compose.secure.yml").read_text())
PAGE = (ROOT / "docs" / "how-to" / "secure-kafka.md").read_text()
_OTHER_PLACES = {"listeners", "advertised.listeners", "listener.security.protocol.map"}
"""Set by the test, which has ports of its own and a door for its own question whether the broker is up."""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page's first block makes."""
    if shutil.which("openssl") is None:
        pytest.skip("LEFT OUT: no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("compose")
    block = re.search(r"^```sh run\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert block is not None
    subprocess.run(["bash", "-euo", "pipefail", "-c", block[1]], cwd=folder, check=True, timeout=120)
    return folder / "secrets"


@pytest.fixture(scope="module")
def doors(secrets: Path) -> Iterator[dict[str, str]]:
    """Addresses of a broker with the settings of the compose file, by listener."""
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    settings = {
        _property(name): _here(value, secrets)
        for name, value in SECURE["services"]["kafka"]["environment"].items()
    }
    named = re.findall(r"(\w+)://", settings["advertised.listeners"])
    ports: set[int] = set()
    while len(ports) < len(named):
        ports.update(_free_ports())
    places = {name: f"localhost:{port}" for name, port in zip(named, sorted(ports), strict=False)}
    own = {name: value for name, value in settings.items() if name not in _OTHER_PLACES}
    protocols = f"{settings['listener.security.protocol.map']},PLAINTEXT:PLAINTEXT"
    with Broker({**own, "listener.security.protocol.map": protocols}, doors=places):
        yield places


def _property(variable: str) -> str:
    """Name of a property, as the image makes it of a variable: ___ is a hyphen, __ an underscore, _ a dot."""
    name = variable.removeprefix("KAFKA_").lower()
    return name.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


def _here(value: Any, secrets: Path) -> str:
    return str(value).replace("/run/secrets", str(secrets))


def _environment(service: str, doors: dict[str, str], secrets: Path) -> dict[str, str]:
    told = SECURE["services"][service]["environment"]
    told = {name: _here(value, secrets) for name, value in told.items() if name.startswith("BLOCWATCH_KAFKA")}
    return {**told, "BLOCWATCH_KAFKA": doors["BROKERS" if service in ("users", "acls") else "INTERNAL"]}


def _write(doors: dict[str, str], secrets: Path) -> None:
    """Put one record where the poller may: whoever reads an empty topic is refused nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment("poller", doors, secrets).items():
            patch.setenv(name, value)
        kafka = load_settings().pipeline.kafka
    publisher = KafkaPublisher(kafka, kafka.in_flight_bytes, kafka.delivery_timeout_s)
    publisher.send(ARTICLES.name, "k", encode(article(1)))
    publisher.close()


def test_the_jobs_let_every_service_in_and_nobody_else(
    doors: dict[str, str], secrets: Path, tmp_path: Path
) -> None:
    for service in ("users", "acls", "topics"):
        command = SECURE["services"][service].get("command", ["topics", "apply"])
        arguments = [_here(argument, secrets) for argument in command]
        done = blocwatch(*arguments, **_environment(service, doors, secrets))
        assert done.returncode == 0, f"{service}\n{done.stdout}{done.stderr}"
    _write(doors, secrets)
    for service, topic in (("poller", "articles"), ("aggregator", "metrics"), ("extractor", "articles")):
        login = _environment(service, doors, secrets)
        out = str(tmp_path / service)
        done = blocwatch("export", "--topic", topic, "--to", "jsonl", "--out", out, **login)
        if service == "poller":
            assert "does not let User:poller do this: reading coalition.articles.v1" in done.stderr
        else:
            assert done.returncode == 0, done.stderr
    nobody = blocwatch("topics", "diff", BLOCWATCH_KAFKA=doors["INTERNAL"])
    assert "speaks TLS only" in nobody.stderr
    again = blocwatch("acls", "diff", **_environment("topics", doors, secrets))
    assert again.stdout.strip() == "the broker agrees with acls.yaml"


def test_every_secret_is_used_by_those_alone_who_need_it() -> None:
    used = {name: set(service.get("secrets", ())) for name, service in SECURE["services"].items()}
    assert set().union(*used.values()) == set(SECURE["secrets"])
    for name in ("poller", "extractor", "aggregator"):
        assert used[name] == {"ca.pem", f"{name}.password"}
    assert used["topics"] == {"ca.pem", "operator.password"}
    assert used["dashboard"] == {"ca.pem", "reader.password"}
    assert {name for name, some in used.items() if "admin.key" in some} == {"users", "acls"}


def test_the_broker_asks_about_itself_by_what_the_compose_file_gives_it() -> None:
    (path,) = re.findall(r"--command-config (\S+)", SECURE["services"]["kafka"]["healthcheck"]["test"][1])
    (mounted,) = [v for v in SECURE["services"]["kafka"]["volumes"] if f":{path}:" in v]
    text = (ROOT / mounted.split(":")[0]).read_text()
    files = set(re.findall(r"/run/secrets/(\S+)", text))
    assert files == set(SECURE["services"]["kafka"]["secrets"])

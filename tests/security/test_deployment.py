"""Each container of docker-compose.yml, line by line: nobody special, nothing writable, nothing unlimited."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLAIN = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CLUSTER = yaml.safe_load((ROOT / "docker-compose.cluster.yml").read_text())
MORE_BROKERS = {name: CLUSTER["services"][name] for name in ("kafka-2", "kafka-3")}
SERVICES: dict[str, dict[str, Any]] = {**PLAIN["services"], **MORE_BROKERS}
BROKERS = {"kafka", *MORE_BROKERS}
OURS = {"topics", "poller", "extractor", "aggregator", "dashboard"}
WRITES_ITS_ROOT = BROKERS
"""The broker's image writes its configuration into its own file system at start."""
LISTENS = {
    "kafka": "127.0.0.1:9092:9092",
    "kafka-2": "127.0.0.1:9192:9092",
    "kafka-3": "127.0.0.1:9292:9092",
    "dashboard": "127.0.0.1:8080:8080",
    "prometheus": "127.0.0.1:9090:9090",
    "grafana": "127.0.0.1:3000:3000",
}
NETWORKS = {
    **{name: {"broker", "front"} for name in BROKERS},
    "topics": {"broker"},
    "poller": {"broker", "watch", "news"},
    "extractor": {"broker", "watch"},
    "aggregator": {"broker", "watch"},
    "dashboard": {"broker", "front"},
    "prometheus": {"watch", "front"},
    "grafana": {"watch", "front"},
}
MORE_RIGHTS = {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "userns_mode"}
MOST_MEMORY_MIB = 2048
UNITS_MIB = {"m": 1, "g": 1024}
SECRET = re.compile(r"passw|secret|token|api_?key|credential|private", re.IGNORECASE)


def test_no_service_is_forgotten() -> None:
    assert set(NETWORKS) == set(SERVICES)
    assert OURS | BROKERS | {"prometheus", "grafana"} == set(SERVICES)
    assert set(CLUSTER["services"]) == {"kafka", *OURS, *MORE_BROKERS}
    loosening = {
        "privileged",
        "user",
        "read_only",
        "cap_add",
        "security_opt",
        "ports",
        "pid",
        "ipc",
        "network_mode",
    }
    for name in (*OURS, "kafka"):
        assert not loosening & set(CLUSTER["services"][name]), name


@pytest.mark.parametrize("name", SERVICES)
class TestEveryService:
    def test_is_not_root(self, name: str) -> None:
        user, _, _group = SERVICES[name]["user"].partition(":")
        assert user.isdigit()
        assert int(user) > 0

    def test_cannot_become_more(self, name: str) -> None:
        service = SERVICES[name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "userns_mode"} & set(
            service
        )

    def test_writes_nowhere_else(self, name: str) -> None:
        service = SERVICES[name]
        assert service.get("read_only", False) is (name not in WRITES_ITS_ROOT)
        assert "/tmp" in service["tmpfs"]
        for volume in service.get("volumes", []):
            source, target, *mode = volume.split(":")
            assert "docker.sock" not in volume
            if source.startswith((".", "/", "~")):
                assert mode == ["ro"], f"{volume}: this machine's files are read only"
                assert source.startswith("./config")
            assert target not in {"/", "/etc", "/usr", "/opt"}

    def test_has_limits(self, name: str) -> None:
        service = SERVICES[name]
        size, unit = int(service["mem_limit"][:-1]), service["mem_limit"][-1]
        assert 0 < size * UNITS_MIB[unit] <= MOST_MEMORY_MIB
        assert 0 < service["cpus"] <= 2
        assert 0 < service["pids_limit"] <= 512
        assert {"max-size", "max-file"} <= set(service["logging"]["options"])

    def test_comes_back_and_is_watched(self, name: str) -> None:
        service = SERVICES[name]
        assert service["restart"] == ("no" if name == "topics" else "unless-stopped")
        assert re.fullmatch(r"\d+s", service["stop_grace_period"])
        if name == "topics":  # ends by itself
            assert service["healthcheck"] == {"disable": True}
        else:
            assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])

    def test_is_reached_only_as_intended(self, name: str) -> None:
        service = SERVICES[name]
        assert service.get("ports", []) == ([LISTENS[name]] if name in LISTENS else [])
        assert set(service["networks"]) == NETWORKS[name]

    def test_is_a_pinned_image(self, name: str) -> None:
        repository, _, tag = SERVICES[name]["image"].partition(":")
        assert re.fullmatch(r"[a-z0-9./-]+", repository)
        assert re.fullmatch(r"v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", tag)

    def test_is_told_no_secret(self, name: str) -> None:
        service = SERVICES[name]
        for key, value in service.get("environment", {}).items():
            assert not SECRET.search(key), key
            assert "://" not in str(value) or "@" not in str(value).partition("://")[2], key
        assert "env_file" not in service


def test_only_the_poller_reaches_the_world() -> None:
    networks = PLAIN["networks"]
    assert networks["broker"] == networks["watch"] == {"internal": True}
    assert set(networks) == {"broker", "watch", "front", "news"}
    assert {name for name, joined in NETWORKS.items() if "news" in joined} == {"poller"}
    assert {name for name in OURS if "front" in NETWORKS[name]} == {"dashboard"}


def test_the_broker_lets_nobody_write_ahead_of_time() -> None:
    for name in BROKERS:
        assert SERVICES[name]["environment"]["KAFKA_LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS"] == 3_600_000
        assert SERVICES[name]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_the_image_is_built_in_two_steps_and_runs_as_nobody() -> None:
    lines = [line for line in _instructions() if line]
    stages = [line for line in lines if line.startswith("FROM ")]
    assert len(stages) == 2
    for stage in stages:  # pinned to a patch version
        assert re.search(r":(?:\d+\.\d+\.\d+-|[\w.-]*\d+\.\d+\.\d+)", stage), stage
    last = lines[lines.index(stages[1]) :]
    assert [line for line in last if line.startswith("USER ")] == ["USER 10001:10001"]
    assert last[-2:] == ["USER 10001:10001", 'ENTRYPOINT ["blocwatch"]']
    copied = [line for line in last if line.startswith(("COPY ", "ADD "))]
    assert copied == ["COPY --from=build /opt/blocwatch /opt/blocwatch", "COPY config /config"]
    # No compiler, package manager or download in what runs.
    assert not re.search(r"\b(?:apt|apt-get|pip|uv|curl|wget|gcc|git)\b", " ".join(last))
    assert not any(line.startswith("ADD ") for line in lines)
    assert "--require-hashes" in " ".join(lines)
    assert not SECRET.search(" ".join(lines).replace("UV_COMPILE", ""))


def test_the_builder_sees_only_what_it_needs() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    needed = {"pyproject.toml", "README.md", "requirements.lock", "pipeline", "config"}
    assert {rule[1:] for rule in rules if rule.startswith("!")} == needed
    build = [line.split() for line in _instructions() if line.startswith("COPY ") and "--from" not in line]
    assert {source for words in build for source in words[1:-1]} == needed


def _instructions() -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if not line.lstrip().startswith("#")]

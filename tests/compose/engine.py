"""The two ways to run a compose file, a Docker engine or podman alone, behind the same verbs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROJECT = "blocwatch-test"
WORKERS = ("poller", "extractor", "aggregator")
HEALTHY_TIMEOUT_S = 240


class EngineError(RuntimeError):
    """A container command failed, or a service did not get ready; the message shows what it printed."""


class Engine(ABC):
    """Brings services up and down, and looks into their containers."""

    program: str
    compose_command: tuple[str, ...]

    def __init__(self, files: Sequence[str], work: Path, brokers: Sequence[str]) -> None:
        """`files` are compose files relative to the root, `work` the folder for BLOCWATCH_TEST_WORK."""
        self.brokers = tuple(brokers)
        self._files = [word for name in files for word in ("-f", str(ROOT / name))]
        self._environment = {**os.environ, "BLOCWATCH_TEST_WORK": str(work)}

    @abstractmethod
    def start(self, *, extractors: int = 1) -> None:
        """Bring all services up in the order that depends_on asks for, and wait until all are healthy."""

    @abstractmethod
    def stop(self) -> None:
        """Stop all services, those first that depend on others, and leave the containers."""

    @abstractmethod
    def healthy(self, container: str) -> bool:
        """Whether the container's own health check passes."""

    def build(self) -> None:
        """Build the project's image from the Dockerfile."""
        self.compose("build", "topics")

    def scale(self, extractors: int) -> None:
        """Run so many extractors, and wait until all are healthy."""
        self.compose(
            "up", "-d", "--no-deps", "--no-build", "--no-recreate", "--scale", f"extractor={extractors}",
            "extractor",
        )  # fmt: skip
        self.wait_healthy("extractor", count=extractors)

    @abstractmethod
    def down(self, *, volumes: bool = False) -> None:
        """Stop and remove all containers and networks, and the volumes too where asked."""

    def kill(self, service: str) -> None:
        """End the service's only container with a SIGKILL, and leave it so."""
        (name,) = self.containers(service)
        self.run("kill", name)

    def revive(self, service: str) -> None:
        """Start the killed container again, and wait until it is healthy."""
        (name,) = self.containers(service)
        self.run("start", name)
        self.wait_healthy(service)

    def compose(self, *arguments: str) -> str:
        """Run a compose command; returns its standard output."""
        return self._run([*self.compose_command, "-p", PROJECT, *self._files, *arguments])

    def run(self, *arguments: str) -> str:
        """Run a command of the container program; returns its standard output."""
        return self._run([self.program, *arguments])

    def status(self, *arguments: str) -> int:
        """Run a command of the container program; returns its exit status."""
        command = [self.program, *arguments]
        return subprocess.run(command, capture_output=True, env=self._environment).returncode

    def containers(self, service: str) -> list[str]:
        """Names of the service's containers, running or not."""
        labels = {"project": PROJECT, "service": service}
        filters = [f"--filter=label=com.docker.compose.{name}={value}" for name, value in labels.items()]
        return sorted(self.run("ps", "--all", *filters, "--format", "{{.Names}}").split())

    def state(self, container: str) -> dict[str, Any]:
        """What the engine knows of a container's run: Status, ExitCode, ..."""
        state: dict[str, Any] = json.loads(self.run("inspect", "--format", "{{json .State}}", container))
        return state

    def restarts(self, container: str) -> int:
        """How often its restart policy has started it anew."""
        return int(self.run("inspect", "--format", "{{.RestartCount}}", container))

    def logs(self, container: str, lines: int | None = None) -> str:
        """What the container printed, or its last lines."""
        tail = [] if lines is None else ["--tail", str(lines)]
        done = subprocess.run(
            [self.program, "logs", *tail, container],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self._environment,
        )  # fmt: skip
        return done.stdout

    def wait_healthy(self, service: str, count: int = 1) -> None:
        """Wait until the service has `count` containers and all of them are healthy."""
        waiting: list[str] = []
        deadline = time.monotonic() + HEALTHY_TIMEOUT_S
        while time.monotonic() < deadline:
            names = self.containers(service)
            waiting = [name for name in names if not self.healthy(name)]
            if len(names) == count and not waiting:
                return
            if any(self.restarts(name) > 2 for name in waiting):
                break
            time.sleep(1)
        raise EngineError(f"did not become healthy: {', '.join(waiting) or f'{count} of {service}'}")

    def wait_succeeded(self, service: str) -> None:
        """Wait until the one-shot service has ended, and with status 0."""
        (name,) = self.containers(service)
        deadline = time.monotonic() + HEALTHY_TIMEOUT_S
        while (state := self.state(name))["Status"] != "exited":
            if time.monotonic() > deadline:
                raise EngineError(f"{name} did not end")
            time.sleep(0.5)
        if state["ExitCode"] != 0:
            raise EngineError(f"{name} ended with status {state['ExitCode']}")

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment)
        if done.returncode:
            raise EngineError(f"{' '.join(command)} failed\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout


class Docker(Engine):
    """A Docker engine with Compose: depends_on and health checks are its own work."""

    program = "docker"
    compose_command = ("docker", "compose")

    @staticmethod
    def available() -> bool:
        """Whether an engine answers and Compose is there."""
        commands = (["docker", "info"], ["docker", "compose", "version"])
        try:
            return not any(subprocess.run(command, capture_output=True).returncode for command in commands)
        except FileNotFoundError:
            return False

    def start(self, *, extractors: int = 1) -> None:
        self.compose("up", "-d", "--scale", f"extractor={extractors}")
        self.wait_succeeded("topics")
        for service in (*self.brokers, *WORKERS):
            self.wait_healthy(service, extractors if service == "extractor" else 1)

    def stop(self) -> None:
        self.compose("stop")

    def down(self, *, volumes: bool = False) -> None:
        self.compose("down", *(["--volumes"] if volumes else []))

    def healthy(self, container: str) -> bool:
        health: str = self.state(container)["Health"]["Status"]
        return health == "healthy"


class Podman(Engine):
    """podman and podman-compose without systemd.

    Nothing runs health checks by itself there, and podman-compose (1.6 with podman 4.3) passes over
    service_healthy, does not look at the status in service_completed_successfully, stops all services at
    once and forgets those that were scaled up. So this class runs the checks, and starts and stops the
    services in the order of depends_on.
    """

    program = "podman"

    def __init__(self, files: Sequence[str], work: Path, brokers: Sequence[str], tools: Path) -> None:
        super().__init__(files, work, brokers)
        self.compose_command = (sys.executable, str(tools / "podman_compose.py"), "--in-pod=false")

    def start(self, *, extractors: int = 1) -> None:
        self._up(*self.brokers)
        for broker in self.brokers:
            self.wait_healthy(broker)
        self._up("topics")
        self.wait_succeeded("topics")
        self._up("feeds", "poller", "aggregator")
        self.scale(extractors)
        for service in WORKERS:
            self.wait_healthy(service, extractors if service == "extractor" else 1)

    def stop(self) -> None:
        for services, grace_s in ((("feeds", *WORKERS), 30), (self.brokers, 60)):
            names = [name for service in services for name in self.containers(service)]
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda name, s=grace_s: self.run("stop", "--time", str(s), name), names))

    def down(self, *, volumes: bool = False) -> None:
        self.stop()
        for name in self.containers("extractor"):
            self.run("rm", name)
        self.compose("down", *(["--volumes"] if volumes else []))

    def healthy(self, container: str) -> bool:
        return self.status("healthcheck", "run", container) == 0

    def _up(self, *services: str) -> None:
        self.compose("up", "-d", "--no-deps", "--no-build", *services)

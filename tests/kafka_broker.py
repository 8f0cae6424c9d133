"""Nothing in, a real Apache Kafka broker on 127.0.0.1 out: one KRaft node from Maven Central's jars.

By hand, in the foreground: ``python -m tests.kafka_broker`` prints its address.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 30
_POM = Path(__file__).parent / "kafka" / "pom.xml"
_SETTINGS = Path(__file__).parent / "kafka" / "server.properties"
_JAVA_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Dlog4j2.level=INFO")
_CLUSTER_ID = "YmxvY3dhdGNoLXRlc3RzMA"


class BrokerError(RuntimeError):
    """The broker could not be fetched, started or reached; the message ends with its log's tail."""


def available() -> str | None:
    """The reason why no broker can run here, or None when one can."""
    if (java := _java()) is None:
        return "no java on PATH or in JAVA_HOME (Kafka needs Java 17 or later)"
    banner = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    if (major := re.search(r'version "(\d+)', banner)) is None or int(major[1]) < 17:
        return f"Kafka needs Java 17 or later, found: {banner[:80]}"
    if not _cache().is_dir() and shutil.which("mvn") is None:
        return f"no mvn on PATH to fetch Kafka's jars, and none cached in {_cache()}"
    return None


def jars() -> Path:
    """The folder of Kafka's jars, fetched on first use; safe when several processes ask at once."""
    target = _cache()
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
                _download(Path(scratch) / "jars")
                (Path(scratch) / "jars").rename(target)
    return target


class Broker:
    """One broker with its own data; ``with Broker() as broker:`` starts it and removes everything after.

    ``bootstrap`` and the data stay the same over ``stop``, ``kill`` and ``restart``; topics never appear
    by themselves. ``overrides`` replaces single lines of server.properties; ``doors`` are
    further listeners by name, host:port; ``users`` names and passwords for SCRAM-SHA-512 from the beginning.
    """

    def __init__(
        self,
        overrides: Mapping[str, str] | None = None,
        *,
        heap_mb: int = 384,
        doors: Mapping[str, str] | None = None,
        users: Mapping[str, str] | None = None,
        log_settings: Path | None = None,
    ) -> None:
        self._port, controller = _free_ports()
        self._heap_mb = heap_mb
        self._users = dict(users or {})
        self._log_flags = [] if log_settings is None else [f"-Dlog4j2.configurationFile={log_settings}"]
        self.bootstrap = f"127.0.0.1:{self._port}"
        self.home = Path(tempfile.mkdtemp(prefix="blocwatch-kafka-"))
        self.log = self.home / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = self.home / "server.properties"
        named = {"PLAINTEXT": self.bootstrap, **(doors or {})}
        open_to_clients = ",".join(f"{name}://{place}" for name, place in named.items())
        settings = {
            "listeners": f"{open_to_clients},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": open_to_clients,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self.home / "data"),
            **(overrides or {}),
        }
        lines = "".join(f"{key}={value}\n" for key, value in settings.items())
        self._properties.write_text(_SETTINGS.read_text() + lines)

    def start(self) -> None:
        """Format the storage on first use, then return once the broker answers; BrokerError when not."""
        if self._process is not None and self._process.poll() is None:
            return
        if not (self.home / "data" / "meta.properties").exists():
            arguments = ["format", "-t", _CLUSTER_ID, "-c", str(self._properties)]
            for name, password in self._users.items():
                arguments += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
            if self._java("kafka.tools.StorageTool", *arguments).wait(START_TIMEOUT_S):
                raise BrokerError(f"formatting the storage failed\n{self._tail()}")
        self._process = self._java("kafka.Kafka", str(self._properties))
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _answers(self._port):
            if (status := self._process.poll()) is not None:
                raise BrokerError(f"the broker ended with status {status} while starting\n{self._tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise BrokerError(f"no answer at {self.bootstrap} in {START_TIMEOUT_S} s\n{self._tail()}")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        if self._process is None:
            raise BrokerError("the broker does not run")
        return self._process.pid

    def stop(self) -> None:
        """Shut down cleanly; killed when that takes over STOP_TIMEOUT_S seconds. Data stays."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no shutdown, no flush. Data stays."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop cleanly if still running, then start on the same data folder and port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Kill the process and remove its data."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self.close)
            self.start()
            on_failure.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _java(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        java = [
            _java() or "java",
            f"-Xmx{self._heap_mb}m",
            *_JAVA_FLAGS,
            *self._log_flags,
            "-cp",
            f"{jars()}/*",
        ]
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the tests first, which close clients before the broker.
            return subprocess.Popen([*java, main, *arguments], stdout=log, stderr=log, start_new_session=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-60:])


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def _cache() -> Path:
    version = _POM.read_text().partition("<kafka.version>")[2].partition("</kafka.version>")[0]
    return Path(os.environ.get("BLOCWATCH_CACHE") or Path.home() / ".cache/blocwatch") / f"kafka-{version}"


def _download(folder: Path) -> None:
    # -C: a jar whose checksum is wrong fails the download; Maven's default is a mere warning.
    command = ["mvn", "-q", "-B", "-C", "-f", str(_POM), "dependency:copy-dependencies"]
    done = subprocess.run([*command, f"-DoutputDirectory={folder}"], capture_output=True, text=True)
    if done.returncode or not any(folder.glob("kafka_*.jar")):
        raise BrokerError(f"fetching Kafka's jars failed\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def _free_ports() -> tuple[int, int]:
    # Below the ephemeral range: no outgoing connection can take a port while the broker is down,
    # and a client that reconnects on loopback cannot be joined to itself.
    while True:
        one, other = random.sample(range(20000, 32000), 2)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", one)):
            socket.create_server(("127.0.0.1", other)).close()
            return one, other


def _answers(port: int) -> bool:
    """Whether a Metadata request (key 3, version 1, no topics) is answered with at least one live broker."""
    request = struct.pack(">hhih4si", 3, 1, 7, 4, b"test", 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
            link.sendall(struct.pack(">i", len(request)) + request)
            answer = link.recv(12, socket.MSG_WAITALL)  # size, correlation id, number of brokers
            return len(answer) == 12 and struct.unpack(">iii", answer)[2] > 0
    except OSError:
        return False


if __name__ == "__main__":
    if reason := available():
        sys.exit(reason)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Broker() as running, contextlib.suppress(KeyboardInterrupt):
        print(running.bootstrap, flush=True)
        signal.pause()

"""Real workers on a real broker, for tests, replays and benchmarks: start, wait until drained, read, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from kafka import KafkaConsumer, TopicPartition

from pipeline.cli.topics import wanted
from pipeline.contract.codec import decode
from pipeline.contract.metric import Clock
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS, TOPICS
from pipeline.settings import Settings, load_settings
from pipeline.transport.base import Message
from pipeline.transport.connection import Broker, address, client_arguments
from pipeline.transport.kafka import KafkaPublisher, latest, tail
from pipeline.transport.layout import apply

ROOT = Path(__file__).parent.parent
GROUP_OF = {
    "extractor": ("blocwatch-extractor", ARTICLES.name),
    "aggregator": ("blocwatch-aggregator", EVENTS.name),
}
COMPACTED = tuple(topic for topic in TOPICS if topic.compacted)


class KafkaPipeline:
    """Extractors and aggregator as processes of the installed command, on `bootstrap`.

    `logins` are the environment by which each worker logs in, where a broker asks for that.
    """

    def __init__(
        self,
        bootstrap: Broker,
        folder: Path,
        environment: dict[str, str] | None = None,
        logins: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.bootstrap = bootstrap
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "BLOCWATCH_KAFKA": address(bootstrap),
            "BLOCWATCH_STATE": str(folder / "state"),
            "BLOCWATCH_CONFIG": str(ROOT / "config"),
            "BLOCWATCH_LOG_FORMAT": "json",
            **(environment or {}),
        }
        self.settings: Settings = load_settings(environ=self.environment)
        self._logins = logins or {}
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        apply(bootstrap, wanted(self.settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    def start(self, worker: str, name: str | None = None, *options: str) -> subprocess.Popen[bytes]:
        """Start one worker process; its log lies in `folder`."""
        name = name or worker
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.cli", "run", worker, *options],
                env={
                    **os.environ,
                    **self.environment,
                    **self._logins.get(worker, {}),
                    "OMP_NUM_THREADS": "1",
                },
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        self.workers[name] = process
        return process

    def stop(self, name: str, number: int = signal.SIGTERM, within_s: float = 30) -> float:
        """Signal one worker, wait for its end and return the seconds that it took."""
        worker = self.workers.pop(name)
        began = time.monotonic()
        worker.send_signal(number)
        worker.wait(within_s)
        return time.monotonic() - began

    def publisher(self) -> KafkaPublisher:
        """A publisher like the poller's."""
        return KafkaPublisher(self.bootstrap, 32_000_000, 60)

    def send(self, records: Iterable[tuple[str, str, bytes]]) -> None:
        """Publish (topic, key, value) and return once all is acknowledged."""
        publisher = self.publisher()
        for topic, key, value in records:
            publisher.send(topic, key, value)
        publisher.close()

    def drain(self, within_s: float = 120) -> None:
        """Return once both workers have acknowledged everything and the metrics have settled.

        Raises TimeoutError with their logs.
        """
        deadline = time.monotonic() + within_s
        # In this order: once the extractor has nothing left, no event can come any more.
        for worker in GROUP_OF:
            while left := lag(self.bootstrap, worker):
                dead = [name for name, process in self.workers.items() if process.poll() is not None]
                if dead or time.monotonic() > deadline:
                    raise TimeoutError(f"{worker} has {left} records left, ended: {dead}\n{self.logs()}")
                time.sleep(0.3)
        while clocks := [decode(Clock, value) for value in latest(self.bootstrap, CLOCK.name).values()]:
            if all(clock.settled for clock in clocks):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"the metrics have not settled\n{self.logs()}")
            time.sleep(0.3)

    def read(self, topic: str) -> list[Message]:
        """Everything on a topic, partition after partition."""
        return sorted(tail(self.bootstrap, [topic]), key=lambda m: (m.partition, m.offset))

    def tables(self) -> dict[str, dict[str, bytes]]:
        """The newest value by key of every compacted topic."""
        return {topic.name: latest(self.bootstrap, topic.name) for topic in COMPACTED}

    def logs(self) -> str:
        """The last lines of each worker's log."""
        parts = []
        for path in sorted(self.folder.glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-15:]
            parts.append(f"--- {path.name}\n" + "\n".join(lines))
        return "\n".join(parts)


def lag(bootstrap: Broker, worker: str) -> int:
    """How many records a worker's group has not acknowledged yet."""
    group, topic = GROUP_OF[worker]
    # Only assigned, never subscribed: reads the group's offsets without joining it.
    consumer = KafkaConsumer(**client_arguments(bootstrap), group_id=group, enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        return sum(end - (consumer.committed(tp) or 0) for tp, end in ends.items())
    finally:
        consumer.close()

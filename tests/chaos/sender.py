"""Records in, one after another; each is sent until the broker has acknowledged it, and then is listed."""

from __future__ import annotations

import threading
from queue import Empty, Queue
from types import TracebackType
from typing import Self

from pipeline.contract.errors import DependencyError
from pipeline.transport.kafka import KafkaPublisher


class Sender:
    """Sends from a thread of its own, so that a broker that is away holds up nobody."""

    def __init__(self, bootstrap: str) -> None:
        self.acknowledged: list[tuple[str, bytes]] = []
        """Topic and value, in order of acknowledgement."""
        self._bootstrap = bootstrap
        self._queue: Queue[tuple[str, str, bytes]] = Queue()
        self._sent = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def waiting(self) -> int:
        """Records that are not acknowledged yet."""
        return self._sent - len(self.acknowledged)

    def send(self, topic: str, key: str, value: bytes) -> None:
        """Queue one record."""
        self._sent += 1
        self._queue.put((topic, key, value))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(15)

    def _run(self) -> None:
        publisher = KafkaPublisher(self._bootstrap, 8_000_000, 10)
        while not self._ending.is_set():
            try:
                topic, key, value = self._queue.get(timeout=0.2)
            except Empty:
                continue
            while not self._ending.is_set():
                try:
                    publisher.send(topic, key, value)
                    publisher.flush()
                    self.acknowledged.append((topic, value))
                    break
                except DependencyError:
                    continue
        publisher.close()

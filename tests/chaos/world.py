"""A plan in; a real broker behind a proxy, real processes, a growing feed and the plan's faults; logs out."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random, SystemRandom
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition

from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.metric import Clock
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS, TOPICS
from pipeline.transport.base import Message
from pipeline.transport.kafka import tail
from tests.chaos.footprint import footprint_of
from tests.chaos.integrity import GROUPS, grown
from tests.chaos.logs import Footprint, Logs
from tests.chaos.news import article, edited, feed, poison
from tests.chaos.proxy import Proxy
from tests.chaos.schedule import LOAD_S, PAST_SESSION_S, Do, Plan, Step
from tests.chaos.sender import Sender
from tests.feed_server import FeedServer
from tests.kafka_broker import Broker
from tests.kafka_pipeline import ROOT, KafkaPipeline

TOPIC_NAMES = (*(topic.name for topic in TOPICS), ARTICLES.dlq, EVENTS.dlq)
_WARM, _MORE, _TURNS = 20, 5, 16
"""Entries before the faults, entries a turn, turns under them."""
_BESIDE_A_S, _BESIDE_FROM, _WARM_BESIDE = 5, 1000, 150
"""Articles a second that are sent past the poller, the first one's number, and how many before the faults:
enough that what a process holds for all dyads and days is there when it is first measured.
"""
_QUIET_S = 4.0
_PATIENCE_S = 240.0


class StuckError(Exception):
    """The run did not come to rest; says what was missing, with the logs' ends."""


class World:
    """One run; `run` returns what it left behind."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.died: list[str] = []
        """Processes that ended without being told to, and were started again."""
        self.phases: dict[str, float] = {}
        """Seconds that each part took."""
        self._began = time.monotonic()
        self._stack = ExitStack()
        self._wanted: dict[str, bool] = {}
        self._frozen: set[str] = set()
        self._thaw_at: dict[str, float] = {}
        self._lives: Counter[str] = Counter()
        self._struck = 0
        self._chance = Random(f"world {plan.seed}")
        edits = frozenset(self._chance.sample(range(_WARM), 3))
        shown = [(n, edits if n else frozenset[int]()) for n in range(_TURNS + 1)]
        self._documents = [feed(range(_WARM + _MORE * n), e, plan.seed) for n, e in shown]
        self._served = 0
        self._edits = edits
        self._bad = poison(plan.seed)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._broker = Broker(heap_mb=256)
            stack.callback(self._broker.close)
            inner, outer = free_port(), free_port()
            _listen_twice(self._broker, inner, outer)
            self._broker.start()
            self._proxy = stack.enter_context(Proxy(inner, self.plan.seed, outer))
            self._feeds = stack.enter_context(FeedServer(self._documents))
            environment = {
                "BLOCWATCH_KAFKA": f"127.0.0.1:{outer}",
                "BLOCWATCH_CONFIG": str(_config(self.folder / "config", self._feeds.url)),
            }
            pipeline = KafkaPipeline(self._broker.bootstrap, self.folder / "work", environment)
            self._pipeline = stack.enter_context(pipeline)
            self._sender = stack.enter_context(Sender(self._broker.bootstrap))
            self._stack = stack.pop_all()
        self._note("start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self) -> Logs:
        """Warm up, do what is planned while entries keep coming, wait for rest, and read everything."""
        for name in self.plan.begin:
            self._start(name)
        for number in range(_WARM_BESIDE):
            self._beside(number)
        self._until(self._at_rest, "warm-up")
        before = self._measure()
        self._note("warm")
        self._load()
        self._note("load")
        self._until(self._at_rest, "rest after the faults")
        self._note("rest")
        self._until(lambda: self._given_back(before), "memory", within_s=25, must=False)
        self._note("memory")
        after = self._measure()
        return Logs(
            topics=self._topics(),
            served=frozenset(f"entry-{n}" for n in range(_WARM + _MORE * self._served)),
            acknowledged=tuple(self._sender.acknowledged),
            committed=self._committed(),
            before={name: before[name] for name in before if name in after},
            after=after,
            calm=self.plan.family == "calm",
        )

    @property
    def struck(self) -> int:
        """How often an armed point ended or froze a process."""
        return self._struck

    def _note(self, phase: str) -> None:
        self.phases[phase] = time.monotonic() - self._began - sum(self.phases.values())

    def _load(self) -> None:
        began, steps, sent = time.monotonic(), list(self.plan.steps), 0
        while steps or self._served < _TURNS:
            now = time.monotonic() - began
            if self._served < _TURNS and now >= (self._served + 1) * LOAD_S / (_TURNS + 1):
                self._feeds.advance()
                self._served += 1
            while sent < LOAD_S * _BESIDE_A_S and now >= sent / _BESIDE_A_S:
                self._beside(_WARM_BESIDE + sent)
                sent += 1
            while steps and steps[0].at_s <= now:
                self._do(steps.pop(0))
            self._supervise()
            time.sleep(0.05)

    def _beside(self, number: int) -> None:
        """Send an article past the poller; every ninth is soon taken back."""
        one = article(_BESIDE_FROM + number, self.plan.seed)
        for version in (one, edited(one)) if number % 9 == 8 else (one,):
            self._sender.send(ARTICLES.name, one.article_id, encode(version))

    def _do(self, step: Step) -> None:
        name = step.target
        if step.do is Do.START:
            self._start(name)
        elif step.do in (Do.KILL, Do.TERM):
            self._wanted[name] = False
            self._pipeline.workers[name].send_signal(signal.SIGKILL if step.do is Do.KILL else signal.SIGTERM)
        elif step.do is Do.FREEZE:
            self._pipeline.workers[name].send_signal(signal.SIGSTOP)
            self._frozen.add(name)
        elif step.do is Do.THAW:
            self._pipeline.workers[name].send_signal(signal.SIGCONT)
            self._frozen.discard(name)
        elif step.do is Do.BROKER_KILL:
            self._broker.kill()
        elif step.do is Do.BROKER_START:
            self._broker.start()
        elif step.do is Do.POISON:
            topic, value = self._chance.choice(self._bad)
            self._sender.send(topic, "beside", value)
        else:
            self._proxy.act(step.do)

    def _start(self, name: str) -> None:
        """Start a process, once its forerunner of the same name has ended."""
        self._wanted[name] = True
        old = self._pipeline.workers.get(name)
        if old is None or old.poll() is not None:
            self._launch(name)

    def _launch(self, name: str) -> None:
        """Start a process, armed where this life of it is to be."""
        lives = self.plan.armed.get(name, ())
        armed = lives[self._lives[name]] if self._lives[name] < len(lives) else ""
        self._lives[name] += 1
        self._pipeline.environment["BLOCWATCH_ARMED"] = armed
        self._pipeline.start(name.partition("-")[0], name)

    def _supervise(self) -> None:
        """Start again what ended by itself, as compose does."""
        for name, process in list(self._pipeline.workers.items()):
            if process.poll() is not None and self._wanted[name]:
                if process.returncode not in (-signal.SIGKILL, 0):
                    self.died.append(f"{name} ({process.returncode})")
                self._struck += process.returncode == -signal.SIGKILL
                self._launch(name)
            elif process.poll() is None and name not in self._frozen and _is_stopped(process.pid):
                self._struck += name not in self._thaw_at
                thaw_at = self._thaw_at.setdefault(name, time.monotonic() + PAST_SESSION_S)
                if time.monotonic() > thaw_at:
                    process.send_signal(signal.SIGCONT)
                    del self._thaw_at[name]

    def _at_rest(self) -> str | None:
        """Say what is still missing; None when all is read, settled and silent."""
        if self._thaw_at:
            return f"frozen: {', '.join(self._thaw_at)}"
        if left := self._sender.waiting:
            return f"{left} records are not acknowledged to their sender"
        if missing := self._unread():
            return missing
        ends = self._ends()
        if ends != self._committed():
            return f"records not acknowledged: {_difference(ends, self._committed())}"
        clocks = [decode(Clock, m.value) for m in self._read(CLOCK.name)][-1:]
        if not clocks or not clocks[0].settled:
            return "the metrics have not settled"
        if events := {m.value for m in self._read(EVENTS.name)}:
            silent, before = time.monotonic() + _QUIET_S, self._lengths()
            while time.monotonic() < silent:
                self._supervise()
                time.sleep(0.2)
            if before != self._lengths():
                return f"something is still being written, {len(events)} events so far"
        return None

    def _unread(self) -> str | None:
        found: set[tuple[str, int]] = set()
        for message in self._read(ARTICLES.name):
            try:
                article = decode(Article, message.value)
                found.add((article.guid, article.version))
            except BadRecordError:
                continue
        want = {(f"entry-{n}", 1) for n in range(_WARM + _MORE * self._served)}
        want |= {(f"entry-{n}", 2) for n in self._edits} if self._served else set()
        left = sorted(want - found)
        return f"{len(left)} entries are no articles yet: {left[:5]}" if left else None

    def _until(
        self, missing: Callable[[], str | None], what: str, within_s: float = _PATIENCE_S, must: bool = True
    ) -> None:
        deadline = time.monotonic() + within_s
        while (left := missing()) is not None:
            self._supervise()
            if time.monotonic() > deadline:
                if must:
                    raise StuckError(f"{what}: {left}\n{self._pipeline.logs()}")
                return
            time.sleep(0.3)

    def _measure(self) -> dict[str, Footprint]:
        alive = (name for name in self.plan.survivors if self._pipeline.workers[name].poll() is None)
        return {f"{n} {self._pid(n)}": footprint_of(self._pid(n)) for n in alive}

    def _given_back(self, before: dict[str, Footprint]) -> str | None:
        now = self._measure()
        more = [fault for name in now.keys() & before.keys() for fault in grown(before[name], now[name])]
        return "; ".join(more) or None

    def _pid(self, name: str) -> int:
        return self._pipeline.workers[name].pid

    def _read(self, topic: str) -> list[Message]:
        return sorted(tail(self._broker.bootstrap, [topic]), key=lambda m: (m.partition, m.offset))

    def _topics(self) -> dict[str, tuple[Message, ...]]:
        return {topic: tuple(self._read(topic)) for topic in TOPIC_NAMES}

    def _offsets(self, ask: Callable[[KafkaConsumer, list[TopicPartition]], dict[TopicPartition, int]]) -> (
        dict[tuple[str, str, int], int]
    ):  # fmt: skip
        found = {}
        for group, topic in GROUPS.items():
            consumer = KafkaConsumer(
                bootstrap_servers=self._broker.bootstrap, group_id=group, enable_auto_commit=False
            )
            try:
                numbers = consumer.partitions_for_topic(topic) or ()
                for place, offset in ask(consumer, [TopicPartition(topic, n) for n in numbers]).items():
                    if offset:
                        found[group, topic, place.partition] = offset
            finally:
                consumer.close()
        return found

    def _ends(self) -> dict[tuple[str, str, int], int]:
        return self._offsets(lambda consumer, places: consumer.end_offsets(places))

    def _committed(self) -> dict[tuple[str, str, int], int]:
        return self._offsets(lambda consumer, places: {p: consumer.committed(p) or 0 for p in places})

    def _lengths(self) -> dict[TopicPartition, int]:
        consumer = KafkaConsumer(bootstrap_servers=self._broker.bootstrap)
        try:
            places = [
                TopicPartition(t, n) for t in TOPIC_NAMES for n in consumer.partitions_for_topic(t) or ()
            ]
            found: dict[TopicPartition, int] = consumer.end_offsets(places)
            return found
        finally:
            consumer.close()


def _difference(ends: dict[tuple[str, str, int], int], committed: dict[tuple[str, str, int], int]) -> str:
    places = sorted(ends.keys() | committed.keys())
    return ", ".join(
        f"{topic}[{n}] {committed.get((group, topic, n), 0)} of {ends.get((group, topic, n), 0)}"
        for group, topic, n in places
        if ends.get((group, topic, n)) != committed.get((group, topic, n))
    )


def _listen_twice(broker: Broker, inner: int, outer: int) -> None:
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


def _config(folder: Path, url: str) -> Path:
    """The repository's configuration with one local feed."""
    shutil.copytree(ROOT / "config", folder)
    (folder / "feeds.yaml").write_text(
        f"feeds:\n  - {{feed_id: gazette, url: '{url}', outlet: Gazette, country: GBR, interval_s: 5}}\n"
    )
    (folder / "pipeline.yaml").write_text("poller: {allow_local: true, spacing_s: 0}\n")
    return folder


def _is_stopped(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def free_port() -> int:
    """A loopback port that nobody uses now, below those that outgoing connections are given."""
    while True:
        port = SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port

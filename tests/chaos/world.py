"""A plan in; a real broker behind a proxy, real processes, a growing feed and the plan's faults; logs out."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from pipeline.contract.article import Article
from pipeline.contract.codec import decode, encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.metric import Clock
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS
from tests.chaos.clock import WallClock
from tests.chaos.footprint import footprint_of, is_stopped
from tests.chaos.integrity import grown
from tests.chaos.logs import Footprint, Logs
from tests.chaos.news import article, edited, feed, poison
from tests.chaos.proxy import Proxy
from tests.chaos.records import Records, difference
from tests.chaos.schedule import LOAD_S, PAST_SESSION_S, Do, Plan, Step
from tests.chaos.sender import Sender
from tests.chaos.stage import free_port, listen_twice, local_config
from tests.feed_server import FeedServer
from tests.kafka_broker import Broker
from tests.kafka_pipeline import KafkaPipeline

_WARM, _MORE, _TURNS = 20, 5, 16
"""Entries before the faults, entries a turn, turns under them."""
_BESIDE_A_S, _BESIDE_FROM = 5, 1000
"""Articles a second that are sent past the poller, and the first one's number."""
_WARM_BESIDE, _WARM_MEASURED = 60, 600
"""How many of them before the faults: more where a process is to live through it and is measured, enough that
what it holds for all dyads and days is there by then. The aggregator still grew by 7 % after 150 articles,
with faults or without; after 600 it grows by 2 %.
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
        bad = poison(plan.seed)
        self._bad = self._chance.sample(bad, len(bad))
        self._warm = _WARM_MEASURED if plan.survivors else _WARM_BESIDE

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._broker = Broker(heap_mb=256)
            stack.callback(self._broker.close)
            inner, outer = free_port(), free_port()
            listen_twice(self._broker, inner, outer)
            self._broker.start()
            self._records = Records(self._broker.bootstrap)
            self._proxy = stack.enter_context(Proxy(inner, self.plan.seed, outer))
            self._feeds = stack.enter_context(FeedServer(self._documents))
            environment = {
                "BLOCWATCH_KAFKA": f"127.0.0.1:{outer}",
                "BLOCWATCH_CONFIG": str(local_config(self.folder / "config", self._feeds.url)),
            }
            if self.plan.family == "clock":
                self._clock = WallClock(self.folder / "clock")
                environment |= self._clock.environment
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
        for number in range(self._warm):
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
            topics=self._records.topics(),
            served=frozenset(f"entry-{n}" for n in range(_WARM + _MORE * self._served)),
            acknowledged=tuple(self._sender.acknowledged),
            committed=self._records.committed(),
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
                self._beside(self._warm + sent)
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
        elif step.do in (Do.AHEAD, Do.BACK):
            self._clock.step(1 if step.do is Do.AHEAD else -1)
        elif step.do is Do.POISON:
            topic, value = self._bad.pop()  # none twice: the oracle would take it for a repeat
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
            elif process.poll() is None and name not in self._frozen and is_stopped(process.pid):
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
        ends = self._records.ends()
        if ends != self._records.committed():
            return f"records not acknowledged: {difference(ends, self._records.committed())}"
        clocks = [decode(Clock, m.value) for m in self._records.read(CLOCK.name)][-1:]
        if not clocks or not clocks[0].settled:
            return "the metrics have not settled"
        if events := {m.value for m in self._records.read(EVENTS.name)}:
            silent, before = time.monotonic() + _QUIET_S, self._records.lengths()
            while time.monotonic() < silent:
                self._supervise()
                time.sleep(0.2)
            if before != self._records.lengths():
                return f"something is still being written, {len(events)} events so far"
        return None

    def _unread(self) -> str | None:
        found: set[tuple[str, int]] = set()
        for message in self._records.read(ARTICLES.name):
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

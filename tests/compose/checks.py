"""What must hold of the pipeline in its containers: checked, counted and told line by line."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import yaml
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from tests.compose.engine import ROOT, WORKERS, Engine
from tests.compose.feeds import INTERVAL_S, FeedServer
from tests.compose.log import Topics, await_calm, read_all

ARTICLES, EVENTS, METRICS = "coalition.articles.v1", "coalition.events.v1", "coalition.metrics.v1"
CLOCK, HISTORY = "coalition.clock.v1", "coalition.metrics-history.v1"
QUIET_S = 8.0
"""What a worker has not sent so long after its input, it does not send."""
TIMEOUT_S = 240.0
WRITABLE = {"/": False, "/opt/blocwatch": False, "/config": False, "/tmp": True, "/state": True}
PEAKS = """
import os, pathlib
kib = tasks = 0
for path in pathlib.Path("/proc").glob("[0-9]*/status"):
    status = dict(line.split(":", 1) for line in path.read_text().splitlines())
    if status["Pid"].strip() != str(os.getpid()) and "VmHWM" in status:
        kib += int(status["VmHWM"].split()[0])
        tasks += int(status["Threads"])
print(kib, tasks)
"""
"""Run in a container: most memory (KiB) that its processes ever had, each for itself, and tasks now."""
_UNITS = {"m": 2**20, "g": 2**30}


class CheckError(AssertionError):
    """Something that must hold does not."""


class Checks:
    """Steps that are timed, and checks that raise CheckError where one does not hold."""

    def __init__(self, engine: Engine, feeds: FeedServer, bootstrap: Sequence[str]) -> None:
        self.engine = engine
        self.feeds = feeds
        self.bootstrap = list(bootstrap)
        self.held = 0
        self._start = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Name what the block does, and how long it took."""
        start = time.monotonic()
        print(f"\n[{start - self._start:6.1f} s] {title}", flush=True)
        yield
        print(f"           ({time.monotonic() - start:.1f} s)", flush=True)

    def check(self, holds: bool, words: str) -> None:
        """Tell whether it holds; raise CheckError when not."""
        print(f"           {'ok  ' if holds else 'FAIL'} {words}", flush=True)
        if not holds:
            raise CheckError(words)
        self.held += 1

    def locked_down(self) -> None:
        """Each worker is nobody special, and can write only where it should."""
        for service in WORKERS:
            (name,) = self.engine.containers(service)
            # The kernel's own word on process 1: user, capabilities, no_new_privs.
            shown = self.engine.run("exec", name, "cat", "/proc/1/status").splitlines()
            status = {key: value.split() for key, _, value in (line.partition(":") for line in shown)}
            self.check(status["Uid"][0] == "10001", f"{service} runs as user 10001")
            self.check(int(status["CapEff"][0], 16) == 0, f"{service} has no capabilities")
            self.check(status["NoNewPrivs"] == ["1"], f"{service} cannot gain privileges")
            mounts = [
                line.split() for line in self.engine.run("exec", name, "cat", "/proc/1/mounts").splitlines()
            ]
            (root,) = [options.split(",") for _, where, _, options, *_ in mounts if where == "/"]
            self.check("ro" in root, f"{service} has a read-only file system")
            for folder, writable in WRITABLE.items():
                touch = ("exec", name, "python", "-c", f"open('{folder}/.written', 'w')")
                can = "can" if writable else "cannot"
                wrote = self.engine.status(*touch) == 0
                self.check(wrote == writable, f"{service} {can} write to {folder}")

    def polled(self, before: Counter[str] | None = None) -> None:
        """Wait until every feed was fetched once more than `before` (a count by `fetches`)."""
        then = before or Counter()
        deadline = time.monotonic() + INTERVAL_S + TIMEOUT_S
        while waiting := [name for name in self.feeds.names if self.fetches()[name] <= then[name]]:
            if time.monotonic() > deadline:
                raise CheckError(f"not fetched: {waiting}")
            time.sleep(1)
        self.check(True, f"the poller fetched all {len(self.feeds.names)} feeds")

    def fetches(self) -> Counter[str]:
        """How often each feed was asked for since the feed server is up."""
        (server,) = self.engine.containers("feeds")
        lines = self.engine.logs(server).splitlines()
        return Counter(line.partition('"GET /')[2].partition(" ")[0] for line in lines)

    def calm(self, before: Topics | None = None) -> Topics:
        """Read everything once it has come to rest, with more articles, events and metrics than `before`."""
        least = {name: len(before[name]) if before else 0 for name in (ARTICLES, EVENTS, METRICS)}
        await_calm(self.bootstrap, least, quiet_s=QUIET_S, timeout_s=TIMEOUT_S)
        found = self.read()
        for name, count in least.items():
            self.check(True, f"{name}: {count} → {len(found[name])} records")
        return found

    def rest(self) -> Topics:
        """Read everything once it has come to rest, whether more came or not."""
        await_calm(self.bootstrap, {}, quiet_s=QUIET_S, timeout_s=TIMEOUT_S)
        return self.read()

    def read(self, address: str | None = None) -> Topics:
        """Read everything, starting at the broker with this address."""
        return read_all([address] if address else self.bootstrap)

    def survived(self, before: Topics, after: Topics) -> None:
        """Nothing that was there is gone."""
        for name, entries in before.items():
            if not entries:
                continue
            if name in (ARTICLES, EVENTS) or name.endswith(".dlq"):
                still = {entry.place for entry in after[name]}
                lost = any(entry.place not in still for entry in entries)
                words = f"{name}: all {len(entries)} records still where they were, byte for byte"
            else:
                # A compacted topic keeps the latest record of each key.
                keys = {entry.key for entry in entries}
                lost = bool(keys - {entry.key for entry in after[name]})
                words = f"{name}: all {len(keys)} keys still there"
            self.check(not lost, words)

    def unchanged(self, before: Topics, after: Topics) -> None:
        """No article and no event has come."""
        for name in (ARTICLES, EVENTS):
            self.check(len(after[name]) == len(before[name]), f"{name}: still {len(before[name])} records")

    def none_doubled(self, topics: Topics) -> None:
        """Every version of an article and every revision of an event is there once, and counted once."""
        articles = Counter((e.body["article_id"], e.body["version"]) for e in topics[ARTICLES])
        events = Counter((e.body["event_id"], e.body["revision"]) for e in topics[EVENTS])
        self.check(max(articles.values()) == 1, f"{ARTICLES}: no version of an article twice")
        self.check(max(events.values()) == 1, f"{EVENTS}: no revision of an event twice")
        distinct = len({event_id for event_id, _ in events})
        folded = topics[CLOCK][-1].body["events"]
        self.check(folded == distinct, f"the ledger holds {folded} events; {distinct} were published")

    def no_dead_letters(self, topics: Topics) -> None:
        """Every record could be used."""
        dead = {name: len(entries) for name, entries in topics.items() if name.endswith(".dlq")}
        self.check(bool(dead) and not any(dead.values()), f"no dead letters: {dead}")

    def within_limits(self) -> None:
        """The workers keep within their limits of memory and tasks, which not every engine enforces."""
        services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        for service in WORKERS:
            memory, tasks = services[service]["mem_limit"], services[service]["pids_limit"]
            allowed = int(memory[:-1]) * _UNITS[memory[-1]]
            for name in self.engine.containers(service):
                kib, found = map(int, self.engine.run("exec", name, "python", "-c", PEAKS).split())
                words = (
                    f"{name} had {kib / 1024:.0f} MiB at most, of {memory}, and has {found} tasks, of {tasks}"
                )
                self.check(kib * 1024 <= allowed and found <= tasks, words)

    def continued(self, before: Topics, after: Topics) -> None:
        """The aggregator went on from its memory, and did not publish all of its history again."""
        first = before[HISTORY][-1].offset
        added, keys = after[HISTORY][-1].offset - first, len({entry.key for entry in before[HISTORY]})
        self.check(0 < added < keys, f"{HISTORY}: {added} records more, not all {keys} keys again")

    def ended_by_themselves(self) -> None:
        """No container had to be killed when it was asked to stop."""
        for service in (*self.engine.brokers, *WORKERS):
            for name in self.engine.containers(service):
                status = self.engine.state(name)["ExitCode"]
                self.check(status != 137, f"{name} ended by itself (status {status}), not by a SIGKILL")

    def never_restarted(self) -> None:
        """All workers are healthy, and no container's restart policy had to act."""
        for service in (*self.engine.brokers, *WORKERS):
            names = self.engine.containers(service)
            self.engine.wait_healthy(service, len(names))
            restarts = sum(map(self.engine.restarts, names))
            self.check(restarts == 0, f"{service} is healthy and never had to be started anew")

    def members(self, service: str, wanted: int) -> None:
        """So many consumers share the service's partitions."""
        found = 0
        with self._admin() as admin:
            deadline = time.monotonic() + 60
            while found != wanted and time.monotonic() < deadline:
                groups = [g["group_id"] for g in admin.list_groups() if service in g["group_id"]]
                found = sum(len(group["members"]) for group in admin.describe_groups(groups).values())
                time.sleep(1)
        self.check(found == wanted, f"{wanted} members in the consumer group of the {service}")

    def replicated(self, in_sync: int) -> None:
        """Every partition has three replicas, so many of them in sync, and two must acknowledge."""
        deadline = time.monotonic() + 90
        while True:
            # Just after a broker's death clients may still be sent to it.
            with suppress(KafkaError), self._admin() as admin:
                names = sorted(name for name in admin.list_topics() if name.startswith("coalition."))
                parts = [part for topic in admin.describe_topics(names) for part in topic["partitions"]]
                synced = {len(part["isr_nodes"]) for part in parts}
                if synced == {in_sync}:
                    break
            if time.monotonic() > deadline:
                raise CheckError(f"partitions did not come to have {in_sync} replicas in sync")
            time.sleep(1)
        replicas = {len(part["replica_nodes"]) for part in parts}
        self.check(replicas == {3}, f"all {len(parts)} partitions have three replicas, {in_sync} in sync")
        with self._admin() as admin:
            wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
            configs = admin.describe_configs(wanted)["topic"]
        least = {configs[name]["min.insync.replicas"]["value"] for name in names}
        self.check(least == {"2"}, "two of them must acknowledge each record")

    def show_metrics(self, topics: Topics) -> None:
        """Print the latest coalition metrics."""
        latest = {entry.key: entry.body for entry in topics[METRICS]}
        self.check(bool(latest), f"{METRICS} tells of {len(latest)} coalitions and views")
        for key, body in sorted(latest.items()):
            numbers = ", ".join(f"{name} {_number(body, name)}" for name in ("cohesion", "strength"))
            print(f"                {key:<24} {numbers}, {body['n_events']} events, as of {body['as_of']}")

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            yield admin
        finally:
            admin.close()


def _number(body: dict[str, Any], name: str) -> str:
    return f"{body[name]:+.3f}" if name in body else "?"

"""A seed in; which faults strike what, and when, out. Pure: the same seed gives the same schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from pipeline.armed import Point

LOAD_S = 20.0
"""For so long entries keep coming; every fault begins in this time."""
PAST_SESSION_S = 14.0
"""Longer than a member of a group may be silent (12 s)."""


class Do(StrEnum):
    """What can be done to a run."""

    KILL = "kill -9"
    TERM = "stop cleanly"
    START = "start"
    FREEZE = "SIGSTOP"
    THAW = "SIGCONT"
    BROKER_KILL = "kill -9 the broker"
    BROKER_START = "start the broker"
    DELAY = "delay every packet"
    CALM = "let packets flow again"
    RESET = "reset all connections"
    HALF_CLOSE = "half-close all connections"
    TRUNCATE = "cut the next answers short"
    HOLE = "swallow all packets"
    POISON = "send a bad record"
    AHEAD = "set every service's clock a day ahead"
    BACK = "set every service's clock a day back"


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One thing done, so many seconds after the load began."""

    at_s: float
    do: Do
    target: str = ""

    def __str__(self) -> str:
        """For the printed schedule."""
        return f"{self.at_s:5.1f} s  {self.do} {self.target}".rstrip()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run."""

    seed: int
    family: str
    begin: tuple[str, ...]
    """Processes that run from the start."""
    steps: tuple[Step, ...]
    armed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What each life of a process is armed with (see pipeline/armed.py); later lives are not."""

    @property
    def survivors(self) -> tuple[str, ...]:
        """Processes that live from beginning to end at the same work; who stands by may have to take over."""
        hurt = {step.target for step in self.steps if step.do in (Do.KILL, Do.TERM)} | self.armed.keys()
        shared = {name.partition("-")[0] for name in self.begin if name.endswith("-2")}
        return tuple(n for n in self.begin if n not in hurt and n.partition("-")[0] not in shared)


FAMILIES = ("calm", "kill", "broker", "zombie", "scale", "network", "armed", "frozen", "clock")
_PLAIN = ("poller", "extractor-1", "aggregator-1")


def plan_of(seed: int) -> Plan:
    """The schedule of a seed; families take turns, so that seeds 0 to 8 cover all of them."""
    chance, family = Random(f"chaos {seed}"), FAMILIES[seed % len(FAMILIES)]
    begin, steps = {
        "calm": _calm, "kill": _kill, "broker": _broker, "zombie": _zombie, "scale": _scale,
        "network": _network, "armed": _calm, "frozen": _stand_by, "clock": _clock,
    }[family](chance)  # fmt: skip
    armed = _armed(chance) if family == "armed" else _frozen(chance) if family == "frozen" else {}
    steps = steps + [Step(_at(chance), Do.POISON) for _ in range(4)]
    return Plan(seed, family, begin, tuple(sorted(steps)), armed)


Draft = tuple[tuple[str, ...], list[Step]]


def _calm(chance: Random) -> Draft:
    return _PLAIN, []


def _stand_by(chance: Random) -> Draft:
    return (*_PLAIN, "aggregator-2"), []


def _armed(chance: Random) -> dict[str, tuple[str, ...]]:
    """Each worker dies at points of its own, at the first or a later time, life after life."""
    own = [point for point in Point if point not in (Point.POLLER_SENT, Point.EXTRACTOR_SENT)]
    chance.shuffle(own)
    return {
        "poller": tuple(f"{Point.POLLER_SENT}@{chance.randint(1, 2)}" for _ in range(2)),
        "extractor-1": tuple(f"{Point.EXTRACTOR_SENT}@{chance.randint(1, 4)}" for _ in range(2)),
        "aggregator-1": tuple(f"{point}@{chance.randint(1, 3)}" for point in own[:3]),
    }


def _frozen(chance: Random) -> dict[str, tuple[str, ...]]:
    """Whoever aggregates freezes between two steps, for longer than its session."""
    points = (Point.LEDGER_FOLDED, Point.LEDGER_WRITTEN, Point.HALF_PUBLISHED, Point.PUBLISHED)
    chosen = f"{chance.choice(points)}:stop@{chance.randint(2, 5)}"
    return {"aggregator-1": (chosen,), "aggregator-2": (chosen,)}


def _kill(chance: Random) -> Draft:
    """Each of the three is killed at random, and started again at once or a little later."""
    steps = []
    for name in _PLAIN:
        times = sorted(_at(chance) for _ in range(3 if name == "poller" else 2))
        for at in times:
            steps += [Step(at, Do.KILL, name), Step(_tenth(at + chance.uniform(0.1, 3)), Do.START, name)]
    return _PLAIN, steps


def _broker(chance: Random) -> Draft:
    """Killed and started again at once; then gone for a while."""
    first, gone = _tenth(chance.uniform(1, 6)), _tenth(chance.uniform(11, 15))
    return _PLAIN, [
        Step(first, Do.BROKER_KILL),
        Step(_tenth(first + 0.2), Do.BROKER_START),
        Step(gone, Do.BROKER_KILL),
        Step(_tenth(gone + chance.uniform(5, 12)), Do.BROKER_START),
    ]


def _zombie(chance: Random) -> Draft:
    """With others standing by, one extractor and one aggregator freeze for longer than their session."""
    begin = (*_PLAIN, "extractor-2", "aggregator-2")
    steps = []
    for kind in ("extractor", "aggregator"):
        name, at = f"{kind}-{chance.choice((1, 2))}", _tenth(chance.uniform(2, 10))
        until = _tenth(at + PAST_SESSION_S + chance.uniform(0, 6))
        steps += [Step(at, Do.FREEZE, name), Step(until, Do.THAW, name)]
    return begin, steps


def _scale(chance: Random) -> Draft:
    """Extractors 1 → 4 → 2, aggregators 1 → 2 → 1; then every process is restarted in turn."""
    up, down = _tenth(chance.uniform(1, 4)), _tenth(chance.uniform(12, 15))
    more = [f"extractor-{n}" for n in (2, 3, 4)] + ["aggregator-2"]
    steps = [Step(up, Do.START, name) for name in more]
    gone = chance.sample(("extractor-1", "extractor-2", "extractor-3", "extractor-4"), 2)
    steps += [Step(down, Do.TERM, name) for name in [*gone, f"aggregator-{chance.choice((1, 2))}"]]
    left = [name for name in (*_PLAIN, *more) if name not in {step.target for step in steps[len(more) :]}]
    for turn, name in enumerate(left):
        at = _tenth(down + 3 + 2 * turn)
        steps += [Step(at, Do.TERM, name), Step(_tenth(at + 0.5), Do.START, name)]
    return _PLAIN, steps


def _network(chance: Random) -> Draft:
    """Each fault of the network once, in some order, calm in between."""
    faults = [Do.DELAY, Do.RESET, Do.HALF_CLOSE, Do.TRUNCATE, Do.HOLE, Do.RESET]
    chance.shuffle(faults)
    steps = []
    for turn, do in enumerate(faults):
        at = _tenth(1 + turn * (LOAD_S - 2) / len(faults) + chance.uniform(0, 1))
        steps += [Step(at, do), Step(_tenth(at + chance.uniform(1, 2.5)), Do.CALM)]
    return _PLAIN, steps


def _clock(chance: Random) -> Draft:
    """The wall clock is stepped a day ahead, then to a day back; meanwhile processes start anew."""
    steps = [Step(_tenth(chance.uniform(1, 6)), Do.AHEAD), Step(_tenth(chance.uniform(10, 14)), Do.BACK)]
    for name in ("aggregator-1", "extractor-1"):
        at = _at(chance)
        steps += [Step(at, Do.KILL, name), Step(_tenth(at + 0.5), Do.START, name)]
    return _PLAIN, steps


def _at(chance: Random) -> float:
    return _tenth(chance.uniform(0.5, LOAD_S))


def _tenth(seconds: float) -> float:
    return round(seconds, 1)

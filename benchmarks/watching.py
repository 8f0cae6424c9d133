"""Process numbers in; their processor time, memory and what waits, second by second, out. Linux only."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """What was seen between start and stop."""

    seconds: float = 0.0
    processor_s: dict[str, float] = field(default_factory=dict)
    """By name, with all children."""
    resident_mb: dict[str, float] = field(default_factory=dict)
    """The most that was resident, by name, with all children; shared pages shared out (PSS)."""
    waiting: list[tuple[float, int]] = field(default_factory=list)
    """(s since the start, records that wait)."""

    def slope(self, last_s: float = 60.0) -> float:
        """Records a second by which the queue grew at last, by least squares; 0 for under 3 points."""
        end = self.waiting[-1][0] if self.waiting else 0.0
        points = [(at, count) for at, count in self.waiting if at >= end - last_s]
        if len(points) < 3:
            return 0.0
        middle = sum(at for at, _ in points) / len(points)
        mean = sum(count for _, count in points) / len(points)
        spread = sum((at - middle) ** 2 for at, _ in points)
        return sum((at - middle) * (count - mean) for at, count in points) / spread


class Watch:
    """Looks once a second, in a thread of its own."""

    def __init__(self, roots: Mapping[str, int], waiting: Callable[[], int]) -> None:
        self._roots, self._waiting = roots, waiting
        self._stop = threading.Event()
        self.seen = Watched()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._before = {name: processor_s(pid) for name, pid in self._roots.items()}
        self._thread.start()

    def stop(self) -> Watched:
        """End, and tell."""
        self._stop.set()
        self._thread.join()
        self.seen.seconds = time.monotonic() - self._began
        for name, pid in self._roots.items():
            self.seen.processor_s[name] = processor_s(pid) - self._before[name]
        return self.seen

    def _look_on(self) -> None:
        while not self._stop.wait(1.0):
            self.seen.waiting.append((time.monotonic() - self._began, self._waiting()))
            for name, pid in self._roots.items():
                now = resident_mb(pid)
                self.seen.resident_mb[name] = max(self.seen.resident_mb.get(name, 0.0), now)


def family(pid: int) -> list[int]:
    """A process and all its descendants that live."""
    found = [pid]
    for known in found:
        try:
            children = Path(f"/proc/{known}/task/{known}/children").read_text().split()
        except OSError:
            continue
        found += [int(child) for child in children]
    return found


def processor_s(pid: int) -> float:
    """Seconds of processor time of a process, its living descendants and those that it has buried."""
    total = 0
    for member in family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / _TICKS


def resident_mb(pid: int) -> float:
    """Proportional set size of a process and its descendants, in MB."""
    kilobytes = 0
    for member in family(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1000

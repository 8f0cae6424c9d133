"""A process in; what it and its children hold now out (Linux)."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.logs import Footprint


def footprint_of(pid: int) -> Footprint:
    """Measure a process and all below it; what ends meanwhile counts nothing."""
    pids, memory, descriptors, threads = [pid], 0, 0, 0
    while pids:
        folder = Path("/proc") / str(pids.pop())
        try:
            facts = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
            held = len(list((folder / "fd").iterdir()))
            for task in (folder / "task").iterdir():
                pids += map(int, (task / "children").read_text().split())
        except OSError:
            continue
        memory += int(facts.get("VmRSS", "0 kB").split()[0])
        descriptors += held
        threads += int(facts["Threads"])
    return Footprint(memory, descriptors, threads)


def is_stopped(pid: int) -> bool:
    """Tell whether a process is frozen by a signal."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False

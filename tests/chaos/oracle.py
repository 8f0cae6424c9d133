"""Logs of a run in; every way in which a promise of docs/explanation/guarantees.md was broken out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.chaos import accounts, integrity, values
from tests.chaos.logs import Logs
from tests.chaos.standard import Standard

Check = Callable[[Logs, Standard], Iterator[str]]
CHECKS: dict[str, Check] = {
    "arrived": accounts.arrived,
    "accounted": accounts.accounted,
    "coded": accounts.coded,
    "dead letters": accounts.dead_letters,
    "recomputed": values.recomputed,
    "true once": values.true_once,
    "only rises": values.only_rises,
    "whole": values.whole,
    "unbroken": integrity.unbroken,
    "sealed": integrity.sealed,
    "once": integrity.once,
    "read to the end": integrity.read_to_the_end,
    "back to normal": integrity.back_to_normal,
}
"""Each promise by its name; a check yields faults in words."""


def judge(logs: Logs, standard: Standard) -> dict[str, list[str]]:
    """Faults by the name of the check that found them; empty when every promise was kept."""
    found = {name: list(check(logs, standard)) for name, check in CHECKS.items()}
    return {name: faults for name, faults in found.items() if faults}

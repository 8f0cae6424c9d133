"""Schedules are reproducible, and leave every run able to come to rest."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.chaos.schedule import FAMILIES, LOAD_S, Do, plan_of


@pytest.mark.parametrize("seed", range(24))
def test_a_seed_gives_one_schedule_that_ends_well(seed: int) -> None:
    plan = plan_of(seed)
    assert plan == plan_of(seed)
    assert list(plan.steps) == sorted(plan.steps)
    last: dict[str, Do] = defaultdict(lambda: Do.START)
    for step in plan.steps:
        if step.do is not Do.POISON:
            last[step.target or (plan.family if plan.family in ("network", "clock") else "broker")] = step.do
        if step.do not in (Do.START, Do.THAW, Do.CALM, Do.BROKER_START, Do.TERM):
            assert 0 < step.at_s <= LOAD_S
    assert last.pop("network", Do.CALM) is Do.CALM
    assert last.pop("clock", Do.BACK) is Do.BACK
    assert last.pop("broker", Do.BROKER_START) is Do.BROKER_START
    running = {name for name in {*plan.begin, *last} if last[name] not in (Do.TERM, Do.KILL, Do.FREEZE)}
    assert {name.partition("-")[0] for name in running} == {"poller", "extractor", "aggregator"}


def test_seeds_differ_and_families_take_turns() -> None:
    assert [plan_of(seed).family for seed in range(len(FAMILIES))] == list(FAMILIES)
    assert plan_of(1).steps != plan_of(1 + len(FAMILIES)).steps


def test_scaling_ends_with_two_extractors_and_one_aggregator() -> None:
    plan = plan_of(FAMILIES.index("scale"))
    running = set(plan.begin)
    most = 0
    for step in plan.steps:
        if step.do is Do.START:
            running.add(step.target)
        elif step.do is Do.TERM:
            running.discard(step.target)
        most = max(most, sum(name.startswith("extractor") for name in running))
    assert most == 4
    kinds = sorted(name.partition("-")[0] for name in running)
    assert kinds == ["aggregator", "extractor", "extractor", "poller"]

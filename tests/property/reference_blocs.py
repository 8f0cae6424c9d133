"""Published blocs in; by brute force, that no single move betters them and that labels go by overlap."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

from pipeline.contract.signal import Bloc
from pipeline.contract.topics import BLOCS
from tests.property import reference_camps as camps
from tests.property.comparison import nearly, stamped
from tests.property.reference import World
from tests.property.reference_camps import dyad
from tests.property.reference_story import Run, moment

SLACK = 1e-7
"""The engine counts ties in whole billionths."""


def check(run: Run) -> None:
    """Local optimum, labels and records of the last midnight's blocs, and labels of all days before."""
    records = [record for record in run.outputs.of(BLOCS) if isinstance(record, Bloc)]
    if not run.news.midnights:
        assert not records
        return
    days = [run.frame.journal.day(tick) for tick in run.news.midnights]
    yesterday: dict[str, frozenset[str]] = {}
    since: dict[str, int] = {}
    for day in days:
        assert day is not None
        world = run.story.world(day.tick)
        _no_move_gains(world, list(day.blocs.values()))
        expected = _labelled(world, list(day.blocs.values()), yesterday)
        assert expected is None or day.blocs == expected
        since = {label: since.get(label, day.tick) for label in day.blocs}
        yesterday = dict(day.blocs)
    last = run.news.midnights[-1]
    assert {record.label: frozenset(record.members) for record in records} == yesterday
    world = run.story.world(last)
    for record in records:
        stamped(run, record, last)
        pairs = [name for name in _pairs(record.members) if world.sums(name, world.slowest)[0]]
        found = [world.pair(name, world.slowest) for name in pairs]
        assert record.members == tuple(sorted(record.members))
        assert record.since == moment(since[record.label])
        mean = camps.mean_tie(world, dict.fromkeys(pairs, 1 / len(pairs)), world.slowest)
        assert (record.cohesion, *record.ci90) == tuple(map(nearly, mean))
        assert record.n_eff == nearly(math.fsum(pair.n_eff for pair in found))
        assert record.prior_share == nearly(math.fsum(pair.prior_share for pair in found) / len(found))


def _no_move_gains(world: World, blocs: list[frozenset[str]]) -> None:
    """Nobody gains by leaving for another bloc or alone, no outsider by joining, no two blocs by merging."""
    heard = {code for name in world.mutual if world.sums(name, world.slowest)[0] for code in name.split("|")}
    inside = frozenset().union(*blocs)
    assert inside <= heard
    assert sum(map(len, blocs)) == len(inside)
    for bloc in blocs:
        assert len(bloc) >= world.params.bloc_size
        for code in bloc:
            stays = _toward(world, code, bloc)
            assert stays >= -SLACK
            assert all(_toward(world, code, other) <= stays + SLACK for other in blocs if other != bloc)
            assert all(_gain(world, code, other) <= stays + SLACK for other in heard - inside)
        for code in heard - inside:
            partners = heard - inside - {code}
            most = max([0.0, *(_gain(world, code, other) for other in partners)])
            assert _toward(world, code, bloc) <= most + SLACK
    for one, other in combinations(blocs, 2):
        assert math.fsum(_toward(world, code, other) for code in one) <= SLACK


def _labelled(
    world: World, blocs: list[frozenset[str]], yesterday: dict[str, frozenset[str]]
) -> dict[str, frozenset[str]] | None:
    """Yesterday's labels by largest Jaccard, at least .3, else the founders'; None if too close."""
    labels: dict[frozenset[str], str] = {}
    shares = [
        (-len(bloc & former) / len(bloc | former), label, sorted(bloc))
        for bloc in blocs
        for label, former in yesterday.items()
    ]
    for share, label, members in sorted(shares, key=lambda s: (s[0], s[1], -len(s[2]), s[2])):
        bloc = frozenset(members)
        if share <= -0.3 and bloc not in labels and label not in labels.values():
            labels[bloc] = label
    taken = set(yesterday)
    for bloc in sorted(set(blocs) - set(labels), key=lambda b: (-len(b), sorted(b))):
        sums = sorted((-_sum(world, code, bloc), code) for code in bloc)
        if any(abs(a[0] - b[0]) < SLACK for a, b in pairwise(sums)):
            return None
        stem = "-".join(["bloc", *sorted(code.rpartition(":")[2].lower() for _, code in sums[:2])])
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}-{number}", number + 1
        taken.add(name)
        labels[bloc] = name
    return {label: bloc for bloc, label in labels.items()}


def _gain(world: World, one: str, other: str) -> float:
    name = dyad(one, other)
    if not world.sums(name, world.slowest)[0]:
        return 0.0
    return world.pair(name, world.slowest).tie - world.params.bloc_resolution


def _toward(world: World, code: str, group: frozenset[str]) -> float:
    return math.fsum(_gain(world, code, other) for other in group if other != code)


def _sum(world: World, code: str, group: frozenset[str]) -> float:
    return math.fsum(
        world.pair(dyad(code, other), world.slowest).tie
        for other in group
        if other != code and world.sums(dyad(code, other), world.slowest)[0]
    )


def _pairs(members: tuple[str, ...]) -> list[str]:
    return [dyad(a, b) for a, b in combinations(sorted(members), 2)]

"""Two worlds in; what each dyad added to the change of every coalition's cohesion out."""

from __future__ import annotations

import numpy as np

from pipeline.metrics.bundle import Bundle
from pipeline.metrics.records import Moves
from pipeline.metrics.trail import Floats
from pipeline.metrics.world import World

_MOST = 5


def moves_of(then: tuple[World, Bundle], now: tuple[World, Bundle]) -> dict[str, tuple[Moves, ...]]:
    """Split every coalition's change of cohesion by dyad, in every view: u·τ now less u·τ then.

    A pair that joined or left with its member counts with what it brought or took.
    """
    (before, old), (after, new) = then, now
    older, newer = _carried(before, old), _carried(after, new)
    found = {}
    for number, lineup in enumerate(new.lineups):
        dyads, names = lineup.own.within.dyads, old.lineups[number].own.within.dyads
        parts, past = newer[:, new.own.pairs.of(number)], older[:, old.own.pairs.of(number)]
        if names != dyads:
            dyads, parts, past = _aligned(dyads, parts, names, past)
        found[lineup.coalition] = _split(before.tick, dyads, parts - past)
    return found


def _split(since: int, dyads: tuple[str, ...], parts: Floats) -> tuple[Moves, ...]:
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :_MOST]
    largest = parts[np.arange(len(parts))[:, None], order].tolist()
    changes = np.add.reduce(parts, axis=1).tolist()
    return tuple(
        Moves(since, change, tuple((dyads[i], p) for i, p in zip(places, row, strict=True) if p))
        for change, places, row in zip(changes, order.tolist(), largest, strict=True)
    )


def _carried(world: World, bundle: Bundle) -> Floats:
    """u·τ of every pair of members: (views, pairs)."""
    carried: Floats = world.tie[:, bundle.own.pairs.rows] * bundle.own.weights
    return carried


def _aligned(
    dyads: tuple[str, ...], parts: Floats, names: tuple[str, ...], past: Floats
) -> tuple[tuple[str, ...], Floats, Floats]:
    """Both by the pairs of either, 0 where a pair is none."""
    either = tuple(sorted({*dyads, *names}))
    place = {dyad: index for index, dyad in enumerate(either)}
    wide = [np.zeros((len(parts), len(either))) for _ in range(2)]
    wide[0][:, [place[dyad] for dyad in dyads]] = parts
    wide[1][:, [place[dyad] for dyad in names]] = past
    return either, wide[0], wide[1]

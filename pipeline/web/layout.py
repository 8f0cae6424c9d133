"""Ties in; where each state stands in the signed network out. The same input gives the same picture.

States that have a place keep it: only newcomers are placed, so that nothing jumps between updates.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping

Place = tuple[float, float]
"""Position in the unit square."""
_ROUNDS = 220
_GRAVITY = 2.4
_GAP = 0.06
"""Least distance between two states."""


def place(ties: Mapping[tuple[str, str], float], known: Mapping[str, Place]) -> dict[str, Place]:
    """Place every state of `ties` (in [−1, 1] by pair), those of `known` where they stand already.

    Forces as of Fruchterman and Reingold (1991): all repel, friendly ties attract, hostile ones repel more.
    """
    nodes = sorted({state for pair in ties for state in pair})
    at = {n: known.get(n) or _start(n) for n in nodes}
    free = [n for n in nodes if n not in known]
    if not free:
        return at
    ideal = 0.75 / math.sqrt(max(len(nodes), 4))
    pulls: dict[str, list[tuple[str, float]]] = {n: [] for n in nodes}
    for (one, other), tie in sorted(ties.items()):
        pulls[one].append((other, tie))
        pulls[other].append((one, tie))
    for turn in range(_ROUNDS):
        reach = 0.08 * (1 - turn / _ROUNDS) + 0.002
        moves = {n: _force(n, at, nodes, pulls[n], ideal) for n in free}
        for node, (dx, dy) in moves.items():
            size = math.hypot(dx, dy) or 1.0
            step = min(size, reach) / size
            at[node] = (_inside(at[node][0] + dx * step), _inside(at[node][1] + dy * step))
    _spread(at, free, nodes)
    return {n: (round(x, 4), round(y, 4)) for n, (x, y) in at.items()}


def _start(node: str) -> Place:
    digest = hashlib.blake2b(node.encode(), digest_size=4).digest()
    return (
        0.1 + 0.8 * int.from_bytes(digest[:2], "big") / 65535,
        0.1 + 0.8 * int.from_bytes(digest[2:], "big") / 65535,
    )


def _force(
    node: str, at: Mapping[str, Place], nodes: Iterable[str], pulls: list[tuple[str, float]], ideal: float
) -> Place:
    x, y = at[node]
    fx, fy = (0.5 - x) * _GRAVITY, (0.5 - y) * _GRAVITY
    for other in nodes:
        if other != node:
            dx, dy = x - at[other][0], y - at[other][1]
            push = ideal * ideal / max(dx * dx + dy * dy, 1e-4)
            fx, fy = fx + dx * push, fy + dy * push
    for other, tie in pulls:
        dx, dy = at[other][0] - x, at[other][1] - y
        pull = (5.0 if tie > 0 else 2.0) * tie * math.hypot(dx, dy)
        fx, fy = fx + dx * pull, fy + dy * pull
    return fx * 0.3, fy * 0.3


def _spread(at: dict[str, Place], free: list[str], nodes: list[str]) -> None:
    """Part those that would lie upon each other."""
    for _ in range(30):
        for node in free:
            for other in nodes:
                dx, dy = at[node][0] - at[other][0], at[node][1] - at[other][1]
                far = math.hypot(dx, dy)
                if node != other and far < _GAP:
                    angle = math.atan2(dy, dx) if far > 1e-9 else sum(map(ord, node))
                    x = at[other][0] + _GAP * math.cos(angle)
                    y = at[other][1] + _GAP * math.sin(angle)
                    at[node] = (_inside(x), _inside(y))


def _inside(value: float) -> float:
    return min(0.96, max(0.04, value))

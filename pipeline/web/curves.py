"""One dyad's happenings in; its cooperation, conflict and tone of each day, with an interval, out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from pipeline.metrics.board import Sums
from pipeline.metrics.dyads import estimate
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.params import HOURS_A_DAY, MetricParams, View
from pipeline.metrics.trail import Floats
from pipeline.web.evidence import Told

_LONGEST_D = 2500
_DUST = 1e-9
"""What differences of sums leave of nothing."""
_EPOCH = date(1970, 1, 1)
FIELDS = ("t", "cooperation", "conflict", "tone", "tone_low", "tone_high")


def curve(told: Sequence[Told], end: date, look: View, params: MetricParams) -> list[dict[str, Any]]:
    """A row a day from the first happening to `end`, at most 2,500: FIELDS, `t` in Unix seconds.

    Masses (Goldstein units) fade, or leave the window, as in the ledger's view, by whole days where that
    counts hours; tone and its 90 % interval follow from them as docs/explanation/metrics.md has it.
    """
    counted = [t for t in told if t.mass and t.day <= end]
    if not counted:
        return []
    first = max(min(t.day for t in counted), end - timedelta(days=_LONGEST_D))
    days = (end - first).days + 1
    new = np.zeros((4, days))
    for t in counted:
        at = (max(t.day, first) - first).days
        new[int(t.mass < 0), at] += abs(t.mass)
        new[2, at] += t.mass**2
        new[3, at] += 1
    fade = 1.0 if look.half_life_h is None else 2 ** (-HOURS_A_DAY / look.half_life_h)
    reach = look.reach_h // HOURS_A_DAY
    coop, conflict = (_sums(row, fade, reach) for row in new[:2])
    sums = Sums(
        n=_sums(new[3], 1.0, reach).astype(np.int64),
        coop=coop,
        conflict=conflict,
        squares=_sums(new[2], fade**2, reach),
        present=np.ones(days, dtype=bool),
    )
    found = estimate(sums, params)
    rows = []
    for number in range(days):
        tone = float(found.tone[number])
        low, high = tone_interval(tone, float(found.nu[number]))
        stamp = ((first - _EPOCH).days + number) * 86400
        values = (float(coop[number]), float(conflict[number]), tone, low, high)
        rows.append(dict(zip(FIELDS, (stamp, *(round(value, 4) for value in values)), strict=True)))
    return rows


def _sums(new: Floats, fade: float, reach: int) -> Floats:
    """What is left each day of what came within the last `reach` days, fading by `fade` a day."""
    left, total = np.zeros_like(new), 0.0
    for day, mass in enumerate(new):
        total = total * fade + mass
        if day >= reach:
            total -= new[day - reach] * fade**reach
        left[day] = total if total > _DUST else 0.0
    return left

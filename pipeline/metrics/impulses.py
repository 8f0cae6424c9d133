"""One dyad's contributions in; those that weigh most at a tick out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.metrics.impulse import Contribution
from pipeline.metrics.params import MICRO, MetricParams, View
from pipeline.metrics.trail import Floats, weight


class Impulses:
    """One dyad's contributions, ready to be ranked."""

    def __init__(self, contributions: list[Contribution], params: MetricParams) -> None:
        self._params = params
        self._contributions = contributions
        self._buckets = np.array([part.bucket for part in contributions], np.int64)
        self._masses = np.array([part.impulse for part in contributions], np.int64) / MICRO

    @property
    def contributions(self) -> Sequence[Contribution]:
        """All of them, in the order of `at`."""
        return self._contributions

    def at(self, tick: int, view: View) -> Floats:
        """Signed impulse that is left of each at a tick, Goldstein units; 0 outside the view."""
        ages = tick - 1 - self._buckets
        inside = (ages >= 0) & (ages < view.reach_h)
        weighed: Floats = self._masses * inside
        if view.half_life_h is not None:
            weighed = weighed * weight(np.where(inside, ages, 0), view.half_life_h)
        return weighed

    def top(self, tick: int) -> list[list[tuple[Contribution, float]]]:
        """For each view the contributions that weigh most at a tick, with their decayed impulses.

        Largest first, ties by event_id; none that weigh nothing.
        """
        ranked = []
        for view in self._params.views:
            weighed = self.at(tick, view)
            order = np.argsort(-np.abs(weighed), kind="stable")[: self._params.top_events]
            ranked.append([(self._contributions[i], float(weighed[i])) for i in order if weighed[i]])
        return ranked

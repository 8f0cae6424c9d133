"""Many dyads' estimates side by side at the same ticks: what coalitions are added up from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.dyads import estimate
from pipeline.metrics.params import MetricParams
from pipeline.metrics.series import Floats, Series, Sums


@dataclass(frozen=True, slots=True)
class Pairs:
    """Dyads with a weight each, sorted by name."""

    dyads: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def total(self) -> float:
        """The weights' sum, added in order."""
        return sum(self.weights)


class Panel:
    """Estimates of some dyads at some ticks; arrays have the shape (views, dyads, ticks).

    What a dyad without data would add is taken off everywhere (the prior tone, the prior's standard
    deviation, the prior share 1), so that such dyads are exact zeros and may be present or absent.
    """

    def __init__(
        self, series: Mapping[str, Series], dyads: Sequence[str], ticks: Hours, params: MetricParams
    ) -> None:
        self.ticks = ticks
        self.dyads = tuple(sorted(dyads))
        self._index = {dyad: index for index, dyad in enumerate(self.dyads)}
        self._series = series
        shape = (len(params.views), len(self.dyads), len(ticks))
        self.n = np.zeros(shape, np.int64)
        masses = np.zeros((3, *shape))
        for index, dyad in enumerate(self.dyads):
            sums = series[dyad].sums(ticks)
            self.n[:, index] = sums.n
            masses[:, :, index] = sums.coop, sums.conflict, sums.squares
        found = estimate(Sums(self.n, *masses), params)
        variance0 = (1 - params.prior * params.prior) / (params.prior_events + 1)
        self.shared_sd0 = math.sqrt(variance0)
        self.tone = found.tone
        self.n_eff = found.n_eff
        self.deviation = found.tone - params.prior
        self.informed = found.prior_share - 1.0
        self.own_variance = found.variance * (1 - found.prior_share)
        self.shared_sd = np.sqrt(found.variance * found.prior_share) - self.shared_sd0

    @cached_property
    def present(self) -> Mask:
        """Which dyads have an entry within the retention, shape (dyads, ticks)."""
        found = np.zeros((len(self.dyads), len(self.ticks)), np.bool_)
        for index, dyad in enumerate(self.dyads):
            found[index] = self._series[dyad].present(self.ticks)
        return found

    @cached_property
    def revisions(self) -> Hours:
        """Late reports, corrections and withdrawals, shape (dyads, ticks)."""
        found = np.zeros((len(self.dyads), len(self.ticks)), np.int64)
        for index, dyad in enumerate(self.dyads):
            found[index] = self._series[dyad].revisions(self.ticks)
        return found

    def rows(self, dyads: Sequence[str]) -> list[int]:
        """Where those of some sorted dyads stand that are in the panel."""
        return [self._index[dyad] for dyad in dyads if dyad in self._index]

    def weigh(self, feature: Floats, pairs: Pairs, columns: Hours, power: int = 1) -> Floats:
        """Sum `feature · weightᵖᵒʷᵉʳ` over pairs at some of the ticks, added in the order of names."""
        known = [
            (self._index[dyad], weight)
            for dyad, weight in zip(pairs.dyads, pairs.weights, strict=True)
            if dyad in self._index
        ]
        if not known:
            return np.zeros((feature.shape[0], len(columns)))
        weights = np.array([weight**power for _, weight in known])
        parts = feature[:, [row for row, _ in known]][:, :, columns] * weights[:, None]
        total: Floats = np.add.accumulate(parts, axis=1)[:, -1]
        return total

"""Sums of each document in; a statistic of all documents, with its bootstrap interval, out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
"""One row a document (or a resampling), one column a sum."""
Statistic = Callable[[Table], Table]
"""Rows of sums in, one value a row out; nan where nothing was there to measure."""

FOLDS = 1000
SEED = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the ends of its 90 % interval; None where nothing was there to measure."""

    value: float | None
    low: float | None
    high: float | None


def estimate(table: Table, statistic: Statistic, folds: int = FOLDS, seed: int = SEED) -> Estimate:
    """Compute a statistic of all documents, and resample documents for the interval.

    Percentile bootstrap (Efron and Tibshirani 1993, chapter 13) between the 5th and 95th percentile.
    The same seed gives the same interval; documents are drawn whole, since events of one are not
    independent.
    """
    value = float(statistic(table.sum(axis=0, keepdims=True))[0])
    if math.isnan(value):
        return Estimate(None, None, None)
    count = len(table)
    if count == 0:
        return Estimate(value, None, None)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=folds)
    values = statistic(drawn.astype(np.float64) @ table)
    low, high = np.nanquantile(values, (0.05, 0.95))
    return Estimate(value, float(low), float(high))


def share(part: Table, whole: Table, empty: float = math.nan) -> Table:
    """Divide; where there is nothing to divide by, give `empty`."""
    return np.divide(part, whole, out=np.full_like(part, empty), where=whole > 0)


def harmonic(one: Table, other: Table) -> Table:
    """F1 of precision and recall; 0 where both are."""
    return share(2 * one * other, one + other, 0.0)


def table_of(rows: list[list[float]], columns: int) -> Table:
    """Stack the rows of documents, of which there may be none."""
    return np.array(rows, dtype=np.float64).reshape(len(rows), columns)

"""A relived past in; what METRICS' back-test asks of it, each with its number and its threshold, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.backtest.past import Past, Singles
from pipeline.metrics.interval import Z90
from pipeline.metrics.trail import Floats

_DENSE = 5.0
_TRAILING = 60


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that the past should show."""

    what: str
    value: str
    """The number, in words with its unit."""
    wanted: str
    held: bool | None
    """None where the source does not allow to say."""
    sample: str
    """'in-sample' where a convention was chosen with an eye on this number, else 'out of sample', and why."""


def shock(past: Past, series: Floats, day: date) -> float | None:
    """The largest |z| of a day-to-day change within a day of a date, with its sign; None outside the data.

    Robust: against median and 1.4826·MAD of the changes of the 60 days before (Hampel 1974).
    """
    at = np.flatnonzero(past.days == (day - date(1970, 1, 1)).days)
    if not len(at):
        return None
    change = np.diff(series)
    found = []
    for number in range(int(at[0]) - 2, int(at[0]) + 1):
        before = change[max(0, number - _TRAILING) : number]
        if number < 0 or number >= len(change) or len(before) < _TRAILING // 2:
            continue
        middle = float(np.median(before))
        spread = 1.4826 * float(np.median(np.abs(before - middle)))
        if spread > 0:
            found.append((float(change[number]) - middle) / spread)
    return max(found, key=abs) if found else None


def shocks_a_year(series: Floats, least: float = 3.0) -> float:
    """How often a year the same detector would have spoken on the same series."""
    change = np.diff(series)
    spoken = 0
    for number in range(_TRAILING, len(change)):
        before = change[number - _TRAILING : number]
        middle = float(np.median(before))
        spread = 1.4826 * float(np.median(np.abs(before - middle)))
        spoken += bool(spread > 0 and abs(float(change[number]) - middle) >= least * spread)
    return 365.25 * spoken / max(1, len(change) - _TRAILING)


def mean_tie_with(past: Past, state: str, others: Sequence[str]) -> Floats:
    """Unweighted mean tie of a state with others that the source knows: (days,)."""
    rows = [row for other in others if (row := past.row(state, other)) is not None]
    found: Floats = past.tie[:, rows].astype(np.float64).mean(axis=1)
    return found


def votes(
    past: Past, values: Singles, state: str, points: Mapping[str, float], year: int
) -> tuple[float, int]:
    """Spearman of a state's mean ties in a year with closeness of ideal points; and how many states.

    Only pairs with an effective five happenings or more.
    """
    days = past.of_year(year)
    ties, near = [], []
    for other, point in sorted(points.items()):
        row = None if other == state else past.row(state, other)
        if row is not None and past.n_eff[days, row].mean() >= _DENSE:
            ties.append(float(values[days, row].mean()))
            near.append(-abs(point - points[state]))
    return spearman(np.array(ties), np.array(near)), len(ties)


def spearman(one: Floats, other: Floats) -> float:
    """Rank correlation; values tied share their mean rank."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1]) if len(one) > 2 else float("nan")


def monthly_conflict(past: Past, state: str) -> Mapping[str, float]:
    """Mean conflict a day of all dyads of a state, Goldstein units, over observed days of each month."""
    rows = np.flatnonzero([state in dyad.split("|") for dyad in past.rows.dyads])
    a_day = past.conflict[:, rows].astype(np.float64).sum(axis=1)
    months = np.array([f"{time:%Y-%m}" for time in past.times])
    return {
        str(month): float(a_day[(months == month) & past.observed].mean())
        for month in np.unique(months[past.observed])
    }


def correlation(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[float, float, int]:
    """Pearson's r of two monthly series, of their first differences, and the number of months in common."""
    months = sorted(one.keys() & other.keys())
    if len(months) < 4:
        return float("nan"), float("nan"), len(months)
    a, b = np.array([one[m] for m in months]), np.array([other[m] for m in months])
    differences = np.corrcoef(np.diff(a), np.diff(b))[0, 1]
    return float(np.corrcoef(a, b)[0, 1]), float(differences), len(months)


def coverage(past: Past, window: int) -> dict[str, tuple[float, int]]:
    """How often the difference of two halves of a window lies in its 90 % interval, by effective happenings.

    A dyad's even days against its odd days: two estimates of one tone, each with the variance that its
    interval is made of, (1 − s²)/(ν + 1). Values are (share, number of halves compared).
    """
    kappa, least = past.params.kappa, past.params.prior_events
    inside, weight = [], []
    for start in range(0, len(past.days) - window + 1, window):
        halves = []
        for odd in (0, 1):
            days = np.arange(start + odd, start + window, 2)
            coop = past.coop[days].astype(np.float64)
            conflict = past.conflict[days].astype(np.float64)
            mass = (coop + conflict).sum(axis=0)
            squares = (coop**2 + conflict**2).sum(axis=0)
            kish = np.divide(mass * mass, squares, out=np.zeros_like(mass), where=squares > 0)
            tone = (coop - conflict).sum(axis=0) / (mass + kappa)
            nu = least + np.minimum(kish, least * mass / kappa)
            halves.append((tone, (1 - tone * tone) / (nu + 1), kish))
        (a, of_a, n_a), (b, of_b, n_b) = halves
        both = (n_a > 0) & (n_b > 0)
        inside.append((np.abs(a - b) <= Z90 * np.sqrt(of_a + of_b))[both])
        weight.append(np.minimum(n_a, n_b)[both])
    if not inside:
        return {}
    told, n = np.concatenate(inside), np.concatenate(weight)
    classes = {"all": n > 0, "below 3": n < 3, "3 to 6": (n >= 3) & (n < 6), "6 to 12": (n >= 6) & (n < 12),
               "12 to 25": (n >= 12) & (n < 25), "25 and more": n >= 25}  # fmt: skip
    return {k: (float(told[kept].mean()), int(kept.sum())) for k, kept in classes.items() if kept.any()}


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[inverse]
    return ranks

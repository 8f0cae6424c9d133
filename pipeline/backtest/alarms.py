"""Known turning points and a relived past in; how many each detector would have told, at what price, out."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from pipeline.backtest.past import Past
from pipeline.contract.errors import BadRecordError
from pipeline.metrics.surge import log_ratio, robust_z
from pipeline.metrics.trail import Floats

_LATER = 7
"""Days after a turning point within which the slow detector must speak."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A dated turning point of a dyad: better (+1) or worse (−1)."""

    one: str
    other: str
    day: date
    sign: int
    what: str


@dataclass(frozen=True, slots=True)
class Detected:
    """One detector at one threshold."""

    detector: str
    threshold: float
    found: int
    """Turning points told with the right sign."""
    known: int
    a_year: float
    """Alarms a dyad-year, mean over the dyads with turning points."""


def read_turns(path: Path) -> tuple[Turn, ...]:
    """Read a CSV of a, b, date, sign, what. Raises BadRecordError with the line."""
    turns = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    day = date.fromisoformat(row["date"])
                    turns.append(Turn(row["a"], row["b"], day, int(row["sign"]), row.get("what") or ""))
                except (KeyError, TypeError, ValueError) as error:
                    raise BadRecordError(
                        f"{path}:{number}: {error!r}; it needs a, b, date (2022-02-24), sign (1 or -1), what"
                    ) from error
    except OSError as error:
        raise BadRecordError(f"cannot read {path}: {error.strerror}") from error
    return tuple(turns)


def detected(past: Past, turns: Sequence[Turn]) -> list[Detected]:
    """Count what both detectors tell within a day (robust z) and a week (log-ratio) of each turning point."""
    known = [(turn, row) for turn in turns if (row := past.row(turn.one, turn.other)) is not None]
    known = [(turn, row) for turn, row in known if _at(past, turn.day) is not None]
    if not known:
        return []
    rows = [row for _, row in known]
    coop, conflict = (values[:, rows].T.astype(np.float64) for values in (past.coop, past.conflict))
    z = robust_z(coop - conflict, past.observed)
    ratios = {1: log_ratio(coop, past.observed), -1: log_ratio(conflict, past.observed)}
    found = []
    for threshold in (3.0, 4.0, 5.0, 6.0, 8.0):
        told = sum(
            _near(past, turn, turn.sign * z[i], (-1, 1)) >= threshold for i, (turn, _) in enumerate(known)
        )
        days = np.maximum(1, (~np.isnan(z)).sum(axis=1))
        price = float(((np.abs(z) >= threshold).sum(axis=1) / days * 365.25).mean())
        found.append(Detected("robust z of the day's net", threshold, told, len(known), price))
    for threshold in (0.7, 1.0, 1.3, 1.6):
        told = sum(
            _near(past, turn, ratios[turn.sign][i], (0, _LATER)) >= threshold
            for i, (turn, _) in enumerate(known)
        )
        onsets = [((r[:, 1:] >= threshold) & ~(r[:, :-1] >= threshold)).sum(axis=1) for r in ratios.values()]
        price = float(np.mean(onsets[0] + onsets[1]) / (len(past.days) / 365.25))
        found.append(Detected("log-ratio of 7 to 90 days", threshold, told, len(known), price))
    return found


def _at(past: Past, day: date) -> int | None:
    at = np.flatnonzero(past.days == (day - date(1970, 1, 1)).days)
    return int(at[0]) if len(at) else None


def _near(past: Past, turn: Turn, series: Floats, span: tuple[int, int]) -> float:
    at = _at(past, turn.day)
    if at is None:
        return float("-inf")
    near = series[max(0, at + span[0]) : at + span[1] + 1]
    return float(np.nanmax(near)) if np.isfinite(near).any() else float("-inf")

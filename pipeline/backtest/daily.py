"""A table of netted dyad-days in; one trail a dyad out, as the ledger would hold it.

The file has the columns date, a, b (alpha-3) and net, Goldstein units: a day's net above 0 counts as
cooperation, below 0 as conflict, and each dyad-day as one happening.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.contract.errors import BadRecordError
from pipeline.metrics.clock import Hours
from pipeline.metrics.ledger import Cell, square
from pipeline.metrics.params import HOURS_A_DAY, MICRO, MetricParams
from pipeline.metrics.trail import Floats, Trail, trail_of

COLUMNS = ("date", "a", "b", "net")


@dataclass(frozen=True)
class DyadDays:
    """Netted dyad-days, sorted by dyad and day."""

    dyads: tuple[str, ...]
    starts: Hours
    """Where each dyad's days begin, and the end of the last."""
    days: Hours
    """Days since 1970."""
    net: Floats

    @property
    def reported(self) -> Hours:
        """Every day with any row, ascending."""
        return np.unique(self.days)

    def trails(self, params: MetricParams, by_sign: bool = False) -> Mapping[str, Trail]:
        """Lay each dyad's days out as cells; `by_sign` counts every dyad-day as ±κ/3, whatever its size."""
        found = {}
        typical = round(params.kappa / params.prior_events * MICRO)
        for number, dyad in enumerate(self.dyads):
            at = slice(int(self.starts[number]), int(self.starts[number + 1]))
            cells = {}
            for day, net in zip(self.days[at].tolist(), self.net[at].tolist(), strict=True):
                mass = typical if by_sign else round(abs(net) * MICRO)
                coop, conflict = (mass, 0) if net > 0 else (0, mass) if net < 0 else (0, 0)
                cells[day * HOURS_A_DAY, "="] = Cell(1, coop, conflict, square(coop), square(conflict))
            trail = trail_of(cells, (), params)
            found[dyad] = replace(trail, seen=trail.buckets)
        return found


def read_dyad_days(path: Path, since: date | None = None, until: date | None = None) -> DyadDays:
    """Read Parquet or CSV; days from `since` to before `until`. Raises BadRecordError with what to do."""
    try:
        parquet = path.suffix == ".parquet"
        table = pa.parquet.read_table(path) if parquet else pa.csv.read_csv(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise BadRecordError(f"cannot read {path}: {error}") from error
    if missing := [name for name in COLUMNS if name not in table.column_names]:
        raise BadRecordError(f"{path} lacks {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    try:
        days = table["date"].cast(pa.timestamp("us")).to_numpy().astype("datetime64[D]").astype(np.int64)
        net = table["net"].cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise BadRecordError(f"{path}: {error}") from error
    one, other = (np.array(table[name].to_pylist(), dtype=str) for name in ("a", "b"))
    kept = (one != other) & np.isfinite(net)
    if since is not None:
        kept &= days >= _number(since)
    if until is not None:
        kept &= days < _number(until)
    one, other, days, net = one[kept], other[kept], days[kept], net[kept]
    names = np.where(one < other, _joined(one, other), _joined(other, one))
    order = np.lexsort((days, names))
    dyads, starts = np.unique(names[order], return_index=True)
    return DyadDays(tuple(dyads.tolist()), np.append(starts, len(order)), days[order], net[order])


def _joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.char.add(np.char.add(first, "|"), second)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days

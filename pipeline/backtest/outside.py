"""Files of other measures in (geopolitical risk, United Nations votes); plain tables out."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pipeline.contract.errors import BadRecordError, DependencyError


def read_risk(path: Path, state: str) -> Mapping[str, float]:
    """Read the country index GPRC_<state> of Caldara and Iacoviello's export, by month (2022-03).

    Raises BadRecordError for a file of another shape.
    """
    column = f"GPRC_{state}"
    found: dict[str, float] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                if column not in row or "month" not in row:
                    raise BadRecordError(f"{path} lacks the columns month and {column}")
                if row[column]:
                    month = datetime.strptime(row["month"], "%d/%m/%Y")  # noqa: DTZ007 - a month, not a moment
                    found[f"{month:%Y-%m}"] = float(row[column])
    except OSError as error:
        raise BadRecordError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadRecordError(f"{path}: {error}; months look like 01/02/2022") from error
    return found


def read_ideal_points(path: Path, year: int) -> Mapping[str, float]:
    """Read Bailey, Strezhnev and Voeten's ideal points of a year, by alpha-3 code.

    Raises DependencyError where pandas is not installed, BadRecordError for a file of another shape.
    """
    try:
        import pandas
    except ImportError as error:
        raise DependencyError(
            "Stata files are read with pandas: pip install 'blocwatch[backtest]'"
        ) from error
    try:
        table = pandas.read_stata(path, columns=["iso3c", "year", "idealpointall"])
    except (OSError, ValueError) as error:
        raise BadRecordError(f"cannot read {path}: {error}") from error
    rows = table[table["year"] == year]
    points = zip(rows["iso3c"].tolist(), rows["idealpointall"].tolist(), strict=True)
    return {str(code): float(point) for code, point in points if code and math.isfinite(point)}

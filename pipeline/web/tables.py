"""A page's rows in; the same rows as CSV out (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows under the names of the first row's fields; text that a spreadsheet would run is quoted.

    >>> to_csv([{"a": 1.5, "b": "=1+1"}])
    "a,b\\r\\n1.5,'=1+1\\r\\n"
    """
    out = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(out, list(row), extrasaction="ignore")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return value


def happening_row(card: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten one happening's card: coded fields first, then what the source says, verbatim."""
    sentence = "".join(text for text, _ in card["source"]["sentence"])
    source = {f"source_{name}": card["source"][name] for name in ("outlet", "url", "published_at")}
    return {"event_id": card["event_id"], **card["coded"], "source_sentence": sentence, **source}


def bloc_row(bloc: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten one bloc: its members by code, and its interval in two columns."""
    low, high = bloc["ci90"]
    return {
        "label": bloc["label"],
        "members": [member["code"] for member in bloc["members"]],
        "cohesion": bloc["cohesion"],
        "cohesion_low": low,
        "cohesion_high": high,
        "since": bloc["since"],
        "as_of": bloc["as_of"],
        "n_eff": bloc["n_eff"],
        "prior_share": bloc["prior_share"],
    }

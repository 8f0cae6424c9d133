"""Names of time zones in, as feeds write them; offsets from UTC, and how sure they are, out.

Sources: RFC 822 (section 5) and RFC 2822 (section 4.3) for their ten names, the tz database for the
others. Offsets are those in force since 2017; before that, the names of some states meant another hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

SETTLED_SINCE = date(2017, 1, 1)
"""From this day on every name of `_REGIONAL` has meant the offset given here."""

_NUMERIC = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d\d))?", re.I)
_EAST, _WEST = timedelta(hours=14), timedelta(hours=-12)
_QUARTER = timedelta(minutes=15)

# RFC 822's one-letter zones were published with the wrong sign: RFC 2822 reads all but Z as unknown.
_STEADY = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "NDT": -2.5,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "IDT": 3, "PKT": 5, "NPT": 5.75, "ICT": 7, "WIB": 7, "WITA": 8, "HKT": 8,
    "SGT": 8, "MYT": 8, "PHT": 8, "JST": 9, "KST": 9,
    "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3,
}  # fmt: skip
_REGIONAL = {
    "MSK": 3, "FET": 3, "TRT": 3, "SAMT": 4, "YEKT": 5, "OMST": 6, "KRAT": 7, "IRKT": 8, "YAKT": 9,
    "VLAT": 10, "GET": 4, "AZT": 4, "IRST": 3.5, "AFT": 4.5, "UZT": 5, "TJT": 5, "TMT": 5, "KGT": 6,
    "MMT": 6.5, "ULAT": 8, "BRT": -3, "ART": -3, "UYT": -3, "CLT": -4, "CLST": -3, "BOT": -4, "VET": -4,
    "COT": -5, "PET": -5,
}  # fmt: skip
# What other states than those of RFC 822 mean by its names.
_ELSEWHERE: dict[str, dict[str, float]] = {
    "EST": {"AUS": 10}, "EDT": {"AUS": 11},
    "CST": {"CHN": 8, "TWN": 8, "MAC": 8, "CUB": -5, "AUS": 9.5}, "CDT": {"CUB": -4, "AUS": 10.5},
    "MST": {"MYS": 8, "MMR": 6.5}, "PST": {"PHL": 8, "PAK": 5},
}  # fmt: skip
# Names that several places use, or whose meaning changed: the first reading is the likeliest.
_SEVERAL: dict[str, dict[str, float]] = {
    "IST": {"IND": 5.5, "ISR": 2, "IRL": 1, "LKA": 5.5},
    "BST": {"GBR": 1, "BGD": 6},
    "AST": {"SAU": 3, "KWT": 3, "BHR": 3, "QAT": 3, "IRQ": 3, "YEM": 3, "CAN": -4, "PRI": -4, "VIR": -4,
            "BRB": -4, "TTO": -4, "DOM": -4, "BMU": -4},
    "ADT": {"CAN": -3, "BMU": -3},
    "AMT": {"ARM": 4, "BRA": -4},
    "GST": {"ARE": 4, "OMN": 4, "GUM": 10, "SGS": -2},
    "ECT": {"ECU": -5, "DMA": -4, "GRD": -4, "LCA": -4, "VCT": -4},
    "NST": {"CAN": -3.5, "NPL": 5.75},
    "SST": {"SGP": 8, "ASM": -11},
    "WST": {"AUS": 8, "WSM": 13},
    "WIT": {"IDN": 9},
    "CCT": {"CHN": 8, "CCK": 6.5},
    "PYT": {"PRK": 9, "PRY": -3},
    "ALMT": {"": 5},  # Kazakhstan went from +6 to +5 on 2024-03-01
    "MSD": {"": 4},  # none since 2011
    "IRDT": {"": 4.5},  # none since 2022
    "ET": {"": -5}, "CT": {"": -6}, "MT": {"": -7}, "PT": {"": -8},  # standard or summer time alike
}  # fmt: skip
_NORTHERN_SUMMER = frozenset("EDT CDT MDT PDT AKDT NDT ADT WEST BST CEST MEST MESZ EEST IDT".split())
_WINTER = (12, 1, 2)


@dataclass(frozen=True, slots=True)
class Zone:
    """How far a zone lies ahead of UTC; not `sure` where the name may mean another offset."""

    ahead: timedelta
    sure: bool = True


def zone_of(name: str, country: str | None = None, on: date | None = None) -> Zone | None:
    """Read a zone, numeric or named; None for what nobody knows.

    RFC 822's North American names keep its meaning unless the outlet's `country` (alpha-3) has its own,
    as China has for CST. Names of several places (IST, BST, AST ...) are sure only where the country
    settles them. Not sure either, for a day `on`: a northern summer time in winter, and a regional name
    from before `SETTLED_SINCE`.

    >>> zone_of("+0530"), zone_of("IST").sure, zone_of("IST", "ISR").ahead, zone_of("XYZ")
    (Zone(ahead=datetime.timedelta(seconds=19800), sure=True), False, datetime.timedelta(seconds=7200), None)
    """
    if numeric := _NUMERIC.fullmatch(name):
        return _numeric(*numeric.groups(default="0"))
    name = name.upper()
    settled = _ELSEWHERE.get(name, {}).get(country or "")
    if settled is not None:
        return Zone(timedelta(hours=settled))
    if name in _STEADY:
        return Zone(timedelta(hours=_STEADY[name]), _in_season(name, on))
    if name in _REGIONAL:
        return Zone(timedelta(hours=_REGIONAL[name]), on is None or on >= SETTLED_SINCE)
    readings = _SEVERAL.get(name)
    if readings is None:
        return None
    if country and country in readings:
        return Zone(timedelta(hours=readings[country]), _in_season(name, on) or country == "BGD")
    return Zone(timedelta(hours=next(iter(readings.values()))), False)


def offset_of(zone: str, country: str | None = None) -> timedelta | None:
    """Return how far a zone lies ahead of UTC; None for names that are unknown or not sure.

    >>> offset_of("MSK"), offset_of("IST"), offset_of("IST", "IND")
    (datetime.timedelta(seconds=10800), None, datetime.timedelta(seconds=19800))
    """
    found = zone_of(zone, country)
    return found.ahead if found is not None and found.sure else None


def _numeric(sign: str, hours: str, minutes: str) -> Zone | None:
    """Offsets in use lie between -12:00 and +14:00, in quarters of an hour."""
    ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    plausible = int(minutes) < 60 and _WEST <= ahead <= _EAST and not ahead % _QUARTER
    return Zone(ahead) if plausible else None


def _in_season(name: str, on: date | None) -> bool:
    return on is None or name not in _NORTHERN_SUMMER or on.month not in _WINTER

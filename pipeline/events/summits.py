"""A summit's name and a day in; the country that was its host out.

Leaders meet "on the margins of the G20" and nobody says where that was. Dates are those of the meetings, with
a few days around them; regular seats (Davos, the General Assembly's New York) need no year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_AROUND = timedelta(days=6)
_SEATS = (
    (re.compile(r"\bUNGA\b|\b(?:U\.?N\.?|United Nations) General Assembly\b|\bHigh[- ]Level Week\b"), "USA"),
    (re.compile(r"\bUN(?:ited Nations)? Security Council\b|\bUNSC\b"), "USA"),
    (re.compile(r"\bU\.?N\.? Headquarters\b|\bUnited Nations Headquarters\b"), "USA"),
    (re.compile(r"\b(?:Munich Security Conference|MSC 20\d\d)\b"), "DEU"),
    (re.compile(r"\bWorld Economic Forum\b|\bWEF\b"), "CHE"),
    (re.compile(r"\bU\.?N\.? Human Rights Council\b"), "CHE"),
    (re.compile(r"\bShangri-La Dialogue\b"), "SGP"),
    (re.compile(r"\bManama Dialogue\b"), "BHR"),
    (re.compile(r"\bRaisina Dialogue\b"), "IND"),
    (re.compile(r"\bDoha Forum\b"), "QAT"),
    (re.compile(r"\bAntalya Diplomacy Forum\b"), "TUR"),
    (re.compile(r"\bBoao Forum\b"), "CHN"),
    (re.compile(r"\bXiangshan Forum\b"), "CHN"),
    (re.compile(r"\b(?:St\.? Petersburg International|Eastern) Economic Forum|\bSPIEF\b"), "RUS"),
)  # fmt: skip
_HOSTS = {
    "G20": "2021-10-30 ITA 2022-11-15 IDN 2023-09-09 IND 2024-11-18 BRA 2025-11-22 ZAF 2026-12-14 USA",
    "G7": "2021-06-12 GBR 2022-06-27 DEU 2023-05-20 JPN 2024-06-14 ITA 2025-06-16 CAN 2026-06-15 FRA",
    "NATO": "2021-06-14 BEL 2022-03-24 BEL 2022-06-29 ESP 2023-07-11 LTU 2024-07-10 USA "
    "2025-06-24 NLD 2026-07-07 TUR",
    "APEC": "2022-11-18 THA 2023-11-16 USA 2024-11-15 PER 2025-10-31 KOR 2026-11-18 CHN",
    "BRICS": "2022-06-23 CHN 2023-08-23 ZAF 2024-10-23 RUS 2025-07-06 BRA",
    "SCO": "2021-09-17 TJK 2022-09-16 UZB 2024-07-04 KAZ 2025-08-31 CHN",
    "ASEAN|East Asia": "2022-11-12 KHM 2023-09-06 IDN 2024-10-10 LAO 2025-10-27 MYS 2026-11-11 PHL",
    "COP26|COP27|COP28|COP29|COP30": "2021-11-01 GBR 2022-11-08 EGY 2023-12-02 ARE 2024-11-12 AZE "
    "2025-11-10 BRA",
    "Quad Leaders[’'] ": "2021-09-24 USA 2022-05-24 JPN 2023-05-20 JPN 2024-09-21 USA",
    "European Political Community": "2022-10-06 CZE 2023-06-01 MDA 2023-10-05 ESP 2024-07-18 GBR "
    "2024-11-07 HUN 2025-05-16 ALB 2025-10-02 DNK",
    "European Council": "2021-12-16 BEL 2022-03-24 BEL 2022-06-23 BEL 2023-02-09 BEL 2024-12-19 BEL "
    "2025-12-18 BEL",
    "CELAC": "2023-01-24 ARG 2024-03-01 VCT 2025-04-09 HND",
    "Summit of the Americas": "2022-06-08 USA",
    "Summit for Democracy": "2023-03-29 USA 2024-03-18 KOR",
}  # fmt: skip
_GATHERED = r"(?: (?:Economic )?(?:Leaders|Foreign Ministers)[’']?)? (?:[Ss]ummit|[Mm]eetings?)"
_MARGINS = r"(?:[Mm]argins?|[Ss]idelines?) of the (?:\w+ ){0,3}?"


def summit_host(text: str, day: date) -> str | None:
    """The host of the first summit that a sentence places a meeting at.

    >>> summit_host("They met on the margins of the G20.", date(2022, 11, 15))
    'IDN'
    """
    for pattern, seat in _SEATS:
        if pattern.search(text):
            return seat
    for names, held in _HOSTS.items():
        if re.search(rf"{_MARGINS}(?:{names})|\b(?:{names}){_GATHERED}", text):
            return _host(held.split(), day)
    return None


def _host(held: list[str], day: date) -> str | None:
    near = (
        host
        for opened, host in zip(held[::2], held[1::2], strict=True)
        if abs(date.fromisoformat(opened) - day) <= _AROUND
    )
    return next(near, None)

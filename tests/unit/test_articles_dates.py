"""Date strings as real feeds write them; expected moments worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.articles.dates import date_entry, read_date
from pipeline.articles.datetext import Moment, NoDate, interpret
from pipeline.articles.normalize import Reading, read_feed
from pipeline.articles.zones import offset_of, zone_of
from pipeline.contract.article import DateQuality

FETCHED = datetime(2024, 3, 22, 12, tzinfo=UTC)
SEEN = datetime(2024, 3, 22, 11, tzinfo=UTC)
MIDNIGHT = datetime(2024, 3, 21, tzinfo=UTC)

# Text | the outlet's country | what it means. A moment without seconds is UTC; with "?" it is kept, but
# not sure. "-" stands for no date, "!" for one that cannot exist, "~" for day and month in an order that
# nobody settles.
SPELLINGS = """
Thu, 21 Mar 2024 18:30:00 GMT || 2024-03-21 18:30
Thu, 21 Mar 2024 18:30:00 +0000 || 2024-03-21 18:30
Thu, 21 Mar 2024 18:30:00 -0000 || 2024-03-21 18:30
Thu, 21 Mar 2024 18:30:00 Z || 2024-03-21 18:30
Thu, 21 Mar 2024 18:30:00 UTC || 2024-03-21 18:30
21 Mar 2024 18:30 UT || 2024-03-21 18:30
Thu,21 Mar 2024 18:30:00 GMT || 2024-03-21 18:30
Thu, 21 Mar 24 18:30:00 GMT || 2024-03-21 18:30
Thursday, 21-Mar-24 18:30:00 GMT || 2024-03-21 18:30
Thu, 21-Mar-2024 18:30:00 GMT || 2024-03-21 18:30
THU, 21 MAR 2024 18:30:00 gmt || 2024-03-21 18:30
Thu, 21 March 2024 14:30:00 EDT || 2024-03-21 18:30
Thu, 1 Feb 2024 13:30:00 EST || 2024-02-01 18:30
Thu, 1 Feb 2024 12:30:00 CST || 2024-02-01 18:30
Thu, 1 Feb 2024 11:30:00 MST || 2024-02-01 18:30
Thu, 1 Feb 2024 10:30:00 PST || 2024-02-01 18:30
Thu, 21 Mar 2024 11:30:00 PDT || 2024-03-21 18:30
Thu, 21 Mar 2024 13:30:00 CDT || 2024-03-21 18:30
Thu, 21 Mar 2024 12:30:00 MDT || 2024-03-21 18:30
Thu, 1 Feb 2024 13:30:00 EDT || 2024-02-01 17:30?
Thu, 21 Mar 2024 21:30:00 MSK || 2024-03-21 18:30
Wed, 20 Mar 2013 21:30:00 MSK || 2013-03-20 18:30?
Thu, 21 Mar 2024 23:30:00 PKT || 2024-03-21 18:30
Thu, 21 Mar 2024 20:30:00 EET || 2024-03-21 18:30
Sun, 21 Jul 2024 21:30:00 EEST || 2024-07-21 18:30
Thu, 21 Mar 2024 19:30:00 CET || 2024-03-21 18:30
Sun, 21 Jul 2024 20:30:00 CEST || 2024-07-21 18:30
Thu, 21 Mar 2024 19:30:00 MEZ || 2024-03-21 18:30
Sun, 21 Jul 2024 20:30:00 MESZ || 2024-07-21 18:30
Sun, 21 Jul 2024 19:30:00 BST | GBR | 2024-07-21 18:30
Sun, 21 Jul 2024 19:30:00 BST || 2024-07-21 18:30?
Thu, 21 Mar 2024 21:30:00 TRT | TUR | 2024-03-21 18:30
Thu, 21 Mar 2024 22:00:00 IRST || 2024-03-21 18:30
Thu, 21 Mar 2024 23:00:00 AFT || 2024-03-21 18:30
Thu, 21 Mar 2024 22:30:00 GST | ARE | 2024-03-21 18:30
Thu, 21 Mar 2024 22:30:00 AMT | ARM | 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 AST | SAU | 2024-03-21 18:30
Thu, 21 Mar 2024 14:30:00 AST | CAN | 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 AST || 2024-03-21 18:30?
Fri, 22 Mar 2024 00:00:00 IST | IND | 2024-03-21 18:30
Thu, 21 Mar 2024 20:30:00 IST | ISR | 2024-03-21 18:30
Sun, 21 Jul 2024 19:30:00 IST | IRL | 2024-07-21 18:30
Fri, 22 Mar 2024 00:00:00 IST || 2024-03-21 18:30?
Fri, 22 Mar 2024 02:30:00 CST | CHN | 2024-03-21 18:30
Fri, 22 Mar 2024 02:30:00 CST | TWN | 2024-03-21 18:30
Thu, 21 Mar 2024 23:30:00 PST | PAK | 2024-03-21 18:30
Fri, 22 Mar 2024 02:30:00 PST | PHL | 2024-03-21 18:30
Fri, 22 Mar 2024 05:30:00 EDT | AUS | 2024-03-21 18:30
Fri, 22 Mar 2024 03:30:00 JST || 2024-03-21 18:30
Fri, 22 Mar 2024 03:30:00 KST || 2024-03-21 18:30
Fri, 22 Mar 2024 02:30:00 HKT || 2024-03-21 18:30
Fri, 22 Mar 2024 02:30:00 SGT || 2024-03-21 18:30
Fri, 22 Mar 2024 05:30:00 AEDT || 2024-03-21 18:30
Fri, 22 Mar 2024 07:30:00 NZDT || 2024-03-21 18:30
Fri, 22 Mar 2024 00:15:00 NPT || 2024-03-21 18:30
Thu, 21 Mar 2024 20:30:00 SAST || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 EAT || 2024-03-21 18:30
Thu, 21 Mar 2024 15:30:00 BRT || 2024-03-21 18:30
Thu, 21 Mar 2024 2:30 PM ET | USA | 2024-03-21 19:30?
Thu, 21 Mar 2024 18:30:00 XQZ || 2024-03-21 18:30?
Thu, 21 Mar 2024 18:30:00 A || 2024-03-21 18:30?
Thu, 21 Mar 2024 21:30:00 +0300 || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 +03:00 || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 +03 || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 GMT+3 || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 UTC+03:00 || 2024-03-21 18:30
Fri, 22 Mar 2024 00:00:00 +0530 || 2024-03-21 18:30
Thu, 21 Mar 2024 15:00:00 -0330 || 2024-03-21 18:30
Thu, 21 Mar 2024 15:00:00 −0330 || 2024-03-21 18:30
Fri, 22 Mar 2024 08:30:00 +1400 || 2024-03-21 18:30
Thu, 21 Mar 2024 18:30:00 +1700 || 2024-03-21 18:30?
Thu, 21 Mar 2024 18:30:00 +0370 || 2024-03-21 18:30?
Thu, 21 Mar 2024 18:30:00 +0000 (UTC) || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 +0300 (MSK) || 2024-03-21 18:30
Thu, 21 Mar 2024 21:30:00 +0000 (MSK) || 2024-03-21 21:30?
2024-03-21 18:30:00 +0000 UTC || 2024-03-21 18:30
Thu Mar 21 2024 21:30:00 GMT+0300 (Moscow Standard Time) || 2024-03-21 18:30
Thu, 21 Mar 2024 18:30:00 || 2024-03-21 18:30?
Mon, 21 Mar 2024 18:30:00 GMT || 2024-03-21 18:30?
Thu, 21 Mar 2024 06:30 PM GMT || 2024-03-21 18:30
Thu, 21 Mar 2024 12:30 AM GMT || 2024-03-21 00:30
Thu, 21 Mar 2024 12:30 p.m. GMT || 2024-03-21 12:30
Thu, 21 Mar 2024 13:30 PM GMT || !
Thu, 21 Mar 2024 0:30 AM GMT || !
Thu, 21 Mar 2024 24:00:00 GMT || 2024-03-22 00:00
Thu, 21 Mar 2024 24:00:01 GMT || !
Thu, 21 Mar 2024 25:00:00 GMT || !
Thu, 21 Mar 2024 18:60:00 GMT || !
Fri, 30 Feb 2024 10:00:00 GMT || !
Wed, 31 Apr 2024 10:00:00 GMT || !
Thu, 29 Feb 2024 10:00:00 GMT || 2024-02-29 10:00
Wed, 29 Feb 2023 10:00:00 GMT || !
Sat, 31 Dec 2016 23:59:60 GMT || 2016-12-31 23:59:59
Sat, 31 Dec 2016 12:30:60 GMT || !
Sat, 31 Dec 94 12:30:00 GMT || 1994-12-31 12:30
Thu Mar 21 18:30:00 2024 || 2024-03-21 18:30?
Thu Mar 21 18:30:00 GMT 2024 || 2024-03-21 18:30
Thu Mar 21 21:30:00 MSK 2024 || 2024-03-21 18:30
Thu Mar  1 18:30:00 UTC 2024 || 2024-03-01 18:30?
2024-03-21T18:30:00Z || 2024-03-21 18:30
2024-03-21T18:30Z || 2024-03-21 18:30
2024-03-21T18:30:00.000Z || 2024-03-21 18:30
2024-03-21T18:30:00.123456+00:00 || 2024-03-21 18:30
2024-03-21t21:30:00+03:00 || 2024-03-21 18:30
2024-03-21T13:30:00-0500 || 2024-03-21 18:30
2024-03-21T18:30:00+00 || 2024-03-21 18:30
2024-03-21 18:30:00+00:00 || 2024-03-21 18:30
2024-03-21 21:30:00 MSK || 2024-03-21 18:30
2024-03-21T19:30:00+01:00[Europe/Paris] || 2024-03-21 18:30
2024-03-21T18:30:00 || 2024-03-21 18:30?
2024-03-21 18:30 || 2024-03-21 18:30?
2024-03-21T24:00:00Z || 2024-03-22 00:00
2024-12-31T24:00Z || 2025-01-01 00:00
2016-12-31T23:59:60Z || 2016-12-31 23:59:59
2017-01-01T02:59:60+03:00 || 2016-12-31 23:59:59
2024-02-30T10:00:00Z || !
2024-13-01 || !
2023-02-29 || !
0000-00-00T00:00:00Z || !
0001-01-01T00:00:00+05:00 || !
2024-W12-4 || 2024-03-21 00:00
2024W124 || 2024-03-21 00:00
2024-W12-4T18:30:00Z || 2024-03-21 18:30
2024-W53-1 || !
2024-W12 || -
2024-081 || 2024-03-21 00:00
2024-081T18:30Z || 2024-03-21 18:30
2024-366 || 2024-12-31 00:00
2023-366 || !
2024-000 || !
2024-03 || -
2024 || -
20240321 || 2024-03-21 00:00
20240321T183000Z || 2024-03-21 18:30
20240321T213000+0300 || 2024-03-21 18:30
20240321183000 || 2024-03-21 18:30?
20240231 || !
2024-3-21 || 2024-03-21 00:00
2024/03/21 18:30:00 +0000 || 2024-03-21 18:30
2024.03.21. || 2024-03-21 00:00
1711045800 || 2024-03-21 18:30
1711045800000 || 2024-03-21 18:30
1711045800123456 || 2024-03-21 18:30
1711045800.5 || 2024-03-21 18:30
17110458 || !
171104580 || 1975-06-04 09:03
0 || -
March 21,2024 || 2024-03-21 00:00
March 21, 2024 || 2024-03-21 00:00
March 21 2024 || 2024-03-21 00:00
Mar. 21st, 2024 || 2024-03-21 00:00
21st March, 2024 || 2024-03-21 00:00
21 March 2024 || 2024-03-21 00:00
21Mar2024 || -
Thursday, March 21, 2024 - 18:30 GMT || 2024-03-21 18:30
Thursday, March 21, 2024 at 2:30 PM EDT || 2024-03-21 18:30
March 21, 2024 6:30 pm || 2024-03-21 18:30?
March 21, 2024 | 18:30 GMT || 2024-03-21 18:30
February 30, 2024 || !
Friday, March 21, 2024 || 2024-03-21 00:00?
Sept 5, 2024 || 2024-09-05 00:00
Marvel 21, 2024 || -
March 2024 || -
03/21/2024 || 2024-03-21 00:00
21/03/2024 || 2024-03-21 00:00
3/21/2024, 6:30:00\u202fPM || 2024-03-21 18:30?
03/04/2024 || ~
03/04/2024 | USA | 2024-03-04 00:00
03/04/2024 | GBR | 2024-04-03 00:00
03/04/2024 | CAN | ~
03.04.2024 | RUS | 2024-04-03 00:00
03.04.2024 || ~
03-04-2024 18:30 +0000 | IND | 2024-04-03 18:30
04/04/2024 || 2024-04-04 00:00
31.04.2024 || !
31.04.2024 | RUS | !
02/30/2024 | USA | !
13/13/2024 || !
21/03/24 | GBR | 2024-03-21 00:00
21/03/24 || ~
21/03/24 | USA | ~
03/04/05 || ~
21 mars 2024 à 18h30 || 2024-03-21 18:30?
jeudi 21 mars 2024 || 2024-03-21 00:00
1er août 2024 || 2024-08-01 00:00
21. März 2024, 18:30 Uhr || 2024-03-21 18:30?
Do, 21 Mär 2024 18:30:00 +0100 || 2024-03-21 17:30
21 de marzo de 2024 || 2024-03-21 00:00
21 de março de 2024 || 2024-03-21 00:00
Gio, 21 Mar 2024 19:30:00 +0100 || 2024-03-21 18:30
21 марта 2024 г. в 21:30 MSK || 2024-03-21 18:30
21 березня 2024 року, 18:30 || 2024-03-21 18:30?
Чт, 21 мар 2024 21:30:00 +0300 || 2024-03-21 18:30
21 Ağustos 2024 || 2024-08-21 00:00
21 listopad 2024 || -
2024年3月21日 18:30 || 2024-03-21 18:30?
2024년 3월 21일 || 2024-03-21 00:00
1402/12/29 || 1402-12-29 00:00
yesterday || -
3 hours ago || -
18:30 GMT || -
Thu, 21 Mar 2024 || 2024-03-21 00:00
Thu, 21 Mar 124 18:30:00 GMT || -
2024-03-21T18:30:00 Europe/Moscow || -
NaN || -
+0000 || -
Thu, \\n 21 Mar 2024 18:30:00 GMT || 2024-03-21 18:30
"""
REFUSED = {"-": NoDate.UNREADABLE, "!": NoDate.IMPOSSIBLE, "~": NoDate.AMBIGUOUS}


def _rows() -> list[tuple[str, str | None, str]]:
    rows = []
    for line in SPELLINGS.strip().splitlines():
        left, expected = line.rsplit("|", 1)
        text, country = left.rsplit("|", 1)
        rows.append((text.strip().replace("\\n", "\n"), country.strip() or None, expected.strip()))
    return rows


def test_the_table_is_long_enough() -> None:
    rows = _rows()
    assert len(rows) == len({(text, country) for text, country, _ in rows}) >= 120


@pytest.mark.parametrize(("text", "country", "expected"), _rows())
def test_real_spellings(text: str, country: str | None, expected: str) -> None:
    found = interpret(text, country)
    if expected in REFUSED:
        assert found is REFUSED[expected]
        assert read_date(text, country) is None
    else:
        at = datetime.fromisoformat(expected.removesuffix("?")).replace(tzinfo=UTC)
        assert found == Moment(at, sure=not expected.endswith("?"))


@pytest.mark.parametrize("text", ["", "x" * 1000, "\x00", "21" * 60, "Mar " * 30])
def test_what_is_no_date(text: str) -> None:
    assert interpret(text) is NoDate.UNREADABLE


@pytest.mark.parametrize("text", ["Fri, 30 Feb 2024 10:00:00 GMT", "1970-01-01T00:00:00Z", "1402/12/29"])
def test_what_cannot_be_right_gives_first_seen_marked_suspect(text: str) -> None:
    dated = date_entry([text], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (SEEN, DateQuality.SUSPECT)


@pytest.mark.parametrize("text", ["1994-12-31T23:59:59Z", "2024-03-23T12:00:01Z", "2099-01-01", "2554076200"])
def test_absurd_and_future_dates_are_suspect(text: str) -> None:
    dated = date_entry([text], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (SEEN, DateQuality.SUSPECT)


def test_a_day_ahead_is_still_believed() -> None:
    dated = date_entry(["2024-03-23T12:00:00Z"], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (FETCHED + timedelta(days=1), DateQuality.FEED)


def test_no_date_is_first_seen() -> None:
    for dates in ((), ("soon",), ("03/04/2024",)):
        dated = date_entry(dates, SEEN, FETCHED)
        assert (dated.published_at, dated.quality) == (SEEN, DateQuality.FIRST_SEEN)


def test_the_first_date_that_can_be_right_counts() -> None:
    dated = date_entry(["2024-02-30", "2099-01-01", "2024-03-21", "2024-03-20"], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (MIDNIGHT, DateQuality.FEED)


@pytest.mark.parametrize("text", ["Thu, 21 Mar 2024 00:00:00 XQZ", "Mon, 21 Mar 2024", "2024-03-21T00:00"])
def test_what_is_not_sure_is_kept_and_marked_suspect(text: str) -> None:
    dated = date_entry([text], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (MIDNIGHT, DateQuality.SUSPECT)


def test_the_outlets_country_settles_zone_names_of_several_places() -> None:
    assert offset_of("IST", "IND") == timedelta(hours=5.5)
    assert offset_of("IST", "ISR") == timedelta(hours=2)
    assert offset_of("IST", "USA") is None
    assert offset_of("CST", "CHN") == timedelta(hours=8)
    assert offset_of("CST", "USA") == timedelta(hours=-6)
    assert offset_of("+9900") is None


def test_a_summer_time_in_winter_is_not_sure() -> None:
    for name, country in (("CEST", "DEU"), ("EDT", None), ("BST", "GBR")):
        winter, summer = zone_of(name, country, date(2024, 1, 15)), zone_of(name, country, date(2024, 7, 15))
        assert winter is not None
        assert summer is not None
        assert (winter.sure, summer.sure) == (False, True)
    dhaka = zone_of("BST", "BGD", date(2024, 1, 15))
    assert dhaka is not None
    assert dhaka.sure


@pytest.mark.shared
def test_world_news_feeds_are_dated(shared: Path) -> None:
    """12 feeds, 317 entries, fetched on 2026-02-18: at least 99 % get a UTC time of their own."""
    fetched = datetime(2026, 2, 18, 12, tzinfo=UTC)
    found = []
    for path in sorted((shared / "feeds/world_news").glob("*.xml")):
        reading = read_feed(path.read_bytes())
        assert isinstance(reading, Reading), path
        found += [date_entry(item.dates, fetched, fetched).quality for item in reading.items]
    assert len(found) == 317
    assert found.count(DateQuality.FEED) / len(found) >= 0.99

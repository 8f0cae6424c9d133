"""Date strings as real feeds write them; expected moments worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.articles.dates import date_entry, impossible, read_date
from pipeline.articles.zones import offset_of
from pipeline.contract.article import DateQuality

FETCHED = datetime(2024, 3, 22, 12, tzinfo=UTC)
SEEN = datetime(2024, 3, 22, 11, tzinfo=UTC)
EVENING = datetime(2024, 3, 21, 18, 30, tzinfo=UTC)
MIDNIGHT = datetime(2024, 3, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 21 Mar 2024 18:30:00 GMT",
        "Thu, 21 Mar 2024 18:30:00 +0000",
        "Thu, 21 Mar 2024 18:30:00 -0000",
        "21 Mar 2024 18:30 UT",
        "Thu, 21 Mar 24 18:30:00 Z",
        "Mon, 21 Mar 2024 18:30:00 GMT",  # a wrong weekday tells nothing
        "Thursday, 21-Mar-24 18:30:00 GMT",
        "Thu, 21 March 2024 14:30:00 EDT",
        "Thu, 21 Mar 2024 13:30:00 EST",
        "Thu, 21 Mar 2024 21:30:00 MSK",
        "Thu, 21 Mar 2024 23:30:00 PKT",
        "Thu, 21 Mar 2024 20:30:00 EET",
        "Thu, 21 Mar 2024 19:30:00 CET",
        "Thu, 21 Mar 2024 21:30:00 +03:00",
        "Thu, 21 Mar 2024 21:30:00 GMT+3",
        "Fri, 22 Mar 2024 03:30:00 KST",
        "Fri, 22 Mar 2024 00:00:00 +0530",
        "Thu, 21 Mar 2024 06:30 PM GMT",
        "Thu, 21 Mar 2024 18:30:00 +0000 (UTC)",
        "2024-03-21T18:30:00Z",
        "2024-03-21T18:30:00.000Z",
        "2024-03-21t21:30:00+03:00",
        "2024-03-21T21:30:00+0300",
        "2024-03-21 18:30:00",
        "2024-03-21T18:30",
        "2024/03/21 18:30:00",
        "20240321183000",
        "20240321T183000Z",
        "Thu Mar 21 18:30:00 2024",
        "Thu Mar 21 21:30:00 MSK 2024",
        "March 21, 2024 6:30 pm",
        "March 21, 2024 at 2:30 PM EDT",
        "1711045800",
        "1711045800000",
        "  Thu, 21 Mar 2024 18:30:00 GMT\n",
    ],
)
def test_the_same_evening(text: str) -> None:
    moment = read_date(text)
    assert moment is not None
    assert moment.at == EVENING
    assert moment.sure


@pytest.mark.parametrize(
    "text", ["March 21,2024", "21 March 2024", "2024-03-21", "Mar. 21st, 2024", "21st Mar 2024", "20240321"]
)
def test_a_day_alone_is_midnight(text: str) -> None:
    moment = read_date(text)
    assert moment is not None
    assert moment.at == MIDNIGHT


@pytest.mark.parametrize("text", ["", "yesterday", "21/03/2024", "March 2024", "x" * 1000, "1", "\x00"])
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None
    assert not impossible(text)


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 30 Feb 2024 10:00:00 GMT",
        "2024-02-30T10:00:00Z",
        "2023-02-29",
        "2024-13-01",
        "Thu, 21 Mar 2024 25:00:00 GMT",
        "Thu, 21 Mar 2024 13:30 PM GMT",
        "0000-00-00T00:00:00Z",
        "0001-01-01T00:00:00+05:00",
    ],
)
def test_days_that_do_not_exist(text: str) -> None:
    assert read_date(text) is None
    assert impossible(text)
    assert date_entry([text], SEEN, FETCHED) == date_entry([text], SEEN, FETCHED)
    dated = date_entry([text], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (SEEN, DateQuality.SUSPECT)


def test_a_leap_second_is_the_second_before() -> None:
    moment = read_date("2016-12-31T23:59:60Z")
    assert moment is not None
    assert moment.at == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00Z", "1994-12-31T23:59:59Z", "2024-03-23T12:00:01Z", "2099-01-01"]
)
def test_absurd_and_future_dates_are_suspect(text: str) -> None:
    dated = date_entry([text], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (SEEN, DateQuality.SUSPECT)


def test_a_day_ahead_is_still_believed() -> None:
    dated = date_entry(["2024-03-23T12:00:00Z"], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (FETCHED + timedelta(days=1), DateQuality.FEED)


def test_no_date_is_first_seen() -> None:
    for dates in ((), ("soon",)):
        dated = date_entry(dates, SEEN, FETCHED)
        assert (dated.published_at, dated.quality) == (SEEN, DateQuality.FIRST_SEEN)


def test_the_first_date_that_can_be_right_counts() -> None:
    dated = date_entry(["2024-02-30", "2099-01-01", "2024-03-21", "2024-03-20"], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (MIDNIGHT, DateQuality.FEED)


def test_an_unknown_zone_makes_a_date_suspect() -> None:
    dated = date_entry(["Thu, 21 Mar 2024 18:30:00 XQZ"], SEEN, FETCHED)
    assert (dated.published_at, dated.quality) == (EVENING, DateQuality.SUSPECT)


def test_the_outlets_country_settles_zone_names_of_several_places() -> None:
    assert offset_of("IST", "IND") == timedelta(hours=5.5)
    assert offset_of("IST", "ISR") == timedelta(hours=2)
    assert offset_of("CST", "CHN") == timedelta(hours=8)
    assert offset_of("CST", "USA") == timedelta(hours=-6)
    assert offset_of("+9900") is None

"""Rows of a CSV file become entries by what they say, not by where they stand."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest

from pipeline.contract.errors import BadRecordError
from pipeline.metrics.entry import Entry
from pipeline.metrics.ledger import Cell, Ledger
from pipeline.metrics.params import MetricParams
from pipeline.metrics.rows import read_rows

HEADER = "date,source,target,goldstein"
NEW_YEAR = 455_832  # hours from 1970-01-01 to 2022-01-01: 18,993 days


def read(*rows: str, header: str = HEADER) -> list[Entry]:
    """Entries of rows that have no fault."""
    entries, faults = read_rows([f"{line}\n" for line in (header, *rows)])
    assert faults == []
    return entries


def faults(*rows: str, header: str = HEADER) -> list[tuple[int, str]]:
    return read_rows([f"{line}\n" for line in (header, *rows)])[1]


def ledger(entries: list[Entry]) -> Ledger:
    found = Ledger(MetricParams())
    for entry in entries:
        found.fold(entry)
    found.settle()
    return found


def test_a_row_is_an_entry_of_its_day() -> None:
    (entry,) = read("2022-01-01,USA,RUS,-2.5")
    assert (entry.source, entry.target, entry.g, entry.q) == ("USA", "RUS", -2_500_000, 1_000_000)
    assert (entry.day, entry.bucket, entry.published_us) == (
        date(2022, 1, 1), NEW_YEAR, NEW_YEAR * 3_600_000_000
    )  # fmt: skip
    assert Entry.load(entry.dump()) == entry


def test_columns_stand_in_any_order_and_case_and_others_are_ignored() -> None:
    plain = read("2022-01-01,USA,IGO:NATO,2.5")
    assert read("7,2.5,IGO:NATO,x,USA,2022-01-01", header="id,Goldstein,TARGET,note, Source ,Date") == plain
    assert read("2022-01-01,USA,IGO:NATO,044,2.50", header="date,S,O,code,g") == plain, "as ICEWS names them"
    assert read("20220101,USA,IGO:NATO,25e-1", header=HEADER) == plain


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2022-01-01T13:45", 13), ("2022-01-01 13:45:00Z", 13), ("2022-01-01T13:45+03:00", 10)],
)
def test_a_time_of_day_is_kept_and_is_utc_without_a_zone(text: str, hour: int) -> None:
    (entry,) = read(f"{text},USA,RUS,1")
    assert entry.bucket == NEW_YEAR + hour


def test_equal_rows_are_so_many_happenings() -> None:
    row = "2022-01-01,RUS,USA,-2"
    entries = read(row, row, "2022-01-01,RUS,USA,-2.0", "2022-01-01,USA,RUS,0")
    found = ledger(entries)
    assert len(found) == 4
    assert found.cells("RUS|USA") == {
        (NEW_YEAR, ">"): Cell(3, 0, 6_000_000, 0, 12_000_000),  # three of 2; 3 · 2² = 12
        (NEW_YEAR, "<"): Cell(1, 0, 0, 0, 0),
    }


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [
        f"2022-01-0{day},{pair},{g}" for day in (1, 2) for pair in ("USA,RUS", "CHN,RUS") for g in (1, 1, -4)
    ]
    whole = read(*rows)
    for seed in range(5):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert set(read(*shuffled)) == set(whole)
        assert ledger(read(*shuffled)).digest() == ledger(whole).digest()


def test_rows_with_owner_and_type_are_reports_of_one_happening() -> None:
    header = f"{HEADER},type,outlet"
    found = ledger(
        read(
            "2022-01-01,RUS,USA,-2,accuse,Wire",
            "2022-01-01,RUS,USA,-2,ACCUSE,Post",
            "2022-01-01,RUS,USA,-2,ACCUSE,Post",
            "2022-01-02,RUS,USA,-2,ACCUSE,Wire",
            header=header,
        )
    )
    assert len(found) == 4
    twice = round(2_000_000 * (1 + math.log(2)))  # two owners: w = 1 + ln 2
    cells = found.cells("RUS|USA")
    assert (cells[NEW_YEAR, ">"].n, cells[NEW_YEAR, ">"].conflict) == (1, twice)
    assert (cells[NEW_YEAR + 24, ">"].n, cells[NEW_YEAR + 24, ">"].conflict) == (1, 2_000_000)


def test_an_owner_or_a_type_alone_joins_nothing() -> None:
    found = ledger(
        read(
            "2022-01-01,RUS,USA,-2,ACCUSE,",
            "2022-01-01,RUS,USA,-2,ACCUSE,",
            "2022-01-01,RUS,USA,-2,,Wire",
            header=f"{HEADER},type,owner",
        )
    )
    assert found.cells("RUS|USA")[NEW_YEAR, ">"].n == 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("01.02.2022,USA,RUS,1", "no date: '01.02.2022'"),
        ("2022-02-30,USA,RUS,1", "no date"),
        ("0022-02-03,USA,RUS,1", "not plausible"),
        ("9999-12-31T23:59-14:00,USA,RUS,1", "no date"),
        (",USA,RUS,1", "no date"),
        ("2022-01-01,US,RUS,1", "source 'US' is no actor"),
        ("2022-01-01,USA,Russia,1", "target 'Russia' is no actor"),
        ("2022-01-01,USA,RUS,", "no number from -10 to 10"),
        ("2022-01-01,USA,RUS,nan", "no number"),
        ("2022-01-01,USA,RUS,1_0", "no number"),
        ("2022-01-01,USA,RUS,10.1", "no number"),
        ("2022-01-01,USA,RUS", "3 fields where the header has 4"),
        ('2022-01-01,"USA"x,RUS,1', "no CSV row"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_left_out(row: str, reason: str) -> None:
    good = "2022-01-01,USA,RUS,1"
    entries, found = read_rows([f"{line}\n" for line in (HEADER, good, "", row, good)])
    assert len(entries) == 2
    ((number, said),) = found
    assert number == 4
    assert reason in said


def test_a_quote_that_never_closes_tells_how_far_it_reached() -> None:
    rows = ["2022-01-01,USA,RUS,1", '"2022-01-01,USA,RUS,1', "2022-01-01,USA,RUS,1"]
    ((number, said),) = faults(*rows)
    assert (number, "up to line 4" in said) == (3, True)


def test_bytes_that_are_not_utf8_matter_only_where_they_are_read() -> None:
    header = f"{HEADER},note,type,owner"
    assert len(read("2022-01-01,USA,RUS,1,\udce9,ACCUSE,Wire", header=header)) == 1
    ((number, said),) = faults("2022-01-01,USA,RUS,1,,ACCUSE,\udce9", header=header)
    assert (number, "not UTF-8" in said) == (2, True)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("date,source,goldstein", "lacks target; it names date, source, goldstein"),
        ("date,source,target,goldstein,Date", "'date' more than once"),
        ("2022-01-01,USA,RUS,1", "lacks date, source, target, goldstein"),
        ("", "no header: the file is empty"),
    ],
)
def test_a_header_that_will_not_do(header: str, reason: str) -> None:
    with pytest.raises(BadRecordError, match=reason):
        read_rows([f"{header}\n"])

"""When: each kind of expression, read against a publication on Thursday, 21 March 2024."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.contract.event import Granularity, Status
from pipeline.events.dates import date_of

THURSDAY = date(2024, 3, 21)


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("They met on March 19.", date(2024, 3, 19)),
        ("They met on 19 March 2023.", date(2023, 3, 19)),
        ("They met on the 3rd of January, 2024.", date(2024, 1, 3)),
        ("They met on Dec. 30.", date(2023, 12, 30)),
        ("They met on 2024-02-29.", date(2024, 2, 29)),
        ("They met on Thursday.", THURSDAY),
        ("They met on Friday.", date(2024, 3, 15)),
        ("They met on Wednesday.", date(2024, 3, 20)),
        ("They met yesterday.", date(2024, 3, 20)),
        ("They met today.", THURSDAY),
        ("They met.", THURSDAY),
        ("They met on February 31.", THURSDAY),
        ("They met on Sept. 9, 2023.", date(2023, 9, 9)),
        ("They met on 12.02.2024.", date(2024, 2, 12)),
        ("They met last Thursday.", date(2024, 3, 14)),
        ("They met late on Tuesday.", date(2024, 3, 19)),
        ("They met earlier today.", THURSDAY),
        ("They met this morning.", THURSDAY),
        ("They met overnight.", THURSDAY),
        ("They met last night.", date(2024, 3, 20)),
        ("They met the day before.", date(2024, 3, 20)),
        ("They met the day before yesterday.", date(2024, 3, 19)),
        ("They met two days earlier.", date(2024, 3, 19)),
        ("They met 107 days ago.", date(2023, 12, 5)),
        ("They met on the 5th.", date(2024, 3, 5)),
        ("They met on Saturday, March 9.", date(2024, 3, 9)),
        ("They met from March 4 to 6.", date(2024, 3, 4)),
        ("They met on 5-6 March.", date(2024, 3, 5)),
        ("They met from February 28 - March 2.", date(2024, 2, 28)),
    ],
)
def test_a_day(sentence: str, day: date) -> None:
    assert date_of(sentence, 5, THURSDAY, Status.OCCURRED).day == day


def test_a_plan_looks_forward() -> None:
    assert date_of("They will meet on Thursday.", 10, THURSDAY, Status.INTENDED).day == THURSDAY
    assert date_of("They will meet on Friday.", 10, THURSDAY, Status.INTENDED).day == date(2024, 3, 22)
    assert date_of("They will meet next Thursday.", 10, THURSDAY, Status.INTENDED).day == date(2024, 3, 28)
    assert date_of("They will meet on the 5th.", 10, THURSDAY, Status.INTENDED).day == date(2024, 4, 5)
    assert date_of("They will meet in two days.", 10, THURSDAY, Status.INTENDED).day is None
    assert date_of("They will meet.", 10, THURSDAY, Status.INTENDED).day is None


@pytest.mark.parametrize(
    ("words", "granularity"),
    [
        ("this week", Granularity.WEEK),
        ("last month", Granularity.MONTH),
        ("last year", Granularity.YEAR),
        ("in recent days", Granularity.WEEK),
        ("in February", Granularity.MONTH),
        ("in late January", Granularity.MONTH),
        ("in May 2023", Granularity.MONTH),
        ("in 2019", Granularity.YEAR),
        ("three weeks ago", Granularity.WEEK),
    ],
)
def test_a_vague_time_gives_no_day(words: str, granularity: Granularity) -> None:
    found = date_of(f"They met {words}.", 5, THURSDAY, Status.OCCURRED)
    assert (found.day, found.granularity) == (None, granularity)


def test_the_nearest_expression_counts() -> None:
    sentence = "They met on Monday, and on Tuesday they left."
    assert date_of(sentence, 5, THURSDAY, Status.OCCURRED).day == date(2024, 3, 18)
    assert date_of(sentence, 40, THURSDAY, Status.OCCURRED).day == date(2024, 3, 19)

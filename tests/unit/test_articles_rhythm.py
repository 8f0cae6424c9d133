"""A feed's rhythm, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.articles.rhythm import smoothed_gap

NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)


def ago(*hours: float) -> list[datetime]:
    return [NOW - timedelta(hours=n) for n in hours]


def test_gaps_are_smoothed_from_the_oldest_to_the_newest() -> None:
    # Gaps of 4, 2 and 1 hours: 4, then 4 + .3 (2 - 4) = 3.4, then 3.4 + .3 (1 - 3.4) = 2.68.
    gap = smoothed_gap(ago(8, 4, 2, 1), NOW)
    assert gap == pytest.approx(2.68 * 3600)
    assert smoothed_gap(ago(1, 2, 4, 8), NOW) == gap


def test_equal_and_future_dates_tell_nothing() -> None:
    assert smoothed_gap(ago(3, 3, 1, 1, -5), NOW) == 7200
    assert smoothed_gap(ago(3, 3, -5), NOW) is None
    assert smoothed_gap([], NOW) is None


def test_an_old_entry_kept_on_top_does_not_tell_the_rhythm() -> None:
    # Nine hours of an entry each below one of last year: 12 hours at most, and that fades: 1 + 11 * .7 ** 9.
    gap = smoothed_gap([*ago(8760), *ago(*range(10))], NOW)
    assert gap == pytest.approx((1 + 11 * 0.7**9) * 3600)

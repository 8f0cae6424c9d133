"""Input at the edge of sense: documented values, no exception, and no NaN on any topic."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.contract.codec import encode
from pipeline.contract.event import Event, EventType
from pipeline.contract.topics import ALERTS, METRICS
from pipeline.metrics.aggregate import Aggregate, Outputs, recompute
from pipeline.metrics.entry import HOUR_US, Mark, entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, Member
from tests.strategies import COALITIONS, NOON, make_event

PARAMS = MetricParams()


def outputs(*events: Event, coalitions: tuple[Coalition, ...] = COALITIONS) -> Outputs:
    found = recompute([entry_of(event) for event in events], coalitions, PARAMS, "test")
    sound(found)
    return found


def sound(found: Outputs) -> int:
    """Every record is valid JSON without NaN or infinity; returns how many there are."""
    count = 0
    for _, _, record in found.records():
        assert record is not None
        value = encode(record)
        assert b"NaN" not in value
        assert b"Infinity" not in value
        count += 1
    return count


def test_a_single_event() -> None:
    found = outputs(make_event("RUS", "CHN", EventType.CONSULT, 1.0))
    assert {row.dyad for row in found.dyads} == {"CHN|RUS"}
    assert {row.volume_share for row in found.dyads} == {1.0}


def test_an_actor_with_itself_moves_no_tie_of_others() -> None:
    found = outputs(make_event("RUS", "RUS", EventType.ASSAULT, -9.0))
    (row, *_) = found.dyads
    assert (row.dyad, row.expected, row.affinity, row.volume_share) == ("RUS|RUS", 0.0, 0.0, 0.0)
    assert row.tie < 0


def test_a_member_that_is_never_in_the_news_and_a_rival_that_shares_members() -> None:
    found = outputs(make_event("CHN", "USA"))
    names = {row.coalition for row in found.of(METRICS)}  # type: ignore[attr-defined]  # coalition metrics
    assert {"axis", "west", "alone"} <= names


def test_news_of_401_days_ago_is_dropped_and_leaves_no_trace_but_a_row() -> None:
    old = make_event("RUS", "CHN", occurred_on=date(2023, 2, 10))
    found = outputs(old, make_event("RUS", "USA"))
    assert {row.dyad for row in found.dyads} == {"RUS|USA"}


def test_a_visit_of_next_year_counts_from_its_day() -> None:
    found = outputs(make_event("RUS", "CHN", EventType.CONSULT, 1.0, occurred_on=date(2025, 3, 1)))
    assert found.dyads == ()
    assert found.clock is not None


@pytest.mark.parametrize("days", [1, 40, 399, 400, 401, 3000])
def test_the_clock_jumps(days: int) -> None:
    live = Aggregate(COALITIONS, PARAMS, "test")
    live.fold(entry_of(make_event("RUS", "CHN", EventType.AID, 5.0)))
    sound(live.outputs())
    live.fold(entry_of(make_event("RUS", "CHN", published_at=NOON + timedelta(days=days))))
    found = live.outputs()
    gaps = [alert for alert in found.of(ALERTS) if alert.kind == "data_gap"]  # type: ignore[attr-defined]  # alerts
    assert [gap.value for gap in gaps] == ([days - 1] if days > 1 else [])  # type: ignore[attr-defined]
    assert all(record is None or b"NaN" not in encode(record) for _, _, record in found.records())


def test_a_very_late_report_after_a_jump() -> None:
    live = Aggregate(COALITIONS, PARAMS, "test")
    late = make_event("RUS", "CHN", EventType.AID, 5.0, NOON - timedelta(days=380))
    for event in (make_event("RUS", "CHN"), late):
        live.fold(entry_of(event))
        live.outputs()
    whole = recompute([entry_of(make_event("RUS", "CHN")), entry_of(late)], COALITIONS, PARAMS, "test")
    assert [encode(row) for row in live.everything().history] == [encode(row) for row in whole.history]


def test_all_conflict_everywhere() -> None:
    codes = ("RUS", "CHN", "IRN", "USA", "GBR")
    events = [make_event(a, b, EventType.ASSAULT, -10.0) for a in codes for b in codes if a < b]
    found = outputs(*events)
    assert all(row.tone < 0 and row.affinity == 0 for row in found.dyads if row.view == "w1d")


def test_a_hundred_thousand_events_in_an_hour() -> None:
    """g = −2 each, all of different kinds: tone −200,000/(200,000 + 15)."""
    live = Aggregate(COALITIONS, PARAMS, "test")
    first = entry_of(make_event("RUS", "USA"))
    for number in range(100_000):
        moment = first.published_us + number * HOUR_US // 100_001
        marks = (Mark(1, moment, first.bucket),)
        live.fold(
            replace(first, event_id=f"{number:032x}", type=f"T{number}", published_us=moment, marks=marks)
        )
    found = live.outputs()
    (row,) = [row for row in found.dyads if row.view == "ewm30d"]
    assert row.tone == pytest.approx(-200_000 / 200_015, abs=1e-9)
    assert row.n_events == 100_000
    assert sound(found) > 0


def test_coalitions_of_nobody_that_day_and_of_one() -> None:
    gone = Coalition(
        "gone", "over", (Member("RUS", until=date(2020, 1, 1)), Member("CHN", until=date(2020, 1, 1)))
    )
    lone = Coalition("lone", "one without a rival", (Member("RUS"),))
    found = outputs(make_event("RUS", "CHN"), coalitions=(gone, lone))
    assert found.of(METRICS) == []


def test_the_largest_masses_keep_every_number_finite() -> None:
    events = [
        make_event("RUS", "USA", EventType.ASSAULT, -10.0, NOON - timedelta(hours=h), outlet=f"O{h}")
        for h in range(300)
    ]
    found = outputs(*events)
    assert all(math.isfinite(row.tie) and math.isfinite(row.log_odds) for row in found.dyads)

"""The reports of one happening come to one, whatever their order and number."""

from __future__ import annotations

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract.event import Event, EventType
from pipeline.metrics.happenings import merged
from tests.strategies import NOON, events, make_event

DAY = date(2024, 3, 5)


def report(outlet: str, hours: int, **more: object) -> Event:
    when = NOON + timedelta(hours=hours)
    return make_event("RUS", "CHN", EventType.CONSULT, 1.0, when, occurred_on=DAY, outlet=outlet, **more)  # type: ignore[arg-type]  # fields of an event


def test_three_outlets_report_one_meeting() -> None:
    told = [report("A", 1, confidence=0.6), report("B", 2, confidence=0.9), report("C", 9)]
    back = make_event("CHN", "RUS", EventType.CONSULT, 1.0, NOON, occurred_on=DAY, outlet="A", confidence=0.5)
    (one,) = merged([*told, back])
    assert (one.n_reports, one.n_articles, one.revision, one.retracted) == (3, 4, 4, False)
    assert (one.source, one.target) == ("CHN", "RUS")
    assert one.best == told[2]
    assert (one.first_reported, one.last_reported) == (back.published_at, told[2].published_at)


def test_a_report_taken_back_no_longer_counts_but_raises_the_revision() -> None:
    first = report("A", 1, event_id="a" * 32)
    gone = first.model_copy(update={"retracted": True, "revision": 2})
    (before,) = merged([first, report("B", 2)])
    (after,) = merged([first, report("B", 2), gone])
    assert (before.n_reports, after.n_reports) == (2, 1)
    assert after.revision == before.revision + 1
    (nothing,) = merged([first, gone])
    assert (nothing.retracted, nothing.n_reports) == (True, 0)


@given(st.lists(events(), max_size=12), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(told: list[Event], rng: random.Random) -> None:
    seen = [*told, *(event for event in told if rng.random() < 0.5)]
    rng.shuffle(seen)
    assert merged(seen) == merged(told)

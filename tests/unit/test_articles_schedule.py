"""When feeds are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.articles import schedule
from pipeline.articles.feed import Feed
from pipeline.articles.schedule import FeedState

NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)
FEED = Feed("wire", "https://example.org/feed", "Wire", "GBR", interval_s=600)


def wait_s(state: FeedState) -> float:
    assert state.next_due is not None
    return (state.next_due - NOW).total_seconds()


def test_a_new_feed_is_due_at_once_and_then_after_its_interval() -> None:
    assert schedule.due([FEED], {}, NOW) == [FEED]
    state = schedule.after_answer(schedule.state_of(FEED, {}), FEED, NOW, '"e"', None)
    assert 540 <= wait_s(state) <= 660
    assert schedule.due([FEED], {"wire": state}, NOW + timedelta(seconds=539)) == []
    assert schedule.due([FEED], {"wire": state}, NOW + timedelta(seconds=660)) == [FEED]


def test_the_longest_overdue_feed_comes_first() -> None:
    feeds = [replace(FEED, feed_id=name) for name in ("a", "b", "c")]
    states = {
        name: FeedState(name, FEED.url, next_due=NOW - timedelta(seconds=s))
        for name, s in (("a", 1), ("b", 9))
    }
    assert [feed.feed_id for feed in schedule.due(feeds, states, NOW)] == ["c", "b", "a"]


def test_failures_double_the_wait_up_to_the_cap() -> None:
    state, waits = FeedState("wire", FEED.url, etag='"e"'), []
    for _ in range(40):
        state = schedule.after_failure(state, FEED, NOW)
        waits.append(wait_s(state))
    assert 540 <= waits[0] <= 660
    assert 1080 <= waits[1] <= 1320
    assert 2160 <= waits[2] <= 2640
    assert max(waits) <= schedule.BACK_OFF_CAP_S * 1.1
    assert min(waits[10:]) >= schedule.BACK_OFF_CAP_S * 0.9
    assert (state.failures, state.etag) == (40, None)
    assert schedule.after_not_modified(state, FEED, NOW).failures == 0


def test_retry_after_is_obeyed_within_a_day() -> None:
    state = FeedState("wire", FEED.url)
    assert wait_s(schedule.after_failure(state, FEED, NOW, 7200)) == 7200
    assert wait_s(schedule.after_failure(state, FEED, NOW, 1)) >= 540
    assert wait_s(schedule.after_failure(state, FEED, NOW, 1e9)) == schedule.RETRY_AFTER_CAP_S


def test_retry_after_is_a_number_or_a_date() -> None:
    assert schedule.retry_after("120", NOW) == 120
    assert schedule.retry_after("Thu, 21 Mar 2024 12:01:00 GMT", NOW) == 60
    assert schedule.retry_after("Thu, 21 Mar 2024 11:00:00 GMT", NOW) == 0
    assert schedule.retry_after("9" * 500, NOW) is not None
    for nonsense in (None, "", "soon", "-5", "²"):
        assert schedule.retry_after(nonsense, NOW) is None


def test_a_changed_address_forgets_the_validators() -> None:
    old = FeedState("wire", "https://old.example/feed", '"e"', "yesterday", NOW, 3, NOW)
    assert schedule.state_of(FEED, {"wire": old}) == FeedState("wire", FEED.url, newest_at=NOW)

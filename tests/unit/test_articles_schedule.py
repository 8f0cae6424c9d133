"""When feeds are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.articles import schedule
from pipeline.articles.feed import Feed
from pipeline.articles.hints import FeedHints
from pipeline.articles.schedule import FeedState

NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)
FEED = Feed("wire", "https://example.org/feed", "Wire", "GBR", interval_s=600)
FREE = replace(FEED, interval_s=None)


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


def test_retry_after_is_obeyed_up_to_a_month() -> None:
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


def answered(state: FeedState, feed: Feed = FREE, **said: object) -> FeedState:
    return schedule.after_answer(state, feed, NOW, None, None, **said)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(("gap_s", "wait"), [(3600.0, 1800), (60.0, 300), (1e6, 21_600), (None, 900)])
def test_the_rhythm_decides_where_no_interval_is_given(gap_s: float | None, wait: int) -> None:
    waited = wait_s(answered(FeedState("wire", FEED.url, gap_s=gap_s, newest_at=NOW)))
    assert 0.9 * wait <= waited <= 1.1 * wait
    assert 540 <= wait_s(answered(FeedState("wire", FEED.url, gap_s=gap_s), FEED)) <= 660


def test_a_feed_that_falls_silent_is_asked_less_often_even_when_it_says_not_modified() -> None:
    # Gap of 20 minutes, silence of 10 hours: 1200 + .3 (36,000 - 1200) = 11,640 s; half of it is 5,820.
    state = FeedState("wire", FEED.url, gap_s=1200.0, newest_at=NOW - timedelta(hours=10))
    assert 5238 <= wait_s(schedule.after_not_modified(state, FREE, NOW)) <= 6402
    assert 5238 <= wait_s(schedule.after_failure(state, FREE, NOW)) <= 6402


def test_a_feed_is_never_asked_sooner_than_it_allows() -> None:
    slow = FeedState("wire", FEED.url, gap_s=60.0, newest_at=NOW, hints=FeedHints(ttl_s=7200))
    assert wait_s(answered(slow)) == 7200
    assert wait_s(answered(slow, FEED)) == 7200
    assert wait_s(answered(slow, max_age_s=9000)) == 9000
    assert wait_s(answered(slow, max_age_s=1e9)) == 86_400
    assert wait_s(answered(replace(slow, hints=FeedHints(ttl_s=10**8)))) == 86_400
    assert wait_s(schedule.after_failure(slow, FREE, NOW)) == 7200
    assert wait_s(schedule.after_failure(slow, FREE, NOW, 100_000)) == 100_000


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("no-store", 0),
        ("public, max-age=600", 600),
        ('MAX-AGE = "60"', 60),
        ("s-maxage=900", 0),
        ("max-age=-1", 0),
    ],
)
def test_max_age_of_cache_control(header: str | None, seconds: int) -> None:
    assert schedule.max_age(header) == seconds


def test_skipped_hours_and_days_are_left_out() -> None:
    # NOW is a Thursday, noon; with the wait of ten minutes it would be asked at about 12:10.
    hours = FeedState("wire", FEED.url, hints=FeedHints(skip_hours=frozenset({12, 13})))
    assert answered(hours, FEED).next_due == datetime(2024, 3, 21, 14, tzinfo=UTC)
    assert schedule.after_failure(hours, FEED, NOW).next_due == datetime(2024, 3, 21, 14, tzinfo=UTC)
    days = replace(hours, hints=FeedHints(skip_days=frozenset({3, 4, 5, 6}), skip_hours=frozenset({0})))
    assert answered(days, FEED).next_due == datetime(2024, 3, 25, 1, tzinfo=UTC)
    never = replace(hours, hints=FeedHints(skip_days=frozenset(range(7))))
    assert 540 <= wait_s(answered(never, FEED)) <= 660


def test_a_feed_that_is_gone_is_asked_once_a_week_until_it_is_back() -> None:
    state = schedule.after_failure(FeedState("wire", FEED.url), FEED, NOW, gone=True)
    assert state.retired
    assert 6.2 <= wait_s(state) / 86_400 <= 7.8
    back = answered(state, FEED)
    assert (back.retired, back.failures) == (False, 0)


NEW = "https://new.example/feed"


def test_a_permanent_redirect_is_believed_after_three_equal_answers() -> None:
    state = FeedState("wire", FEED.url)
    asked = []
    for target in (NEW, NEW, "https://other.example/feed", NEW, NEW, None, NEW, NEW, NEW, None):
        state = answered(state, FEED, moved_to=target)
        asked.append(state.asked)
    assert asked == [FEED.url] * 8 + [NEW] * 2
    for _ in range(3):
        state = answered(state, FEED, moved_to=FEED.url)
    assert (state.address, state.asked) == (None, FEED.url)


def test_a_new_address_that_fails_three_times_gives_way_to_the_configured_one() -> None:
    state = replace(FeedState("wire", FEED.url), address=NEW)
    asked = []
    for _ in range(3):
        state = schedule.after_failure(state, FEED, NOW)
        asked.append(state.asked)
    assert asked == [NEW, NEW, FEED.url]
    moved = replace(FeedState("wire", FEED.url), address=NEW, moves=2, moved_to="https://b.example/")
    changed = replace(FEED, url="https://example.net/feed")
    assert schedule.state_of(changed, {"wire": moved}) == FeedState("wire", changed.url)

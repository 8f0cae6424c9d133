"""What the ledger keeps of an event: which hour it counts in, and that nothing is lost in bytes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import EventType, Status
from pipeline.metrics.entry import Entry, Mark, entry_of
from pipeline.metrics.impulse import contribution_of, happening_of, independent
from pipeline.metrics.params import MetricParams
from tests.strategies import NOON, make_event

EVENING = datetime(2024, 3, 21, 18, 30, tzinfo=UTC)


def hour(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) // 3600


@pytest.mark.parametrize(
    ("occurred_on", "bucket"),
    [
        (None, hour(2024, 3, 21, 18)),  # no day known: the hour of publication
        (date(2024, 3, 21), hour(2024, 3, 21, 18)),  # the day of publication: the same
        (date(2024, 3, 19), hour(2024, 3, 19)),  # an earlier day: its first hour
        (date(2024, 3, 25), hour(2024, 3, 25)),  # a scheduled one: counts from its day
    ],
)
def test_the_hour_an_event_counts_in(occurred_on: date | None, bucket: int) -> None:
    entry = entry_of(make_event(published_at=EVENING, occurred_on=occurred_on))
    assert entry.bucket == bucket
    assert entry.day == (occurred_on or date(2024, 3, 21))


def test_days_are_those_of_utc() -> None:
    moscow = datetime.fromisoformat("2024-03-22T01:30:00+03:00")
    entry = entry_of(make_event(published_at=moscow))
    assert (entry.day, entry.bucket) == (date(2024, 3, 21), hour(2024, 3, 21, 22))


def test_numbers_are_kept_in_micro_units() -> None:
    entry = entry_of(make_event(goldstein=8.3, confidence=0.73))
    assert (entry.g, entry.q) == (8_300_000, 730_000)


def test_a_publication_after_all_calendars_is_refused() -> None:
    with pytest.raises(BadRecordError, match="published_at 9999"):
        entry_of(make_event(published_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC)))


def test_bytes_are_lossless_and_compact() -> None:
    event = make_event(outlet="«Левант» Post\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"))
    entry = entry_of(event)
    assert Entry.load(entry.dump()) == entry
    assert len(entry.dump()) < 300
    json.loads(entry.dump())


@pytest.mark.parametrize("value", [b"", b"{}", b"[1,2]", b"null", b'["a"]', b"\xff"])
def test_other_bytes_are_refused(value: bytes) -> None:
    with pytest.raises(BadRecordError, match="not a ledger entry"):
        Entry.load(value)


def test_a_newer_revision_wins_and_every_revision_leaves_a_mark() -> None:
    old = entry_of(make_event(event_id="a" * 32))
    new = entry_of(
        make_event(event_id="a" * 32, revision=2, retracted=True, published_at=NOON + timedelta(hours=5))
    )
    joined = old.join(new)
    assert joined == new.join(old)
    assert joined.retracted
    assert joined.marks == (
        Mark(1, old.published_us, old.bucket),
        Mark(2, new.published_us, new.bucket),
    )


PARAMS = MetricParams()


def weigh(*entries: Entry) -> int:
    found = contribution_of(entries, PARAMS)
    return 0 if found is None else found.impulse


def test_an_impulse_is_intensity_times_confidence() -> None:
    assert weigh(entry_of(make_event(goldstein=8.3, confidence=0.5))) == 4_150_000
    assert weigh(entry_of(make_event(goldstein=-2.0, confidence=0.5))) == -1_000_000


def test_an_announcement_counts_half_and_a_denial_nothing() -> None:
    assert weigh(entry_of(make_event(status=Status.INTENDED))) == -1_000_000
    for status in (Status.DENIED, Status.HYPOTHETICAL, Status.HISTORICAL):
        assert weigh(entry_of(make_event(status=status))) == 0
    assert weigh(entry_of(make_event(retracted=True))) == 0


def test_owners_not_reports_add_weight_up_to_three() -> None:
    again = [entry_of(make_event(event_id=f"{n:032x}")) for n in range(9)]
    assert weigh(*again) == -2_000_000  # one outlet, nine times
    two = [entry_of(make_event(outlet=name)) for name in ("A", "B")]
    assert weigh(*two) == -3_386_294  # 2 (1 + ln 2), ln 2 = .693147
    many = [entry_of(make_event(outlet=f"outlet {n}")) for n in range(50)]
    assert weigh(*many) == -6_000_000  # 1 + ln 50 = 4.9, capped at 3


def test_copies_of_one_text_add_nothing() -> None:
    def told(number: int, **fields: object) -> Entry:
        return entry_of(make_event(event_id=f"{number:032x}", outlet=f"outlet {number}", **fields))

    copies = [told(n, story_id="c" * 32) for n in range(50)]
    assert weigh(*copies) == weigh(copies[0]) == -2_000_000
    assert weigh(*copies, told(50)) == -3_386_294  # one more who tells it in other words: 1 + ln 2
    again = told(51, story_id="d" * 32, owner="a wire")
    assert weigh(again, told(52, story_id="e" * 32, owner="a wire")) == -2_000_000  # one owner, two texts
    reprint = told(53, story_id="c" * 32, owner="a wire")
    assert weigh(*copies, again) == weigh(*copies, again, reprint) == -3_386_294


def test_a_reprint_takes_no_report_away() -> None:
    def told(number: int, outlet: int, story: str | None = None) -> Entry:
        return entry_of(make_event(event_id=f"{number:032x}", outlet=f"outlet {outlet}", story_id=story))

    own = [told(n, n) for n in range(6)]
    assert independent(own, 99) == 6
    copies = [told(100 + n, n, "c" * 32) for n in range(50)]
    assert independent(copies, 99) == 1
    assert independent([*own, *copies], 99) == 7  # six of their own, and the wire in one more paper


def test_a_copy_counts_when_the_first_was_published() -> None:
    first = entry_of(make_event(occurred_on=None))
    late = make_event(
        occurred_on=None, published_at=NOON + timedelta(days=1), story_id="c" * 32, story_since=NOON
    )
    copy = entry_of(late)
    assert (copy.day, copy.bucket) == (first.day, first.bucket)
    assert copy.published_us > first.published_us


def test_an_entry_stored_by_an_earlier_release_is_read() -> None:
    entry = entry_of(make_event())
    *before, story, url, marks = json.loads(entry.dump())
    assert story == ""
    assert Entry.load(json.dumps([*before, url, marks]).encode()) == entry


def test_a_fact_stands_for_a_happening_before_a_surer_plan() -> None:
    plan = entry_of(make_event(status=Status.INTENDED, confidence=0.9))
    fact = entry_of(make_event(confidence=0.6, event_id="b" * 32))
    found = contribution_of([plan, fact], PARAMS)
    assert found is not None
    assert (found.event_id, found.impulse) == ("b" * 32, -1_200_000)


def test_then_the_surest_then_the_earliest_then_the_smallest_id() -> None:
    a = entry_of(make_event(event_id="a" * 32, confidence=0.9, published_at=NOON + timedelta(hours=1)))
    b = entry_of(make_event(event_id="b" * 32, confidence=0.9))
    c = entry_of(make_event(event_id="c" * 32, confidence=0.9))
    d = entry_of(make_event(event_id="d" * 32, confidence=0.8, published_at=NOON - timedelta(hours=1)))
    for reports, best in (((a, b, c, d), b), ((a, c, d), c), ((a, d), a)):
        found = contribution_of(reports, PARAMS)
        assert found is not None
        assert (found.event_id, found.bucket) == (best.event_id, best.bucket)


def test_an_event_first_reported_after_the_retention_is_dropped() -> None:
    assert weigh(entry_of(make_event(occurred_on=date(2023, 2, 16)))) == -2_000_000  # 399.5 days
    assert weigh(entry_of(make_event(occurred_on=date(2023, 2, 14)))) == 0


def test_only_symmetric_types_forget_who_came_first() -> None:
    def same(kind: EventType) -> bool:
        there, back = make_event("RUS", "USA", kind), make_event("USA", "RUS", kind)
        return happening_of(entry_of(there)) == happening_of(entry_of(back))

    assert same(EventType.CONSULT)
    assert not same(EventType.ACCUSE)

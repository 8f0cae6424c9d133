"""News from the far future or past moves nothing: it is put aside, at once, and the same way every time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli.recompute import read_entries
from pipeline.contract.article import Article
from pipeline.contract.codec import encode, headers
from pipeline.contract.event import Event
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS
from pipeline.events.extract import Coder
from pipeline.metrics.aggregate import Aggregate, recompute
from pipeline.metrics.entry import entry_of
from pipeline.transport.base import Message
from pipeline.workers.aggregation import fold_batch, outgoing_of, recover
from pipeline.workers.extraction import extract_batch
from tests.security.samples import article
from tests.strategies import COALITIONS, NOON, SHORT, events, make_event

LATER = NOON + timedelta(days=60)
"""Past all that `events` draws."""
ABSURD = (
    datetime(9998, 12, 31, 23, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2262, 4, 12, tzinfo=UTC),  # past what 64 bits of nanoseconds hold
    datetime(1994, 12, 31, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    LATER + timedelta(days=2, seconds=1),
)


def message(event: Event, number: int = 0, written_at: datetime = LATER) -> Message:
    """An event as the extractor puts it on the topic."""
    value = encode(event)
    marks = headers(EVENTS, event.dyad, value, written_at)
    return Message(EVENTS.name, 0, number, event.dyad.encode(), value, marks, written_at.timestamp())


def absurd(number: int, published_at: datetime) -> Event:
    return make_event("RUS", "CHN", published_at=published_at, event_id=f"{number:032x}")


def empty() -> Aggregate:
    return Aggregate(COALITIONS, SHORT, "test")


def said(aggregate: Aggregate) -> dict[tuple[str, str], bytes]:
    """Everything that is published, by topic and key."""
    return {(r.topic, r.key): r.value for r in outgoing_of(aggregate.everything(), NOON)}


def test_a_batch_of_them_is_put_aside_with_reasons_in_milliseconds() -> None:
    aggregate = empty()
    fold_batch(aggregate, [message(make_event())], LATER)
    aggregate.outputs()
    before = said(aggregate)
    batch = [message(absurd(n, ABSURD[n % len(ABSURD)]), n) for n in range(500)]
    started = time.thread_time()
    changed, dead = fold_batch(aggregate, batch, LATER)
    aggregate.outputs()
    assert time.thread_time() - started < 0.5  # 500 records; one of them used to cost hours
    assert changed == []
    assert len(dead) == len(batch)
    assert {record.reason for record in dead} == {
        *(f"implausible time: published_at {day} is before 1995" for day in ("1994-12-31", "0001-01-01")),
        *(
            f"implausible time: published_at {day} is over 2 days after the record was written"
            for day in ("9998-12-31", "9999-12-31", "2262-04-12", "2024-05-22")
        ),
    }
    assert [(record.topic, record.value) for record in dead] == [(EVENTS.dlq, m.value) for m in batch]
    assert said(aggregate) == before


@settings(deadline=None, max_examples=25)
@given(st.lists(events(), min_size=1, max_size=8), st.data())
def test_replay_equals_live_and_honest_news_is_as_if_alone(honest: list[Event], data: st.DataObject) -> None:
    mixed = [message(event, n) for n, event in enumerate(honest)]
    for number in range(data.draw(st.integers(1, 4))):
        odd = message(absurd(number, data.draw(st.sampled_from(ABSURD))))
        mixed.insert(data.draw(st.integers(0, len(mixed))), odd)
    alone = said(of(honest))
    assert said(live(mixed, data.draw(st.integers(1, len(mixed))), again=data.draw(st.booleans()))) == alone
    assert said(live(mixed, len(mixed), again=False)) == alone  # a replay, all at once
    replayed = [replace(m, written_s=datetime(2300, 1, 1, tzinfo=UTC).timestamp()) for m in mixed]
    assert said(live(replayed, 3, again=True)) == alone  # onto a new topic, centuries later


def of(honest: Iterable[Event]) -> Aggregate:
    aggregate = empty()
    for event in honest:
        aggregate.fold(entry_of(event))
    return aggregate


def live(mixed: Sequence[Message], size: int, again: bool) -> Aggregate:
    """Batch by batch; `again` ends the process after each, before its offsets are committed."""
    aggregate, kept = empty(), dict[str, bytes]()
    for start in range(0, len(mixed), size):
        for _ in range(2 if again else 1):
            changed, _ = fold_batch(aggregate, mixed[start : start + size], LATER)
            kept |= {entry.key: entry.dump() for entry in changed}
            if again:
                aggregate = empty()
                recover(aggregate, kept.values())
        aggregate.outputs()
    return aggregate


def test_who_forges_when_it_was_written_gains_nothing() -> None:
    far = absurd(1, ABSURD[0])
    forged = message(far, written_at=ABSURD[0])
    for judged in (
        replace(forged, written_s=LATER.timestamp()),  # the header says 9998, the broker does not
        replace(forged, headers=(("ce_time", b"soon"),), written_s=LATER.timestamp()),
        replace(forged, headers=(), written_s=LATER.timestamp()),
        replace(forged, headers=(), written_s=-0.001),  # a sender that hides the time
    ):
        assert len(fold_batch(empty(), [judged], LATER)[1]) == 1


def test_what_an_outlet_or_clock_may_be_ahead_is_taken() -> None:
    for ahead in (timedelta(0), timedelta(days=1), timedelta(days=2)):
        assert not fold_batch(empty(), [message(make_event(published_at=LATER + ahead))], LATER)[1]


def test_a_planned_day_far_ahead_neither_moves_the_clock_nor_takes_time() -> None:
    aggregate = empty()
    started = time.thread_time()
    fold_batch(aggregate, [message(make_event(occurred_on=date(9999, 12, 31)))], LATER)
    outputs = aggregate.outputs()
    assert time.thread_time() - started < 0.5
    assert outputs.clock is not None
    assert outputs.clock.frontier == NOON


def test_the_extractor_puts_such_articles_aside(rules: Coder) -> None:
    def coded(one: Article) -> list[str | None]:
        value = encode(one)
        marks = headers(ARTICLES, one.article_id, value, LATER)
        return [
            r.reason for r in extract_batch(rules, [Message(ARTICLES.name, 0, 0, b"k", value, marks)], LATER)
        ]

    assert set(coded(article())) == {None}
    (reason,) = coded(article(published_at=ABSURD[0]))
    assert reason == "implausible time: published_at 9998-12-31 is over 2 days after the record was written"


def test_a_file_of_events_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(encode(event) for event in (make_event(), absurd(1, ABSURD[0]))) + b"\n")
    entries, faults = read_entries(path)
    assert [entry.published_us // 1_000_000 for entry in entries] == [int(NOON.timestamp())]
    (fault,) = faults
    assert fault.startswith(f"{path}:2: implausible time: published_at 9998-12-31")


@pytest.mark.kafka
def test_on_a_broker(broker: str, tmp_path: Path) -> None:
    """The broker stamps a record with its own time, whatever its sender says; the workers refuse its news."""
    from kafka import KafkaProducer

    from tests.kafka_pipeline import KafkaPipeline

    honest, far = make_event(), absurd(1, ABSURD[0])
    with KafkaPipeline(broker, tmp_path) as running:
        producer = KafkaProducer(bootstrap_servers=broker)
        forged = producer.send(EVENTS.name, encode(far), b"k", timestamp_ms=int(ABSURD[0].timestamp() * 1000))
        assert abs(forged.get(60).timestamp / 1000 - time.time()) < 3600
        producer.close()
        running.start("extractor")
        running.start("aggregator")
        running.send((EVENTS.name, event.dyad, encode(event)) for event in (far, honest))
        running.drain()
        dead = running.read(EVENTS.dlq)
        assert [record.value for record in dead] == [encode(far)] * 2
        for record in dead:
            assert dict(record.headers)["reason"].startswith(b"implausible time: published_at 9998-12-31")
        settings = running.settings
        alone = recompute([entry_of(honest)], settings.coalitions, settings.pipeline.metrics).clock
        (clock,) = running.tables()[CLOCK.name].values()
        assert alone is not None
        assert clock == encode(alone)

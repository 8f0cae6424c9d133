"""What holds embedded holds on Kafka: one suite, two transports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli.recompute import recompute_outputs
from pipeline.contract.article import Article, DateQuality, Superseded
from pipeline.contract.codec import FETCHED_AT, decode, encode, headers
from pipeline.contract.event import Event
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.record import format_utc
from pipeline.contract.topics import ARTICLES, DYADS, EVENTS, METRICS, TOPICS
from pipeline.events.extract import Coder
from pipeline.metrics.entry import entry_of
from pipeline.settings import Settings
from tests.contract.harness import Harness, OnKafka, OnMemory, events, send_article, values

START = datetime(2024, 3, 18, 9, tzinfo=UTC)
TEXTS = (
    (
        "Russia and China hold talks in Moscow",
        "Russian Foreign Minister Sergei Lavrov met Chinese Foreign Minister Wang Yi in Moscow on Monday.",
    ),
    ("Iran condemns US strikes", "Iran condemned the United States over the strikes."),
    ("Japan sanctions Russia", "Japan imposed sanctions on Russia on Wednesday."),
    ("North Korea sends shells", "North Korea supplied Russia with artillery shells."),
    ("Concert in Vienna", "The orchestra played until midnight and the hall was full."),
)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def harness(
    request: pytest.FixtureRequest, settings: Settings, coder: Coder, tmp_path: Path
) -> Iterator[Harness]:
    """An empty running pipeline of either kind."""
    running: Harness
    if request.param == "memory":
        running = OnMemory(settings, coder, tmp_path)
    else:
        running = OnKafka(request.getfixturevalue("broker"), tmp_path)
    try:
        yield running
    finally:
        running.close()


def article(number: int, title: str, text: str, hours: int | None = None) -> Article:
    """An article of a made-up outlet, `hours` after the start."""
    published = START + timedelta(hours=number * 7 if hours is None else hours)
    return Article(
        article_id=f"{number:032x}",
        version=1,
        feed_id="test",
        outlet=f"Outlet {number}",
        outlet_country="GBR",
        language="en",
        guid=str(number),
        url=f"https://example.org/{number}",
        title=title,
        text=text,
        published_at=published,
        published_quality=DateQuality.FEED,
        first_seen_at=published,
        fetched_at=published,
    )


def agrees_with_recompute(harness: Harness, settings: Settings) -> bool:
    """Whether every compacted topic equals an offline recomputation from the events topic, byte for byte."""
    entries = [
        entry_of(decode(Event, value)) for value in values(harness, EVENTS.name) if b"event_id" in value
    ]
    expected: dict[str, dict[str, bytes]] = {name: {} for name in harness.tables()}
    for topic, key, record in recompute_outputs(settings, entries).records():
        if record is not None:
            expected[topic.name][key] = encode(record)
    assert harness.tables() == expected
    return bool(expected[METRICS.name])


def test_articles_become_events_and_metrics(harness: Harness, settings: Settings, coder: Coder) -> None:
    articles = [article(n, title, text) for n, (title, text) in enumerate(TEXTS)]
    for one in articles:
        send_article(harness, one)
    harness.drain()
    assert events(harness) == {encode(e) for one in articles for e in coder.extract(one).events}
    assert {"CHN|RUS", "IRN|USA", "JPN|RUS", "PRK|RUS"} <= {decode(Event, e).dyad for e in events(harness)}
    assert agrees_with_recompute(harness, settings)
    axis = decode(CoalitionMetric, harness.tables()[METRICS.name]["axis|ewm30d"])
    assert axis.cohesion > 0
    assert axis.ci90[0] < axis.cohesion < axis.ci90[1]


def test_repeats_change_nothing(harness: Harness, settings: Settings) -> None:
    one = article(1, *TEXTS[0])
    send_article(harness, one)
    harness.drain()
    before = harness.tables()
    for _ in range(3):
        send_article(harness, one)
    harness.drain()
    assert len(values(harness, EVENTS.name)) > len(events(harness))
    assert harness.tables() == before


def test_an_edit_takes_an_event_back(harness: Harness, settings: Settings) -> None:
    first = article(1, *TEXTS[2])
    other = article(2, *TEXTS[0])
    edited = first.model_copy(
        update={
            "version": 2,
            "title": "Japan weighs its answer",
            "text": "The ministry in Tokyo made no announcement.",
            "supersedes": Superseded(
                version=1, title=first.title, text=first.text, published_at=first.published_at
            ),
        }
    )
    for one in (first, other, edited):
        send_article(harness, one)
    harness.drain()
    taken_back = [e for e in (decode(Event, v) for v in events(harness)) if e.retracted]
    assert {(e.dyad, e.revision) for e in taken_back} == {("JPN|RUS", 2)}
    assert agrees_with_recompute(harness, settings)
    assert all(
        decode_dyad(v) == 0 for k, v in harness.tables()[DYADS.name].items() if k.startswith("JPN|RUS")
    )


def decode_dyad(value: bytes) -> int:
    """Number of happenings behind a dyad."""
    from pipeline.contract.metric import DyadMetric

    return decode(DyadMetric, value).n_events


def test_late_and_shuffled_news_ends_in_the_same_place(harness: Harness, settings: Settings) -> None:
    for number in (3, 0, 2, 1):
        send_article(harness, article(number, *TEXTS[number], hours=number * 31))
        harness.drain()
    assert agrees_with_recompute(harness, settings)


def test_garbage_on_each_topic_is_put_aside_with_its_reason(harness: Harness, settings: Settings) -> None:
    garbage = [b"\xff\xfe\x00", b"{", b'{"article_id": "x"}', b"[" * 500, b'{"goldstein": NaN}']
    for value in garbage:
        harness.send(ARTICLES.name, "bad", value)
        harness.send(EVENTS.name, "bad", value)
    send_article(harness, article(1, *TEXTS[0]))
    harness.drain()
    assert sorted(values(harness, ARTICLES.dlq)) == sorted(garbage)
    assert sorted(values(harness, EVENTS.dlq)) == sorted(garbage)
    assert agrees_with_recompute(harness, settings)
    good = [v for v in events(harness) if v not in garbage]
    assert any(decode(Event, value).dyad == "CHN|RUS" for value in good)
    assert harness.tables()[METRICS.name]


def test_a_kill_loses_and_doubles_nothing(harness: Harness, settings: Settings, coder: Coder) -> None:
    articles = [article(n, *TEXTS[n % len(TEXTS)]) for n in range(40)]
    for one in articles[:20]:
        send_article(harness, one)
    harness.work_a_little()
    harness.restart()
    for one in articles[20:]:
        send_article(harness, one)
    harness.restart()
    harness.drain()
    assert events(harness) == {encode(e) for one in articles for e in coder.extract(one).events}
    assert agrees_with_recompute(harness, settings)


def test_every_output_has_its_cloudevents_attributes(harness: Harness) -> None:
    sent = article(0, *TEXTS[0])
    send_article(harness, sent)
    harness.drain()
    tables = harness.tables()
    assert harness.messages(EVENTS.name)
    fetched = (FETCHED_AT, format_utc(sent.fetched_at).encode())
    for topic in TOPICS[1:]:
        for message in harness.messages(topic.name):  # the embedded log keeps no headers of compacted topics
            key, value = (message.key or b"").decode(), message.value or b""
            marks = dict(message.headers)
            sent_at = datetime.fromisoformat(marks["ce_time"].decode())
            further = (fetched,) if topic is EVENTS else ()
            assert message.headers == (*headers(topic, key, value, sent_at), *further)
            assert not topic.compacted or key in tables[topic.name] or not value


def test_dead_letters_say_where_they_come_from(harness: Harness) -> None:
    harness.send(ARTICLES.name, "bad", b"\xff")
    harness.drain()
    (letter,) = harness.messages(ARTICLES.dlq)
    marks = dict(letter.headers)
    assert letter.value == b"\xff"
    assert marks["stage"] == b"extractor"
    assert marks["reason"].startswith(b"no Article")
    assert (marks["source_topic"], marks["source_offset"]) == (ARTICLES.name.encode(), b"0")
    assert marks["source_partition"].isdigit()


@pytest.mark.kafka
@pytest.mark.parametrize("worker", ["extractor", "aggregator"])
def test_sigterm_ends_a_worker_within_ten_seconds_and_loses_nothing(
    broker: str, settings: Settings, coder: Coder, tmp_path: Path, worker: str
) -> None:
    running = OnKafka(broker, tmp_path)
    articles = [article(n, *TEXTS[n % len(TEXTS)]) for n in range(60)]
    try:
        for one in articles[:30]:
            send_article(running, one)
        running.drain()
        for one in articles[30:]:
            send_article(running, one)
        assert running._pipeline.stop(worker) < 10
        running._pipeline.start(worker)
        running.drain()
        assert events(running) == {encode(e) for one in articles for e in coder.extract(one).events}
        assert agrees_with_recompute(running, settings)
    finally:
        running.close()


def test_this_suite_ran_on_what_it_says() -> None:
    assert "BLOCWATCH_KAFKA" not in os.environ, "a broker of production must not be named while testing"

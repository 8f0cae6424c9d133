"""What a subscriber makes of messages, without a broker: state, changes, deletions, filters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.client.changes import Change, _changes
from pipeline.client.choice import _GIVEN, SHORT_NAMES, choice_for, topic_of
from pipeline.client.errors import ForeignRecordError, SubscriptionError
from pipeline.contract.codec import encode
from pipeline.contract.examples import examples_of
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.topics import CLOCK, METRICS, TOPICS, Topic
from pipeline.transport.base import Message
from pipeline.transport.memory import MemoryLog

BASE = CoalitionMetric.model_validate(examples_of(CoalitionMetric)[0].payload)
Write = tuple[str, str, int | None]


def value_of(coalition: str, view: str, revision: int) -> CoalitionMetric:
    """A metric that differs by its revision; even ones have a member more."""
    members = ("CHN", "RUS") if revision % 2 else ("CHN", "IRN", "RUS")
    return BASE.model_copy(
        update={"coalition": coalition, "view": view, "revision": revision, "members": members}
    )


def log_of(writes: list[Write]) -> MemoryLog:
    """A topic with these records; a revision of None deletes."""
    log = MemoryLog()
    for coalition, view, revision in writes:
        value = b"" if revision is None else encode(value_of(coalition, view, revision))
        log.send(METRICS.name, f"{coalition}|{view}", value)
    return log


def told(log: MemoryLog, end: int, actor: str | None = None) -> list[Change[CoalitionMetric]]:
    """What a subscriber is told that came when the topic held `end` records."""
    messages = log.read(METRICS.name)

    def read() -> Iterator[Message | None]:
        yield from messages[:end]
        yield None
        yield from messages[end:]

    return list(_changes(METRICS, read(), choice_for(METRICS, actor=actor).fits, "raise"))


writes = st.lists(
    st.tuples(
        st.sampled_from(("axis", "west")),
        st.sampled_from(("w7d", "ewm30d")),
        st.none() | st.integers(0, 5),
    ),
    max_size=20,
)


@given(writes, st.integers(0, 20), st.sampled_from((None, "IRN")))
def test_a_table_of_changes_is_the_topics_table(records: list[Write], end: int, actor: str | None) -> None:
    log = log_of(records)
    table: dict[str, CoalitionMetric] = {}
    for change in told(log, end, actor):
        if change.record is None:
            del table[change.key]  # only what was told is deleted
        else:
            table[change.key] = change.record
    newest = {
        key: CoalitionMetric.model_validate_json(value) for key, value in log.latest(METRICS.name).items()
    }
    assert table == {key: one for key, one in newest.items() if actor is None or actor in one.members}


def test_the_state_comes_by_key_and_then_what_comes() -> None:
    log = log_of(
        [
            ("west", "w7d", 1),
            ("axis", "w7d", 1),
            ("west", "w7d", 3),
            ("west", "w7d", 5),
            ("west", "w7d", None),
        ]
    )
    found = [(one.key, one.record and one.record.revision, one.offset) for one in told(log, 3)]
    assert found == [("axis|w7d", 1, 1), ("west|w7d", 3, 2), ("west|w7d", 5, 3), ("west|w7d", None, 4)]


@pytest.mark.parametrize("value", [b"{}", b"\xff", b"[]"])
def test_a_foreign_record_stops_or_is_passed_over(value: bytes) -> None:
    log = log_of([("axis", "w7d", 1)])
    log.send(METRICS.name, "axis|w7d", value)
    with pytest.raises(ForeignRecordError, match=r"metrics\.v1\[0\]@1: no CoalitionMetric") as caught:
        told(log, 2)
    assert (caught.value.partition, caught.value.offset) == (0, 1)
    messages = iter([*log.read(METRICS.name), None])
    (kept,) = _changes(METRICS, messages, lambda _: True, "skip")
    assert kept.record == value_of("axis", "w7d", 1)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_filter_reads_every_record_that_has_it(topic: Topic) -> None:
    able = [name for name, given in _GIVEN.items() if topic.name in given]
    for name in _GIVEN:
        filters = {name: "A|B" if name == "dyad" else "none"}
        if name not in able:
            with pytest.raises(SubscriptionError, match=f"have no {name}; those of"):
                choice_for(topic, **filters)
            continue
        for example in examples_of(topic.model):
            assert not choice_for(topic, **filters).fits(topic.model.model_validate(example.payload))
    assert able or topic.name in ("coalition.articles.v1", "coalition.receipts.v1", CLOCK.name)


def test_topics_have_a_short_and_a_full_name() -> None:
    assert (
        [topic_of(short) for short in SHORT_NAMES] == [topic_of(one.name) for one in TOPICS] == list(TOPICS)
    )

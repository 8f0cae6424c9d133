"""An aggregator that begins anew says everything that holds, and takes back what its former life said."""

from __future__ import annotations

from pipeline.contract.codec import decode, encode
from pipeline.contract.metric import Clock
from pipeline.contract.topics import ALERTS, BLOCS, CLOCK, EVENTS, METRICS
from pipeline.events.extract import Coder
from pipeline.settings import Settings
from pipeline.transport.base import Message
from pipeline.workers.aggregation import fold_batch, new_aggregate, outgoing_of
from tests.chaos.calm import NOW
from tests.chaos.news import article
from tests.chaos.standard import Standard


def test_what_no_longer_holds_is_deleted_before_the_clock_and_nothing_else(
    rules: Coder, settings: Settings
) -> None:
    coded = Standard(rules, settings).coded(encode(article(3)))
    assert coded is not None
    aggregate = new_aggregate(settings, "1")
    fold_batch(aggregate, [Message(EVENTS.name, 0, 0, b"k", value) for value in coded.events], NOW)
    plain = list(outgoing_of(aggregate.everything(), NOW))
    known = [(record.topic, record.key) for record in plain]
    gone = [
        (ALERTS.name, "data_gap|world|2024-03-01"),
        (BLOCS.name, "bloc-chn-ind"),
        (METRICS.name, "old|ewm30d"),
    ]
    found = list(outgoing_of(aggregate.everything(), NOW, [*known, *gone]))
    assert [record for record in found if record.value] == plain
    assert [(record.topic, record.key) for record in found if not record.value] == gone
    assert found[-1].topic == CLOCK.name
    assert decode(Clock, found[-1].value).settled

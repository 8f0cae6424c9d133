"""Every article version that was read gets a receipt; what could not be read gets a dead letter instead."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.contract.article import Superseded
from pipeline.contract.codec import decode, encode
from pipeline.contract.receipt import Receipt
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS
from pipeline.events.extract import Coder
from pipeline.transport.base import Message
from pipeline.workers.extraction import extract_batch
from tests.contract.test_pipeline import TEXTS, article

NOW = datetime(2024, 3, 21, tzinfo=UTC)


def batch(coder: Coder, values: list[bytes], now: datetime = NOW) -> list[tuple[str, bytes]]:
    """What an extractor sends for these values: topic and value."""
    messages = [Message(ARTICLES.name, 0, n, b"k", value) for n, value in enumerate(values)]
    return [(record.topic, record.value) for record in extract_batch(coder, messages, now)]


def test_a_receipt_follows_an_articles_events_and_counts_them(rules: Coder) -> None:
    sent = batch(rules, [encode(article(1, *TEXTS[2]))])
    assert [topic for topic, _ in sent] == [EVENTS.name, RECEIPTS.name]
    receipt = decode(Receipt, sent[-1][1])
    assert (receipt.article_id, receipt.version, receipt.events) == (f"{1:032x}", 1, 1)
    assert (receipt.retracted, receipt.reason) == (0, None)


def test_no_event_is_an_answer_with_its_reason(rules: Coder) -> None:
    foreign = article(2, *TEXTS[2]).model_copy(update={"language": "ru"})
    receipts = [decode(Receipt, value) for _, value in batch(rules, [
        encode(article(1, *TEXTS[4])), encode(foreign),
    ])]  # fmt: skip
    assert [(r.events, r.reason) for r in receipts] == [
        (0, "fewer than two actors"), (0, "language ru is not read"),
    ]  # fmt: skip


def test_what_an_edit_takes_back_is_counted_apart(rules: Coder) -> None:
    old = article(1, *TEXTS[2])
    before = Superseded(version=1, title=old.title, text=old.text, published_at=old.published_at)
    edit = old.model_copy(
        update={"version": 2, "title": TEXTS[4][0], "text": TEXTS[4][1], "supersedes": before}
    )
    receipt = decode(Receipt, batch(rules, [encode(edit)])[-1][1])
    assert (receipt.version, receipt.events, receipt.retracted) == (2, 0, 1)


def test_repeats_give_the_same_bytes_and_bad_bytes_a_dead_letter_without_receipt(rules: Coder) -> None:
    value = encode(article(1, *TEXTS[0]))
    assert batch(rules, [value]) == batch(rules, [value], NOW.replace(year=2025))
    assert [topic for topic, _ in batch(rules, [b"\xff"])] == [ARTICLES.dlq]

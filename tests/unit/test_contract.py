"""What travels: equal records give equal bytes; what is wrong is refused with a reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.contract.article import Article, DateQuality
from pipeline.contract.codec import decode, encode, headers
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import QUAD_OF, EventType
from pipeline.contract.topics import ARTICLES

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)


def article(**changes: object) -> Article:
    """An article, with some fields changed."""
    fields: dict[str, object] = {
        "article_id": "0" * 32, "version": 1, "feed_id": "f", "outlet": "Outlet", "language": "en",
        "guid": "g", "url": "https://example.org/1", "title": "Title", "text": "Text.", "published_at": NOON,
        "published_quality": DateQuality.FEED, "first_seen_at": NOON, "fetched_at": NOON,
    }  # fmt: skip
    return Article.model_validate({**fields, **changes})


def test_a_record_comes_back_as_it_was() -> None:
    one = article(title="Gespräch – 会谈", outlet_country="GBR")
    assert decode(Article, encode(one)) == one
    assert encode(decode(Article, encode(one))) == encode(one)


def test_times_are_written_in_utc_whatever_their_zone() -> None:
    moscow = timezone(timedelta(hours=3))
    assert encode(article(published_at=NOON.astimezone(moscow))) == encode(article())
    assert json.loads(encode(article()))["published_at"] == "2024-03-21T12:00:00Z"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty value"),
        (b"", "empty value"),
        (b"\xff", "no Article"),
        (b"{}", "article_id"),
        (b"[" * 100_000, "no Article"),
        (encode(article()).replace(b'"version":1', b'"version":NaN'), "no Article"),
        (encode(article()).replace(b'"version":1', b'"version":0'), "version"),
        (encode(article()).replace(b'12:00:00Z"', b'12:00:00"'), "published_at"),
        (encode(article()).replace(b"2024-03-21T12:00:00Z", b"9999-12-31T23:59:59-23:59"), "published_at"),
        (encode(article()).replace(b"2024-03-21T12:00:00Z", b"0001-01-01T00:00:00+23:59"), "published_at"),
    ],
)
def test_bad_bytes_are_refused_with_a_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(BadRecordError, match=reason):
        decode(Article, value)


def test_unknown_fields_are_passed_over() -> None:
    value = json.dumps({**json.loads(encode(article())), "new_in_v1_1": 5}).encode()
    assert decode(Article, value) == article()


def test_a_lone_surrogate_cannot_travel() -> None:
    with pytest.raises((BadRecordError, ValueError)):
        encode(article(title="\ud800"))


def test_repeats_share_their_cloudevents_id() -> None:
    one, two = (dict(headers(ARTICLES, "k", b"v", NOON + timedelta(days=d))) for d in (0, 1))
    assert one["ce_id"] == two["ce_id"]
    assert one["ce_time"] != two["ce_time"]


def test_every_type_has_a_quad_class() -> None:
    assert set(QUAD_OF) == set(EventType)

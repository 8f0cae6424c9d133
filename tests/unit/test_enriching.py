"""What only the whole stream tells of an article: language, story, owner; and what must be written down."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.contract.article import Article, DateQuality
from pipeline.workers.enriching import Enricher

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)
TEXT = (
    "The foreign ministers of Norway and Chile met in Oslo on Thursday and signed a treaty on fisheries. " * 3
)


def article(number: int, text: str = TEXT) -> Article:
    return Article(
        article_id=f"{number:032x}", version=1, feed_id="f", outlet=f"Outlet {number}", language="en",
        guid="g", url="https://example.org/1", title="Ministers meet", text=text, published_at=NOON,
        published_quality=DateQuality.FEED, first_seen_at=NOON, fetched_at=NOON,
    )  # fmt: skip


def test_language_story_and_owner() -> None:
    enricher = Enricher(owners={"Outlet 2": "a-wire"})
    first, second = enricher.enrich(article(1)), enricher.enrich(article(2))
    assert (first.story_id, second.story_id) == (first.article_id, first.article_id)
    assert (first.owner, second.owner) == (None, "a-wire")
    assert second.story_since == NOON
    french = enricher.enrich(
        article(3, "Les ministres se sont rencontrés jeudi à Oslo pour signer un traité sur la pêche.")
    )
    assert (first.language, french.language) == ("en", "fr")


def test_changes_are_told_until_they_are_saved() -> None:
    enricher = Enricher()
    enricher.enrich(article(1))
    told = enricher.changes()
    assert [row.article_id for row in told.added] == [f"{1:032x}"]
    assert enricher.changes() == told  # saving failed: they are told again
    enricher.saved()
    assert enricher.changes().added == ()

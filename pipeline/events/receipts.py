"""An article and what was found in it in; the receipt that says so out."""

from __future__ import annotations

from pipeline.contract.article import Article
from pipeline.contract.receipt import Receipt
from pipeline.events.extract import Extraction


def receipt_of(article: Article, found: Extraction, extractor_version: str, ontology_version: str) -> Receipt:
    """Count what came of an article; the same article gives the same receipt, to the byte."""
    retracted = sum(event.retracted for event in found.events)
    whole = [refusal.reason for refusal in found.refused if not refusal.sentence]
    return Receipt(
        article_id=article.article_id,
        version=article.version,
        feed_id=article.feed_id,
        published_at=article.published_at,
        events=len(found.events) - retracted,
        retracted=retracted,
        reason=whole[0] if whole and len(found.events) == retracted else None,
        extractor_version=extractor_version,
        ontology_version=ontology_version,
    )

"""Events and the text that they were found in; whether the evidence re-reads to them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.contract.event import Event
from pipeline.evaluation.documents import CodedDocument, Predictions


@dataclass(frozen=True, slots=True)
class Proven:
    """How many events were checked, and whose evidence stands in the text as they say."""

    checked: int
    held: int


def rereads(event: Event, whole: str) -> bool:
    """Tell whether every span of an event reads in its document what the event says stands there."""
    proof = event.evidence
    first, last = proof.sentence_span
    return (
        whole[first:last] == proof.sentence
        and whole[slice(*proof.trigger_span)] == proof.trigger
        and whole[slice(*proof.source_span)] == event.source.name
        and whole[slice(*proof.target_span)] == event.target.name
        and first <= proof.trigger_span[0] < proof.trigger_span[1] <= last
    )


def quoted(documents: Sequence[CodedDocument], predictions: Predictions) -> Proven:
    """Check predictions that come without spans: is their sentence, word for word, in the document?"""
    held = [
        bool(event.evidence) and event.evidence in document.whole
        for document in documents
        for event in predictions.get(document.doc_id, ())
    ]
    return Proven(len(held), sum(held))

"""A gold coding and a predicted one in; every measure of how well they agree out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.agreement import Agreement, agreement
from pipeline.evaluation.calibration import Calibration, calibration
from pipeline.evaluation.confusion import Confusion, confusion
from pipeline.evaluation.documents import CodedDocument, Predictions
from pipeline.evaluation.estimate import Estimate
from pipeline.evaluation.evidence import Proven
from pipeline.evaluation.finding import Found, false_where_none, found
from pipeline.evaluation.keys import Level
from pipeline.evaluation.outlets import OutletKind, kind_of


@dataclass(frozen=True, slots=True)
class OutletScore:
    """The headline measures of one kind of text."""

    documents: int
    triple: Found
    dyad: Found
    false_per_100_empty_documents: Estimate


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that is measured of one gold file."""

    documents: int
    missing_documents: int
    levels: dict[Level, Found]
    false_per_100_empty_documents: Estimate
    agreement: Agreement
    calibration: Calibration
    confusion: Confusion
    evidence: Proven
    outlets: dict[OutletKind, OutletScore]


def measure(documents: Sequence[CodedDocument], predictions: Predictions, evidence: Proven) -> Measures:
    """Compare; a document without predictions counts as one in which nothing was found."""
    kinds: dict[OutletKind, list[CodedDocument]] = defaultdict(list)
    for document in documents:
        kinds[kind_of(document)].append(document)
    return Measures(
        len(documents),
        sum(document.doc_id not in predictions for document in documents),
        {level: found(documents, predictions, level) for level in Level},
        false_where_none(documents, predictions),
        agreement(documents, predictions),
        calibration(documents, predictions),
        confusion(documents, predictions),
        evidence,
        {kind: _outlet(kinds[kind], predictions) for kind in OutletKind if kind in kinds},
    )


def _outlet(documents: Sequence[CodedDocument], predictions: Predictions) -> OutletScore:
    return OutletScore(
        len(documents),
        found(documents, predictions, Level.TRIPLE),
        found(documents, predictions, Level.DYAD),
        false_where_none(documents, predictions),
    )

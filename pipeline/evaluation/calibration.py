"""Confidences and what became of them in; how far they can be trusted out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.documents import CodedDocument, CodedEvent, Predictions
from pipeline.evaluation.estimate import Estimate, Table, estimate, share, table_of
from pipeline.evaluation.keys import Level, grouped

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Predicted triples whose confidence lies in [low, low + 1/BINS)."""

    low: float
    count: int
    mean_confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error, and the bins that hold any prediction."""

    error: Estimate
    bins: tuple[Bin, ...]


def calibration(documents: Sequence[CodedDocument], predictions: Predictions) -> Calibration:
    """Compare confidence with the share of right triples in ten bins of equal width.

    The error is the mean gap weighted by the bins' sizes (Naeini, Cooper and Hauskrecht 2015). A
    triple told twice has the higher confidence; what gold is unsure of, and predictions without
    confidence, are left out.
    """
    rows = [_sums(d.events, predictions.get(d.doc_id, ())) for d in documents]
    table = table_of(rows, 3 * BINS)
    counts, confidences, rights = table.sum(axis=0).reshape(3, BINS).tolist()
    bins = tuple(
        Bin(index / BINS, int(number), confidences[index] / number, rights[index] / number)
        for index, number in enumerate(counts)
        if number
    )
    return Calibration(estimate(table, _error), bins)


def _sums(gold: Sequence[CodedEvent], predicted: Sequence[CodedEvent]) -> list[float]:
    """By bin: predictions, then their confidences, then the right ones."""
    wanted = grouped(gold, Level.TRIPLE)
    counts, confidences, rights = ([0.0] * BINS for _ in range(3))
    for key, events in grouped(predicted, Level.TRIPLE).items():
        stated = [event.confidence for event in events if event.confidence is not None]
        unsure = key in wanted and not any(event.sure for event in wanted[key])
        if stated and not unsure:
            index = min(int(max(stated) * BINS), BINS - 1)
            counts[index] += 1
            confidences[index] += max(stated)
            rights[index] += key in wanted
    return [*counts, *confidences, *rights]


def _error(sums: Table) -> Table:
    counts, confidences, rights = (sums[:, first : first + BINS] for first in (0, BINS, 2 * BINS))
    return share(abs(rights - confidences).sum(axis=1), counts.sum(axis=1))

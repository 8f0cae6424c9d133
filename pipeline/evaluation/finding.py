"""Gold and predictions in; precision, recall and F1 at each level, and events found where none are, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.documents import CodedDocument, CodedEvent, Predictions
from pipeline.evaluation.estimate import Estimate, Table, estimate, harmonic, share, table_of
from pipeline.evaluation.keys import Level, grouped


@dataclass(frozen=True, slots=True)
class Found:
    """How well one level agrees, summed over documents before dividing (micro)."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    hit: int
    false: int
    missed: int


def found(documents: Sequence[CodedDocument], predictions: Predictions, level: Level) -> Found:
    """Count and divide; 0 where there is nothing to divide by."""
    rows = [count(d.events, predictions.get(d.doc_id, ()), level) for d in documents]
    table = table_of([list(row) for row in rows], 3)
    hit, false, missed = (int(total) for total in table.sum(axis=0))
    return Found(
        estimate(table, _precision), estimate(table, _recall), estimate(table, _f1), hit, false, missed
    )


def count(gold: Sequence[CodedEvent], predicted: Sequence[CodedEvent], level: Level) -> tuple[int, int, int]:
    """Hit, false and missed of one document; what gold is unsure of counts neither way.

    An event that gold has with a status that is not scored gives no licence to predict it as scored.
    """
    wanted, got = grouped(gold, level), grouped(predicted, level)
    unsure = {key for key, events in wanted.items() if not any(event.sure for event in events)}
    hit = sum(key in wanted and key not in unsure for key in got)
    false = sum(key not in wanted for key in got)
    missed = sum(key not in got and key not in unsure for key in wanted)
    return hit, false, missed


def false_where_none(documents: Sequence[CodedDocument], predictions: Predictions) -> Estimate:
    """False triples per 100 documents in which gold has no event at all, not even an unsure one."""
    rows = [
        [0.0, 0.0] if d.events else [float(len(grouped(predictions.get(d.doc_id, ()), Level.TRIPLE))), 1.0]
        for d in documents
    ]
    return estimate(table_of(rows, 2), lambda sums: share(100 * sums[:, 0], sums[:, 1]))


def _precision(sums: Table) -> Table:
    return share(sums[:, 0], sums[:, 0] + sums[:, 1], 0.0)


def _recall(sums: Table) -> Table:
    return share(sums[:, 0], sums[:, 0] + sums[:, 2], 0.0)


def _f1(sums: Table) -> Table:
    return harmonic(_precision(sums), _recall(sums))

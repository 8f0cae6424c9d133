"""Triples that gold and predictions share in; how well their status, day and place agree, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contract.event import Status
from pipeline.evaluation.documents import CodedDocument, CodedEvent, Predictions
from pipeline.evaluation.estimate import Estimate, Table, estimate, harmonic, share, table_of
from pipeline.evaluation.keys import Level, chosen, grouped

_STATUSES = tuple(Status)
_ALL = frozenset(_STATUSES)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over matched triples of any status; a day or place counts where gold has one."""

    status_macro_f1: Estimate
    status_accuracy: Estimate
    date_within_a_day: Estimate
    place_accuracy: Estimate
    matched_triples: int


def agreement(documents: Sequence[CodedDocument], predictions: Predictions) -> Agreement:
    """Compare the events of each matched triple, unsure ones too."""
    matched = [list(_matched(d.events, predictions.get(d.doc_id, ()))) for d in documents]
    status = table_of([_statuses(pairs) for pairs in matched], len(_STATUSES) ** 2)
    days = [[pair for pair in pairs if pair[0].date] for pairs in matched]
    places = [[pair for pair in pairs if pair[0].place] for pairs in matched]
    return Agreement(
        estimate(status, _macro_f1),
        estimate(status, _accuracy),
        _share_of([[_within_a_day(*pair) for pair in pairs] for pairs in days]),
        _share_of([[one.place == other.place for one, other in pairs] for pairs in places]),
        sum(map(len, matched)),
    )


def _matched(
    gold: Sequence[CodedEvent], predicted: Sequence[CodedEvent]
) -> Iterator[tuple[CodedEvent, CodedEvent]]:
    got = grouped(predicted, Level.TRIPLE, _ALL)
    for key, events in grouped(gold, Level.TRIPLE, _ALL).items():
        if key in got:
            yield chosen(events), chosen(got[key])


def _within_a_day(gold: CodedEvent, predicted: CodedEvent) -> bool:
    if gold.date is None or predicted.date is None:
        return False
    return abs((gold.date - predicted.date).days) <= 1


def _share_of(judged: list[list[bool]]) -> Estimate:
    table = table_of([[float(sum(row)), float(len(row))] for row in judged], 2)
    return estimate(table, lambda sums: share(sums[:, 0], sums[:, 1]))


def _statuses(pairs: Sequence[tuple[CodedEvent, CodedEvent]]) -> list[float]:
    """Counts of gold status against predicted status, row after row."""
    counts = [0.0] * len(_STATUSES) ** 2
    for gold, predicted in pairs:
        counts[_STATUSES.index(gold.status) * len(_STATUSES) + _STATUSES.index(predicted.status)] += 1
    return counts


def _accuracy(sums: Table) -> Table:
    return share(sums[:, :: len(_STATUSES) + 1].sum(axis=1), sums.sum(axis=1))


def _macro_f1(sums: Table) -> Table:
    """Mean F1 of the statuses that gold has."""
    counts = sums.reshape(len(sums), len(_STATUSES), len(_STATUSES))
    hit, gold, predicted = np.einsum("nii->ni", counts), counts.sum(axis=2), counts.sum(axis=1)
    f1 = harmonic(share(hit, predicted, 0.0), share(hit, gold, 0.0))
    return share((f1 * (gold > 0)).sum(axis=1), (gold > 0).sum(axis=1).astype(np.float64))

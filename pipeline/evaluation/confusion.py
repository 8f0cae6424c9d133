"""Gold and predicted types of the same pairs in; which type is taken for which out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.contract.event import EventType
from pipeline.evaluation.documents import CodedDocument, CodedEvent, Predictions
from pipeline.evaluation.keys import Key, Level, grouped

NONE = "none"
REVERSED = "reversed"
Confusion = dict[str, dict[str, int]]
"""Gold type → predicted type → how often; "none" as gold is a false event, as prediction a missed one.

"reversed" stands for the right type with source and target the wrong way round.
"""


def confusion(documents: Sequence[CodedDocument], predictions: Predictions) -> Confusion:
    """Count each gold triple and each predicted one once; what gold is unsure of is left out."""
    counts = {name: Counter[str]() for name in (*map(str, EventType), NONE)}
    for document in documents:
        for gold, predicted in _told(document.events, predictions.get(document.doc_id, ())):
            counts[gold][predicted] += 1
    return {gold: dict(row) for gold, row in counts.items() if row}


def _told(gold: Sequence[CodedEvent], predicted: Sequence[CodedEvent]) -> Iterator[tuple[str, str]]:
    """Types against types in one document: equal triples first, then what is left on a pair, in order."""
    wanted = grouped(gold, Level.TRIPLE)
    got = dict.fromkeys(grouped(predicted, Level.TRIPLE))
    for key in got:
        if key in wanted and any(event.sure for event in wanted[key]):
            yield key[2], key[2]
    left = _by_pair(
        key for key, events in wanted.items() if key not in got and any(event.sure for event in events)
    )
    extra = _by_pair(key for key in got if key not in wanted)
    for pair in [*left, *(pair for pair in extra if pair not in left)]:
        yield from _matched(left.get(pair, []), extra.get(pair, []))


def _by_pair(keys: Iterator[Key]) -> dict[Key, list[str]]:
    pairs: dict[Key, list[str]] = {}
    for source, target, kind in keys:
        pairs.setdefault((min(source, target), max(source, target)), []).append(kind)
    return pairs


def _matched(missed: list[str], false: list[str]) -> Iterator[tuple[str, str]]:
    """Missed and false types of one pair: the same type (so reversed) first, then as they come."""
    for kind in [kind for kind in missed if kind in false]:
        if kind in false:
            missed.remove(kind)
            false.remove(kind)
            yield kind, REVERSED
    both = min(len(missed), len(false))
    yield from zip(missed[:both], false[:both], strict=True)
    yield from ((kind, NONE) for kind in missed[both:])
    yield from ((NONE, kind) for kind in false[both:])

"""Measures in; a report of tables, readable as Markdown and as it stands in a terminal, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.evaluation.confusion import NONE, REVERSED, Confusion
from pipeline.evaluation.estimate import Estimate
from pipeline.evaluation.measures import Measures

_LEVELS = ("level", "precision", "recall", "F1", "hit", "false", "missed")
_OUTLETS = (
    "kind", "documents", "triple precision", "triple recall", "triple F1", "dyad F1", "false per 100 empty"
)  # fmt: skip
_TYPES = ("gold type", "told", "right", "wrong way", "missed", "taken for")


def report(name: str, measures: Measures) -> str:
    """Write the whole report; every interval is the middle 90 % of resampled documents."""
    mistaken = _mistaken(measures.confusion, NONE) or "none"
    parts = [
        f"# Event extraction: {name}",
        f"{measures.documents} documents{_missing(measures)}. In brackets: 90 % bootstrap intervals.",
        table(_LEVELS, _levels(measures)),
        table(("measure", "value", "counted on"), _agreement(measures)),
        "## By kind of text",
        table(_OUTLETS, _outlets(measures)),
        "## Types on the same pair of actors",
        table(_TYPES, _types(measures.confusion)),
        f"False events where gold has nothing more on the pair: {mistaken}.",
        "## Calibration",
        table(("confidence", "triples", "mean confidence", "right"), _bins(measures)),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Align a Markdown table; the first column reads from the left, the others from the right.

    >>> print(table(("type", "n"), [("AID", "12")]))
    | type |  n |
    |:-----|---:|
    | AID  | 12 |
    """
    grid = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    rule = "|".join(("-" * (w + 1) + ":") if i else (":" + "-" * (w + 1)) for i, w in enumerate(widths))
    lines = [
        " | ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in grid
    ]
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def _missing(measures: Measures) -> str:
    missing = measures.missing_documents
    return f", {missing} of them without a line in the predictions" if missing else ""


def _told(estimate: Estimate, digits: int = 3) -> str:
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def _levels(measures: Measures) -> Iterator[tuple[str, ...]]:
    for level, found in measures.levels.items():
        numbers = (str(found.hit), str(found.false), str(found.missed))
        yield (level, _told(found.precision), _told(found.recall), _told(found.f1), *numbers)


def _agreement(measures: Measures) -> Iterator[tuple[str, ...]]:
    agreed, proven = measures.agreement, measures.evidence
    matched = f"{agreed.matched_triples} matched triples"
    yield (
        "false events per 100 documents without events",
        _told(measures.false_per_100_empty_documents, 1),
        "documents",
    )
    yield "status macro-F1", _told(agreed.status_macro_f1), matched
    yield "status accuracy", _told(agreed.status_accuracy), matched
    yield "date within a day", _told(agreed.date_within_a_day), "those that gold dates"
    yield "place accuracy", _told(agreed.place_accuracy), "those that gold places"
    counted = sum(found.count for found in measures.calibration.bins)
    yield "expected calibration error", _told(measures.calibration.error), f"{counted} predicted triples"
    held = f"{proven.held / proven.checked:.3f}" if proven.checked else "-"
    yield "evidence that re-reads", held, f"{proven.checked} events"


def _outlets(measures: Measures) -> Iterator[tuple[str, ...]]:
    for kind, score in measures.outlets.items():
        triple = score.triple
        parts = (triple.precision, triple.recall, triple.f1, score.dyad.f1)
        empty = _told(score.false_per_100_empty_documents, 1)
        yield (kind, str(score.documents), *map(_told, parts), empty)


def _types(confusion: Confusion) -> Iterator[tuple[str, ...]]:
    for gold, row in confusion.items():
        if gold != NONE:
            kinds = (row.get(kind, 0) for kind in (gold, REVERSED, NONE))
            yield (gold, str(sum(row.values())), *map(str, kinds), _mistaken(confusion, gold))


def _mistaken(confusion: Confusion, gold: str) -> str:
    others = [(-n, kind) for kind, n in confusion.get(gold, {}).items() if kind not in (gold, NONE, REVERSED)]
    return ", ".join(f"{-n} {kind}" for n, kind in sorted(others))


def _bins(measures: Measures) -> Iterator[tuple[str, ...]]:
    for one in measures.calibration.bins:
        yield f"from {one.low:.1f}", str(one.count), f"{one.mean_confidence:.3f}", f"{one.right:.3f}"

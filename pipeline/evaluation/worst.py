"""Gold, predictions and refusals in; the documents that went worst, each fault with its reasons, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.documents import CodedDocument, CodedEvent, Predictions
from pipeline.evaluation.finding import count
from pipeline.evaluation.keys import Key, Level, chosen, grouped

WORST = 50
_NOTICE = (
    "Most missed and false triples first. The texts belong to their outlets: "
    "measure with them, do not commit or publish this file."
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A sentence (or "" for the whole document) that the coder took nothing from, and why."""

    sentence: str
    reason: str


Refusals = Mapping[str, Sequence[Refused]]
"""Refusals by doc_id."""


def worst(documents: Sequence[CodedDocument], predictions: Predictions, refused: Refusals) -> str:
    """Write the worst documents in Markdown: what was missed or false, and what the other side has there."""
    faults = [(sum(count(d.events, predictions.get(d.doc_id, ()), Level.TRIPLE)[1:]), d) for d in documents]
    ranked = sorted((pair for pair in faults if pair[0]), key=lambda pair: (-pair[0], pair[1].doc_id))
    sections = [
        "\n".join(_section(d, n, predictions.get(d.doc_id, ()), refused.get(d.doc_id)))
        for n, d in ranked[:WORST]
    ]
    return "\n\n".join([f"# The worst {len(sections)} documents\n\n{_NOTICE}", *sections]) + "\n"


def _section(
    document: CodedDocument, faults: int, predicted: Sequence[CodedEvent], refused: Sequence[Refused] | None
) -> Iterator[str]:
    wanted, got = grouped(document.events, Level.TRIPLE), grouped(predicted, Level.TRIPLE)
    yield f"## {document.doc_id}: {faults} faults\n\n{document.title} ({document.source})"
    placed = all(event.evidence for event in document.events)
    for one in refused or ():
        if not (placed and one.sentence):
            yield f"\nRefused: {one.reason}{' in: ' + _line(one.sentence) if one.sentence else ''}"
    for key, events in wanted.items():
        if key not in got and any(event.sure for event in events):
            told = chosen(events)
            yield f"\n- **missed** {_named(key)}, {_details(told)}"
            yield f"  - gold's sentence: {_line(told.evidence)}"
            yield from _beside("found", key, told, predicted)
            yield from _reasons(told, predicted, refused)
    for key, events in got.items():
        if key not in wanted:
            told = chosen(events)
            yield f"\n- **false** {_named(key)}, {_details(told)}"
            yield f"  - its sentence: {_line(told.evidence)}"
            yield from _beside("gold", key, told, document.events)


def _reasons(
    told: CodedEvent, predicted: Sequence[CodedEvent], refused: Sequence[Refused] | None
) -> Iterator[str]:
    """Why the coder took nothing from a sentence; unknown where predictions came from a file.

    Where gold gives no sentences, all refusals of a document stand at its head instead.
    """
    if refused is None or not told.evidence:
        return
    here = [one for one in refused if overlap(one.sentence, told.evidence)]
    yield from (f"  - refused: {one.reason} in: {_line(one.sentence)}" for one in here)
    if not here and not any(overlap(event.evidence, told.evidence) for event in predicted):
        yield "  - refused: nothing; passed over for want of actors, or merged with another telling"


def _beside(whose: str, key: Key, told: CodedEvent, others: Iterable[CodedEvent]) -> Iterator[str]:
    """What the other side has in the same sentence, and elsewhere on the same pair."""
    nothing = True
    for other in others:
        here = overlap(other.evidence, told.evidence)
        if here or set(key[:2]) <= {*other.source, *other.target}:
            nothing = False
            where = "in this sentence" if here else "elsewhere on this pair"
            yield f"  - {whose} {where}: {_event(other)}"
    if nothing:
        yield f"  - {whose}: nothing in this sentence or on this pair"


def overlap(one: str, other: str) -> bool:
    """Tell whether one sentence holds the other; blanks and line breaks do not matter.

    >>> overlap("They met.", "On Monday,\\nThey  met.")
    True
    """
    first, second = " ".join(one.split()), " ".join(other.split())
    return bool(first and second) and (first in second or second in first)


def _named(key: Key) -> str:
    return f"{key[0]} {key[2]} {key[1]}"


def _event(event: CodedEvent) -> str:
    pair = (" and ".join(event.source), event.type, " and ".join(event.target))
    return f"{' '.join(pair)}, {_details(event)}"


def _details(event: CodedEvent) -> str:
    day = f" on {event.date}" if event.date else ""
    place = f" in {event.place}" if event.place else ""
    sure = f", confidence {event.confidence:.2f}" if event.confidence is not None else ""
    return f"{event.status}{day}{place}{sure}{'' if event.sure else ', unsure'}"


def _line(sentence: str) -> str:
    return " ".join(sentence.split()) or "(none given)"

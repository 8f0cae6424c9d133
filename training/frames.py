"""Coded texts in; windows with numbers and labels for every pair out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.cli.extract import document_article
from pipeline.cli.recompute import parse_moment
from pipeline.contract.article import document
from pipeline.contract.event import SYMMETRIC
from pipeline.events.extract import Coder
from pipeline.events.features import STATUSES, TYPES, Describer
from pipeline.events.pairs import SOURCE, PairReader
from pipeline.events.relations import place_of_mark
from pipeline.events.windows import Framer, Window
from training.corpus import OUTLETS

MASKED = -1
_ORGANS = ("ministry", "presidency")
"""How our own texts name an outlet that speaks for a state: ministry:NOR."""
_TYPE_AT = {kind.value: n for n, kind in enumerate(TYPES)}
_STATUS_AT = {status.value: n for n, status in enumerate(STATUSES)}
_BOTH = {kind.value for kind in SYMMETRIC}


@dataclass
class Frame:
    """One window ready for training."""

    doc_id: str
    kind: str
    tokens: tuple[int, ...]
    parts: tuple[int, ...]
    codes: list[tuple[str, str]]
    marks: list[list[list[tuple[int, int, int, int]]]]
    """pair → side → place (first, last, part, rule)."""
    features: Any
    """(pairs, 2, WIDTH)"""
    labels: Any
    """(pairs, 2, types): 1 told here, 0 not, MASKED unknown."""
    status: Any
    """(pairs, 2, types): number of the status where told, else MASKED."""
    given: Any
    """(pairs, 2): the one type told of, else MASKED."""
    sentence: int
    """Number of the core in its document."""


class Framed:
    """Turns coded texts into frames."""

    def __init__(self, coder: Coder, framer: Framer) -> None:
        self._coder = coder
        self._framer = framer
        self._describer = Describer(coder._lexicon)
        self._typer = PairReader(coder._lexicon, coder._reader, framer)

    def pair(self, number: int, row: dict[str, str]) -> Frame:
        """The frame of one sentence whose source and target are marked; nothing is said of other pairs."""
        window = self._typer.window(row["sentence"], row["source"], row["target"])
        way = 0 if window.pairs[0].one == SOURCE else 1
        shape = (len(window.pairs), 2, len(TYPES))
        labels, status = np.full(shape, MASKED, np.int8), np.full(shape, MASKED, np.int8)
        kind, given = _TYPE_AT[row["type"]], np.full(shape[:2], MASKED)
        given[0, way], status[0, way, kind] = kind, _STATUS_AT[row.get("status", "occurred")]
        places = [[[place_of_mark(m) for m in side] for side in p.marks] for p in window.pairs]
        codes = [(p.one, p.other) for p in window.pairs]
        features = self._typer.describer.describe(window).astype(np.float16)
        name = f"pair-{number}"
        return Frame(
            name, "pairs", window.tokens, window.parts, codes, places, features, labels, status, given, 0
        )

    def frames(self, row: dict[str, Any]) -> Iterator[Frame]:
        """Frames of one coded text."""
        article = document_article(
            str(row["doc_id"]),
            row.get("title") or "",
            row.get("text") or "",
            parse_moment(row["published"]),
            row.get("url") or "",
            OUTLETS.get(row["source"], row["source"]),
            None,
        )
        whole = document(article.title, article.text)
        day = article.published_at.date()
        organ, _, state = row["source"].partition(":")
        voice = state if organ in _ORGANS else self._coder._voice(article, article.title, day)
        reading = self._coder._read(whole, day, voice)
        if reading is None:
            return
        gold = list(exploded(row["events"]))
        starts = {read.sentence.start: n for n, read in enumerate(reading.reads)}
        for window in self._framer.windows(reading.reads):
            number = starts[window.read.sentence.start]
            labels, status = _labels(window, number, gold, whole)
            yield Frame(
                str(row["doc_id"]),
                row["kind"],
                window.tokens,
                window.parts,
                [(p.one, p.other) for p in window.pairs],
                [[[place_of_mark(m) for m in side] for side in p.marks] for p in window.pairs],
                self._describer.describe(window).astype(np.float16),
                labels,
                status,
                _only(labels),
                number,
            )


def _only(labels: Any) -> Any:
    told = labels == 1
    return np.where(told.sum(-1) == 1, told.argmax(-1), MASKED)


def exploded(events: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for event in events:
        if event["type"] not in _TYPE_AT:
            continue
        for source in _listed(event["source"]):
            for target in _listed(event["target"]):
                if source and target and source != target:
                    yield source, target, event
                    if event["type"] in _BOTH:
                        yield target, source, event


def _labels(window: Window, number: int, gold: list[Any], whole: str) -> tuple[Any, Any]:
    shape = (len(window.pairs), 2, len(TYPES))
    labels, status = np.zeros(shape, dtype=np.int8), np.full(shape, MASKED, dtype=np.int8)
    at = {}
    for n, pair in enumerate(window.pairs):
        at[pair.one, pair.other] = (n, 0)
        at[pair.other, pair.one] = (n, 1)
    for source, target, event in gold:
        if (where := at.get((source, target))) is None:
            continue
        slot = (*where, _TYPE_AT[event["type"]])
        told = _told_here(window, number, event, whole)
        if told and event.get("sure", True):
            labels[slot] = 1
            status[slot] = _STATUS_AT.get(event.get("status", "occurred"), MASKED)
        elif labels[slot] != 1:
            labels[slot] = MASKED
    return labels, status


def _told_here(window: Window, number: int, event: dict[str, Any], whole: str) -> bool:
    if "sentences" in event:
        return number in event["sentences"]
    evidence = event.get("evidence") or ""
    start = whole.find(evidence) if evidence else -1
    sentence = window.read.sentence
    if start < 0:
        return False
    overlap = min(sentence.end, start + len(evidence)) - max(sentence.start, start)
    return overlap >= min(25, 0.5 * len(sentence.text), len(evidence))


def _listed(code: Any) -> list[str]:
    return list(code) if isinstance(code, list | tuple) else [code]

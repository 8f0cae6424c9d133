"""Sentences as read in; for each a window of tokens in which a model weighs every pair of actors, out.

A window holds who speaks, the headline, up to two sentences before, and the sentence itself, its core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pipeline.events.actors import Mention
from pipeline.events.reading import Read

CONTEXT, CORE, TITLE, VOICE = range(4)
"""Parts of a window."""
_BUDGET = {CONTEXT: 64, CORE: 160, TITLE: 40}
_BEFORE = 2
_ACTORS = 9
_MARKS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A mention as a place in a window."""

    first: int
    last: int
    """Tokens, both included."""
    part: int
    mention: Mention


@dataclass(frozen=True, slots=True)
class Pair:
    """Two actors of a window, the one named first in front, each with up to three places."""

    one: str
    other: str
    marks: tuple[tuple[Mark, ...], tuple[Mark, ...]]


@dataclass(frozen=True, slots=True)
class Window:
    """What a model sees of one sentence."""

    read: Read
    tokens: tuple[int, ...]
    parts: tuple[int, ...]
    pairs: tuple[Pair, ...]


class Framer:
    """Cuts windows; holds the tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._open = tokenizer.token_to_id("[CLS]")
        self._close = tokenizer.token_to_id("[SEP]")

    def windows(self, reads: Sequence[Read]) -> Iterator[Window]:
        """One window for each parsed sentence in which two actors may be joined."""
        encoded = [self._tokenizer.encode(read.sentence.text, add_special_tokens=False) for read in reads]
        for index, read in enumerate(reads):
            if read.doc is not None and any(m.acts for m in read.mentions):
                window = self._window(index, reads, encoded)
                if window.pairs:
                    yield window

    def _window(self, index: int, reads: Sequence[Read], encoded: Sequence[Any]) -> Window:
        tokens, parts = [self._open], [VOICE]
        marks: list[Mark] = []
        if (voice := reads[index].voice) is not None:
            ids = self._tokenizer.encode(voice.text, add_special_tokens=False).ids
            marks.append(Mark(1, len(ids), VOICE, voice))
            tokens += [*ids, self._close]
            parts += [VOICE] * (len(ids) + 1)
        for number, part in _segments(index, reads):
            ids, offsets = encoded[number].ids, encoded[number].offsets
            cut = max(0, len(ids) - _BUDGET[part]) if part == CONTEXT else 0
            ids, offsets = ids[cut : cut + _BUDGET[part]], offsets[cut : cut + _BUDGET[part]]
            marks += _marks(reads[number], offsets, len(tokens), part)
            tokens += [*ids, self._close]
            parts += [part] * (len(ids) + 1)
        return Window(reads[index], tuple(tokens), tuple(parts), tuple(_pairs(marks)))


def _segments(index: int, reads: Sequence[Read]) -> list[tuple[int, int]]:
    """Numbers of the sentences of a window, in order, each with its part."""
    headlines = [n for n, read in enumerate(reads) if read.sentence.headline and n != index]
    if reads[index].sentence.headline:
        after = [n for n in range(index + 1, len(reads)) if not reads[n].sentence.headline][:1]
        return [*((n, TITLE) for n in headlines[:2]), (index, CORE), *((n, CONTEXT) for n in after)]
    before = [n for n in range(max(0, index - _BEFORE), index) if not reads[n].sentence.headline]
    return [*((n, TITLE) for n in headlines[:2]), *((n, CONTEXT) for n in before), (index, CORE)]


def _marks(read: Read, offsets: Sequence[tuple[int, int]], start: int, part: int) -> list[Mark]:
    found = []
    for mention in read.mentions:
        if not mention.acts:
            continue
        first, last = mention.start - read.sentence.start, mention.end - read.sentence.start
        inside = [n for n, (a, b) in enumerate(offsets) if a < last and b > first]
        if inside:
            found.append(Mark(start + inside[0], start + inside[-1], part, mention))
    return found


_NEAREST = {CORE: 0, VOICE: 1, CONTEXT: 2, TITLE: 3}


def _pairs(marks: Sequence[Mark]) -> Iterator[Pair]:
    """Pairs of which one is named in the core, nearest actors first."""
    by_code: dict[str, list[Mark]] = {}
    for mark in sorted(marks, key=lambda m: (_NEAREST[m.part], m.first if m.part == CORE else -m.first)):
        by_code.setdefault(mark.mention.code, []).append(mark)
    kept = list(by_code.items())[:_ACTORS]
    for (one, ones), (other, others) in combinations(kept, 2):
        if ones[0].part == CORE or others[0].part == CORE:
            yield Pair(one, other, (tuple(ones[:_MARKS]), tuple(others[:_MARKS])))

"""Texts coded not long ago in; what they tell out, unread: news is copied word for word."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date

from pipeline.events.reading import Refusal
from pipeline.events.telling import Draft
from pipeline.events.weighing import Look


@dataclass(frozen=True, slots=True)
class Word:
    """What is needed of a trigger once a text is read."""

    text: str
    idx: int
    """Its place in the sentence, in characters."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one text tells, whoever published it."""

    drafts: tuple[Draft, ...] = ()
    refused: tuple[Refusal, ...] = ()
    looks: tuple[Look, ...] = ()


class Copies:
    """The last texts that were read, by content, day and who says "we" in them; bounded by number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: OrderedDict[bytes, Told] = OrderedDict()

    def get(self, key: bytes) -> Told | None:
        """What a text tells, or None where it was not read, or long ago."""
        if (told := self._told.get(key)) is not None:
            self._told.move_to_end(key)
        return told

    def put(self, key: bytes, told: Told) -> Told:
        """Remember what a text tells, without parses, looks, and what was refused within it; returns that."""
        aside = tuple(refusal for refusal in told.refused if not refusal.sentence)
        self._told[key] = light = Told(tuple(map(_light, told.drafts)), aside)
        if len(self._told) > self._most:
            self._told.popitem(last=False)
        return light


def text_key(title: str, text: str, day: date, voice: str | None) -> bytes:
    """Name all that decides what a text tells; 16 bytes."""
    parts = (title, text, day.isoformat(), voice or "")
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _light(draft: Draft) -> Draft:
    word = Word(draft.act.trigger.text, draft.act.trigger.idx)
    return replace(draft, act=replace(draft.act, trigger=word, said_by=None))

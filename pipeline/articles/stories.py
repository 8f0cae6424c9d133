"""Texts of articles in, one after the other; the story that each one tells, out.

Copies of one report, cut short, given another title, framed by an outlet's standing lines or rewritten in
part, are one story, named by the article that told it first. Likely copies share a band of minima; they
are copies if their shingles really agree and they don't say the same of different names.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.articles.names import Names, names_of, renamed
from pipeline.articles.shingles import BANDS, Shingles, bands_of, shared, shingles_of

WINDOW = timedelta(days=7)
"""Copies appear within this time of one another; no text is remembered longer."""
RESEMBLANCE = 0.25
"""Part of both texts' shingles (Jaccard) from which they are copies, ..."""
SOON = timedelta(hours=36)
LATE_RESEMBLANCE = 0.5
"""... and from which they are when one comes later than `SOON`: like acts are reported in like words."""
CONTAINMENT = 0.7
"""Part of the shorter text that stands in the longer one from which it is a shortened copy, ..."""
LEAST = 0.1
"""... where they resemble each other this much or open with the same words."""
FEW = 24
"""Shingles: of shorter texts, headlines above all, many are alike ..."""
FEW_RESEMBLANCE = 0.6
"""... so that they must resemble each other more."""
PLENTY = 120
"""Shared shingles from which the titles of copies may differ in any way."""
COPIES = 8
"""Texts that are remembered of one story."""
CROWD = 64
"""Latest texts of one band that are compared."""


@dataclass(frozen=True, slots=True)
class StoryRow:
    """What is kept of one text, in plain values; the state of `Stories` is its rows in their order."""

    article_id: str
    story_id: str
    began_at: datetime
    """When the story's first text was published."""
    published_at: datetime
    bands: bytes
    """Big-endian numbers of 64 bits."""
    shingles: bytes
    """Sorted hashes of 32 bits, big-endian."""
    names: Names


@dataclass(frozen=True, slots=True)
class Changes:
    """What to add and to delete to hold the same rows elsewhere."""

    added: tuple[StoryRow, ...]
    forgotten: tuple[str, ...]
    """Their `article_id`; never one of `added`."""


NO_CHANGES = Changes((), ())


class Stories:
    """Stories of the last days; the same calls in the same order give the same names and rows."""

    def __init__(self, rows: Iterable[StoryRow] = (), limit: int = 10_000) -> None:
        """Go on from the rows of an earlier one; at most `limit` texts are remembered, about 6 KB each."""
        if limit < 1:
            raise ValueError("remember one text at least")
        self._limit = limit
        self._rows: dict[str, StoryRow] = {}
        self._bands: dict[int, str | list[str]] = {}
        self._texts: dict[bytes, str] = {}
        self._copies: dict[str, int] = {}
        self._began: dict[str, datetime] = {}
        self._oldest: list[tuple[datetime, str]] = []
        self._newest = datetime.min.replace(tzinfo=UTC)
        self._added: dict[str, StoryRow] = {}
        self._forgotten: list[str] = []
        for row in rows:
            self._remember(row)

    def rows(self) -> Iterator[StoryRow]:
        """Yield what is remembered, in the order in which it came."""
        yield from self._rows.values()

    def __len__(self) -> int:
        """Count the texts that are remembered."""
        return len(self._rows)

    def assign(self, article_id: str, title: str, text: str, published_at: datetime) -> str:
        """Name the story that an article tells: the `article_id` of the first of its copies.

        An article that is remembered keeps its story, whatever it says now. One without words is a story
        of its own.
        """
        known = self._rows.get(article_id)
        if known is not None:
            return known.story_id
        shingles = shingles_of(title, text)
        if not len(shingles):
            return article_id
        published_at = published_at.astimezone(UTC)
        same = self._rows.get(self._texts.get(_packed(shingles, ">u4"), ""))
        if same is not None and _near(same, published_at):
            return same.story_id
        bands = bands_of(shingles, text)
        names = names_of(title, text)
        found = self._closest(shingles, bands, names, published_at)
        story_id = article_id if found is None else found.story_id
        if self._copies.get(story_id, 0) < COPIES:
            row = StoryRow(
                article_id,
                story_id,
                published_at if found is None else found.began_at,
                published_at,
                _packed(bands, ">u8"),
                _packed(shingles, ">u4"),
                names,
            )
            self._remember(row)
            self._added[article_id] = row
            self._forget()
        return story_id

    def began_at(self, story_id: str) -> datetime | None:
        """Return when the first text of a story was published; None once no text of it is remembered.

        What all its copies say of "today" is meant of that day.
        """
        return self._began.get(story_id)

    def changes(self) -> Changes:
        """Return what changed in the rows since this was last asked."""
        changes = Changes(tuple(self._added.values()), tuple(self._forgotten))
        self._added, self._forgotten = {}, []
        return changes

    def _closest(
        self, shingles: Shingles, bands: list[int], names: Names, published_at: datetime
    ) -> StoryRow | None:
        """Find the closest copy; the earliest published of equally close ones."""
        found: list[tuple[float, datetime, str]] = []
        for row in self._candidates(bands):
            if not _near(row, published_at):
                continue
            others = np.frombuffer(row.shingles, ">u4")
            count = shared(shingles, others)
            soon = abs(row.published_at - published_at) <= SOON
            closeness = _closeness(len(shingles), len(others), count, soon, _same_lead(row, bands))
            if closeness > 0 and not renamed(names, row.names, count >= PLENTY):
                found.append((-closeness, row.published_at, row.article_id))
        return self._rows[min(found)[2]] if found else None

    def _candidates(self, bands: list[int]) -> list[StoryRow]:
        found: dict[str, None] = {}
        for band in bands:
            match self._bands.get(band):
                case str(name):
                    found[name] = None
                case list(names):
                    found.update(dict.fromkeys(names[-CROWD:]))
        return [self._rows[name] for name in found]

    def _remember(self, row: StoryRow) -> None:
        self._rows[row.article_id] = row
        self._texts.setdefault(row.shingles, row.article_id)
        self._copies[row.story_id] = self._copies.get(row.story_id, 0) + 1
        self._began[row.story_id] = row.began_at
        heapq.heappush(self._oldest, (row.published_at, row.article_id))
        self._newest = max(self._newest, row.published_at)
        for band in _bands(row):
            match self._bands.get(band):
                case None:
                    self._bands[band] = row.article_id
                case str(name):
                    self._bands[band] = [name, row.article_id]
                case list(names):
                    names.append(row.article_id)

    def _forget(self) -> None:
        """Drop the texts that were published first: those out of the window, and those over the limit."""
        while len(self._rows) > self._limit or self._oldest[0][0] < self._newest - WINDOW:
            row = self._rows.pop(heapq.heappop(self._oldest)[1])
            for band in _bands(row):
                names = self._bands[band]
                if isinstance(names, list) and len(names) > 1:
                    names.remove(row.article_id)
                else:
                    del self._bands[band]
            if self._texts.get(row.shingles) == row.article_id:
                del self._texts[row.shingles]
            self._copies[row.story_id] -= 1
            if not self._copies[row.story_id]:
                del self._copies[row.story_id], self._began[row.story_id]
            if self._added.pop(row.article_id, None) is None:
                self._forgotten.append(row.article_id)


def _near(row: StoryRow, published_at: datetime) -> bool:
    return abs(row.published_at - published_at) <= WINDOW


def _bands(row: StoryRow) -> list[int]:
    numbers: list[int] = np.frombuffer(row.bands, ">u8").tolist()
    return numbers


def _packed(numbers: Shingles | list[int], kind: str) -> bytes:
    return np.asarray(numbers, kind).tobytes()


def _same_lead(row: StoryRow, bands: list[int]) -> bool:
    """The last band, where there is one more than of minima, is that of the opening words."""
    return len(bands) > BANDS and row.bands[8 * BANDS :] == _packed(bands[BANDS:], ">u8")


def _closeness(one: int, other: int, count: int, soon: bool, same_lead: bool) -> float:
    """Resemblance plus containment of copies, 0 to 2; 0 where `count` shared shingles are too few."""
    fewer = min(one, other)
    resemblance, containment = count / (one + other - count), count / fewer
    needed = FEW_RESEMBLANCE if fewer < FEW else RESEMBLANCE if soon else LATE_RESEMBLANCE
    if resemblance >= needed:
        return resemblance + containment
    shortened = containment >= CONTAINMENT and (same_lead or (resemblance >= LEAST and fewer >= FEW))
    return resemblance + containment if shortened else 0.0

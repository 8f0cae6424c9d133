"""Windows and what is known of their pairs in; the arrays that the relation model takes out.

Text tokens see text only, so a window is encoded once for all its pairs. Each pair adds a group of marker
tokens: one for each direction, and one for each place where either actor is named, which stands at the
position of that mention. A group sees the text and itself. After the levitated markers of Zhong & Chen (2021)
and Ye et al. (2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.events.features import WIDTH

FORWARD, BACKWARD, ONE, OTHER = range(4)
"""Roles of marker tokens."""
_HIDDEN = -1e4
_MOST = 3

Place = tuple[int, int, int, int]
"""First and last token of a mention, its part of the window, and the rule that resolved it, as numbers."""
Arrays = dict[str, npt.NDArray[np.float32] | npt.NDArray[np.int64]]


class Framed(Protocol):
    """What `arrays` needs of a window."""

    @property
    def tokens(self) -> Sequence[int]: ...
    @property
    def parts(self) -> Sequence[int]: ...
    @property
    def marks(self) -> Sequence[Sequence[Sequence[Place]]]:
        """Pair → side → places."""

    @property
    def features(self) -> npt.NDArray[np.float32]:
        """(pairs, 2, WIDTH)"""


class _Member(NamedTuple):
    role: int
    place: Place | None


def arrays(frames: Sequence[Framed], step: int = 1) -> Arrays:
    """Pad the texts and marker groups of some windows to one shape, pairs one after the other.

    Lengths are rounded up to multiples of `step`: few shapes are kind to a library that compiles for each.

    Text: tokens, parts (windows, tokens). Markers: roles, rules, places, mark_parts, is_mark (windows,
    markers), cover (windows, markers, tokens), mark_features (windows, markers, WIDTH). Both: mask (windows,
    all, all), 0 or very negative. Pairs: forward, backward (pairs) and ones, others (pairs, 3) are rows of
    the flattened markers, ones_share, others_share their weights, features (pairs, 2, WIDTH).
    """
    width = _up(max(len(frame.tokens) for frame in frames), step)
    groups = [[_group(*sides) for sides in frame.marks] for frame in frames]
    marks = _up(max(sum(map(len, group)) for group in groups), step)
    count, pairs = len(frames), sum(map(len, groups))
    b = _empty(count, width, marks, pairs)
    number = 0
    for w, (frame, group) in enumerate(zip(frames, groups, strict=True)):
        long = len(frame.tokens)
        b["tokens"][w, :long], b["parts"][w, :long] = frame.tokens, frame.parts
        b["mask"][w, :, :long] = 0.0
        at = 0
        for n, members in enumerate(group):
            _mark(b, w, at, members, frame.features[n])
            _point(b, number, w * marks + at, members)
            b["features"][number] = frame.features[n]
            at, number = at + len(members), number + 1
        rest = np.arange(width + at, width + marks)
        b["mask"][w, rest, rest] = 0.0  # padding sees itself, so that no row is empty
    return b


def _up(length: int, step: int) -> int:
    return -(-length // step) * step


def _empty(count: int, width: int, marks: int, pairs: int) -> Arrays:
    b: Arrays = {
        "cover": np.zeros((count, marks, width), np.float32),
        "mask": np.full((count, width + marks, width + marks), _HIDDEN, np.float32),
        "mark_features": np.zeros((count, marks, WIDTH), np.float32),
        "is_mark": np.zeros((count, marks), np.float32),
        "features": np.zeros((pairs, 2, WIDTH), np.float32),
    }
    for name in ("tokens", "parts"):
        b[name] = np.zeros((count, width), np.int64)
    for name in ("roles", "rules", "places", "mark_parts"):
        b[name] = np.zeros((count, marks), np.int64)
    for name in ("forward", "backward"):
        b[name] = np.zeros(pairs, np.int64)
    for name in ("ones", "others"):
        b[name] = np.zeros((pairs, _MOST), np.int64)
        b[f"{name}_share"] = np.zeros((pairs, _MOST), np.float32)
    return b


def _group(one: Sequence[Place], other: Sequence[Place]) -> list[_Member]:
    ways = [_Member(FORWARD, None), _Member(BACKWARD, None)]
    return [*ways, *(_Member(ONE, place) for place in one), *(_Member(OTHER, place) for place in other)]


def _mark(b: Arrays, w: int, at: int, members: Sequence[_Member], features: npt.NDArray[np.float32]) -> None:
    width = b["tokens"].shape[1]
    inside = slice(width + at, width + at + len(members))
    b["mask"][w, inside, inside] = 0.0
    b["mark_features"][w, at : at + 2] = features
    for k, (role, place) in enumerate(members, start=at):
        b["roles"][w, k] = role
        if place is not None:
            first, last, b["mark_parts"][w, k], b["rules"][w, k] = place
            b["places"][w, k], b["is_mark"][w, k] = first, 1.0
            b["cover"][w, k, first : last + 1] = 1.0 / (last + 1 - first)


def _point(b: Arrays, number: int, start: int, members: Sequence[_Member]) -> None:
    b["forward"][number], b["backward"][number] = start, start + 1
    for role, name in ((ONE, "ones"), (OTHER, "others")):
        rows = [start + k for k, member in enumerate(members) if member.role == role]
        b[name][number, : len(rows)] = rows
        b[f"{name}_share"][number, : len(rows)] = 1.0 / len(rows)

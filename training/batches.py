"""Frames in; tensors of a batch of windows, with their labels, out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from pipeline.events.tensors import arrays
from training.frames import MASKED, Frame

_SHARE = (0.05, 1.0)
"""How much a pair counts for the types against each other: from running text, and from sentences about it."""
_ROUND = 20
"""Batches that are sorted by length together."""


def collate(frames: Sequence[Frame], step: int = 1) -> dict[str, torch.Tensor]:
    """The model's input, with `labels`, `status` (pairs, 2, types), `given` and `weight` (pairs, 2)."""
    b = {name: torch.from_numpy(value) for name, value in arrays(frames, step).items()}
    for name in ("labels", "status", "given"):
        b[name] = torch.from_numpy(np.concatenate([getattr(f, name) for f in frames]).astype(np.int64))
    weights = [np.full((len(f.codes), 2), _SHARE[f.kind == "pairs"], np.float32) for f in frames]
    b["weight"] = torch.from_numpy(np.concatenate(weights))
    return b


def shuffled(frames: Sequence[Frame], size: int, most: int, rng: random.Random) -> Iterator[list[Frame]]:
    """Batches in random order, alike in length inside; windows of many pairs keep `most` of them."""
    left = [thinned(frame, most, rng) for frame in frames]
    rng.shuffle(left)
    batches = []
    for start in range(0, len(left), size * _ROUND):
        near = sorted(left[start : start + size * _ROUND], key=lambda f: len(f.tokens) + 7 * len(f.codes))
        batches += [near[n : n + size] for n in range(0, len(near), size)]
    rng.shuffle(batches)
    yield from batches


def thinned(frame: Frame, most: int, rng: random.Random) -> Frame:
    """Keep every pair that is told something of, and some of the others."""
    if len(frame.codes) <= most:
        return frame
    told = [n for n in range(len(frame.codes)) if frame.labels[n].any()][:most]
    others = [n for n in range(len(frame.codes)) if n not in told]
    kept = sorted(told + rng.sample(others, min(len(others), max(2, most - len(told)))))
    return replace(
        frame,
        codes=[frame.codes[n] for n in kept],
        marks=[frame.marks[n] for n in kept],
        features=frame.features[kept],
        labels=frame.labels[kept],
        status=frame.status[kept],
        given=frame.given[kept],
    )


__all__ = ["MASKED", "collate", "shuffled", "thinned"]

"""Windows in; how likely each type and status is for every pair, weighed by the shipped model, out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from pipeline.events.features import RULES, Array, Describer
from pipeline.events.tensors import Place, arrays
from pipeline.events.windows import Framer, Mark, Window
from pipeline.shipped import require_shipped

SHIPPED = Path(__file__).parent / "model"
_FILES = ("relations.onnx", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Scored:
    """A window with what the model thinks of it."""

    window: Window
    types: npt.NDArray[np.float32]
    """(pairs, 2, types), calibrated chance that the core tells it."""
    statuses: npt.NDArray[np.float32]
    """(pairs, 2, types, statuses), adding up to 1."""


@dataclass(frozen=True, slots=True)
class _Framed:
    tokens: tuple[int, ...]
    parts: tuple[int, ...]
    marks: list[list[list[Place]]]
    features: Array


class Relations:
    """The model; one window at a time, so that what comes out does not depend on what else is read."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        if folder == SHIPPED:
            require_shipped("pipeline/events/model")
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        for name in _FILES:
            _check(folder / name, card["sha256"][name])
        self.version: str = card["version"]
        self.settings: Mapping[str, Any] = card["settings"]
        self._slope, self._shift = card["settings"]["calibration"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "relations.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [item.name for item in self._session.get_inputs()]
        self.framer = Framer(Tokenizer.from_file(str(folder / "tokenizer.json")))

    def score(self, window: Window, describer: Describer) -> Scored:
        """Weigh every pair of one window."""
        types, statuses, _ = self._run(window, describer)
        return Scored(window, self._chance(types), _shares(statuses))

    def given(self, window: Window, describer: Describer) -> Array:
        """Logits of types where an event is taken for granted: (pairs, 2, types)."""
        return self._run(window, describer)[2]

    def _run(self, window: Window, describer: Describer) -> tuple[Array, Array, Array]:
        marks = [[[place_of_mark(mark) for mark in side] for side in pair.marks] for pair in window.pairs]
        framed = _Framed(window.tokens, window.parts, marks, describer.describe(window))
        given = arrays([framed])
        types, statuses, known = self._session.run(None, {name: given[name] for name in self._inputs})
        return types, statuses, known

    def _chance(self, logits: Array) -> Array:
        """Calibrated: a straight line through the logits, fitted on texts not trained on."""
        return np.asarray(1 / (1 + np.exp(-(self._slope * logits + self._shift))), dtype=np.float32)


def place_of_mark(mark: Mark) -> Place:
    """A mark as numbers."""
    rule = mark.mention.rule if mark.mention.rule in RULES else "other"
    return mark.first, mark.last, mark.part, RULES.index(rule)


def _shares(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    grown = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(grown / grown.sum(-1, keepdims=True), dtype=np.float32)


def _check(path: Path, expected: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise ValueError(f"{path} is not the file that model.json names (sha256 {found}); install it again")

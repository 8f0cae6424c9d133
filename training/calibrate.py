"""Scores of texts not trained on, with their gold, in; calibration and thresholds out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from pipeline.contract.event import SYMMETRIC, Status
from pipeline.events.features import STATUSES, TYPES
from training.frames import exploded

_COUNTING = (Status.OCCURRED, Status.INTENDED)
_STEPS = np.arange(0.2, 0.9, 0.02)


def calibrated(
    scored: Iterable[tuple[Any, Any, Any]], rows: Sequence[dict[str, Any]], least_precision: float
) -> dict[str, Any]:
    """The shipped settings: a line through the logits, and the chance from which a type is told.

    The threshold is the one of best F1 among those with the wanted precision on these texts.
    """
    found = _by_document(scored)
    logits, right, gold = _judged(found, rows)
    slope, shift = _line(logits, right)
    chance = 1 / (1 + np.exp(-(slope * logits + shift)))
    best = (0.0, 0.5)
    for least in _STEPS:
        told = chance >= least
        hits = float(right[told].sum())
        precision, recall = hits / max(1, told.sum()), hits / max(1, gold)
        score = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"from {least:.2f}: precision {precision:.3f} recall {recall:.3f} F1 {score:.3f}")
        if precision >= least_precision and score > best[0]:
            best = (score, float(least))
    return {"calibration": [slope, shift], "least": {kind.value: round(best[1], 2) for kind in TYPES}}


Key = tuple[str, str, str]


def _by_document(scored: Iterable[tuple[Any, Any, Any]]) -> dict[str, dict[Key, tuple[float, Status]]]:
    """document → (source, type, target) → best logit with its status."""
    found: dict[str, dict[Key, tuple[float, Status]]] = {}
    for frame, types, statuses in scored:
        own = found.setdefault(frame.doc_id, {})
        for n, codes in enumerate(frame.codes):
            for k, kind in enumerate(TYPES):
                for way in (0, 1):
                    source, target = codes if way == 0 else codes[::-1]
                    logit = float(types[n, way, k])
                    if kind in SYMMETRIC:
                        source, target = sorted(codes)
                        logit = float(types[n, :, k].mean())
                    key = (source, kind.value, target)
                    if key not in own or own[key][0] < logit:
                        own[key] = (logit, STATUSES[int(statuses[n, way, k].argmax())])
    return found


def _judged(
    found: dict[str, dict[Key, tuple[float, Status]]], rows: Sequence[dict[str, Any]]
) -> tuple[Any, Any, int]:
    """Logits and whether gold has them, the unsure left out; and how many sure ones gold has."""
    logits, right, total = [], [], 0
    for row in rows:
        sure: dict[Key, bool] = {}
        for source, target, event in exploded(row["events"]):
            if event.get("status", "occurred") not in _COUNTING:
                continue
            pair = sorted((source, target)) if event["type"] in SYMMETRIC else (source, target)
            key = (pair[0], event["type"], pair[1])
            sure[key] = sure.get(key, False) or bool(event.get("sure", True))
        total += sum(sure.values())
        for key, (logit, status) in found.get(str(row["doc_id"]), {}).items():
            if status in _COUNTING and sure.get(key, True):
                logits.append(logit)
                right.append(key in sure)
    return np.array(logits), np.array(right, dtype=float), total


def _line(logits: Any, right: Any) -> tuple[float, float]:
    """Logistic regression of one variable (Platt 1999)."""

    def loss(line: Any) -> float:
        score = line[0] * logits + line[1]
        return float((np.logaddexp(0, score) - right * score).mean())

    slope, shift = minimize(loss, x0=(1.0, 0.0), method="Nelder-Mead").x
    return float(slope), float(shift)

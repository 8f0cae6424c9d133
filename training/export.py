"""A trained model in; the files that ship out: int8 ONNX, tokenizer, and a card with their checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from scipy.special import softmax
from torch import nn

from pipeline.events.tensors import arrays
from training.batches import collate
from training.frames import Frame
from training.model import Relations

_TEXT = (
    "tokens",
    "parts",
    "cover",
    "mask",
    "roles",
    "rules",
    "places",
    "mark_parts",
    "is_mark",
    "mark_features",
)
_PAIRS = ("forward", "backward", "ones", "others", "ones_share", "others_share", "features")
INPUTS = _TEXT + _PAIRS


class _Flat(nn.Module):
    """The model with one argument an array, as the exporter wants it."""

    def __init__(self, model: Relations) -> None:
        super().__init__()
        self.model = model

    def forward(self, *given: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.model(dict(zip(INPUTS, given, strict=True)))


def export(model: Relations, example: Frame, tokenizer: str, folder: Path) -> None:
    """Write the network and its tokenizer as they ship; `seal` adds the card."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "whole.onnx"
    given = collate([example])
    axes: dict[str, dict[int, str]] = {}
    for name in INPUTS:
        if name in _PAIRS:
            axes[name] = {0: "pairs"}
        else:
            axes[name] = {1: "text" if name in ("tokens", "parts") else "marks"}
    axes["cover"] = {1: "marks", 2: "text"}
    axes["mask"] = {1: "all", 2: "all_"}
    torch.onnx.export(
        _Flat(model.eval()), tuple(given[name] for name in INPUTS), str(whole), input_names=list(INPUTS),
        output_names=["types", "statuses", "given"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    kept = [node.name for node in onnx.load(whole).graph.node if _precise(node.name)]
    quantize_dynamic(
        whole, folder / "relations.onnx", weight_type=QuantType.QInt8, per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"], nodes_to_exclude=kept,
    )  # fmt: skip
    whole.unlink()
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")


def shipped_scores(folder: Path, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Any, Any]]:
    """Each frame with what the shipped network gives: logits of types, shares of statuses."""
    session = onnxruntime.InferenceSession(str(folder / "relations.onnx"), providers=["CPUExecutionProvider"])
    for frame in frames:
        given = arrays([frame])
        types, statuses, _ = session.run(None, {item.name: given[item.name] for item in session.get_inputs()})
        yield frame, types, softmax(statuses, axis=-1)


def seal(folder: Path, card: dict[str, Any]) -> None:
    """Write model.json: `card` (version and settings) and the checksums of what lies beside it."""
    sums = {name: _sum(folder / name) for name in ("relations.onnx", "tokenizer.json")}
    text = json.dumps({**card, "sha256": sums}, indent=1, sort_keys=True) + "\n"
    (folder / "model.json").write_text(text, encoding="utf-8")


def _precise(node: str) -> bool:
    """Tell whether a step stays in full precision: what is small and decides much."""
    return "layers" not in node and "/word/" not in node


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

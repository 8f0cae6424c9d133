"""The relation model: a small encoder over a window's text, and markers that read it for each pair.

How windows become arrays is told in `pipeline.events.tensors`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from pipeline.events.features import RULES, STATUSES, TYPES, WIDTH

PARTS = 4
ROLES = 4


class Block(nn.Module):
    """One transformer layer, named as in the published weights."""

    def __init__(self, size: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.looks = nn.Linear(size, 3 * size)
        """Queries, keys and values."""
        self.out = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size, eps=1e-12)
        self.up, self.down = nn.Linear(size, inner), nn.Linear(inner, size)
        self.last = nn.LayerNorm(size, eps=1e-12)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """x (windows, tokens, size); mask (windows, tokens, tokens), 0 or very negative."""
        shape = (*x.shape[:2], 3, self.heads, -1)
        q, k, v = self.looks(x).view(shape).permute(2, 0, 3, 1, 4)
        weights = ((q / q.shape[-1] ** 0.5) @ k.transpose(-1, -2) + mask[:, None].to(q.dtype)).softmax(-1)
        mixed = (weights.to(v.dtype) @ v).transpose(1, 2).reshape(x.shape)
        x = self.norm(x + self.out(mixed))
        return self.last(x + self.drop(self.down(functional.gelu(self.up(x)))))


class Relations(nn.Module):
    """Scores of types and statuses for both directions of every pair of a window."""

    def __init__(
        self, words: int, size: int = 384, layers: int = 6, heads: int = 12, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.word = nn.Embedding(words, size)
        self.place = nn.Embedding(512, size)
        self.segment = nn.Embedding(2, size)
        self.norm = nn.LayerNorm(size, eps=1e-12)
        self.part = nn.Embedding(PARTS, size)
        self.role = nn.Embedding(ROLES, size)
        self.rule = nn.Embedding(len(RULES), size)
        self.told = nn.Linear(WIDTH, size)
        for table in (self.part, self.rule):
            nn.init.zeros_(table.weight)
        nn.init.normal_(self.role.weight, std=0.05)
        nn.init.normal_(self.told.weight, std=0.01)
        self.layers = nn.ModuleList(Block(size, heads, 4 * size, dropout) for _ in range(layers))
        self.drop = nn.Dropout(dropout)
        self.hidden = nn.Linear(3 * size + WIDTH, size)
        self.kinds = nn.Linear(size, len(TYPES))
        self.given = nn.Linear(size, len(TYPES))
        self.statuses = nn.Linear(size, len(STATUSES))
        self.status_of_type = nn.Parameter(torch.zeros(len(TYPES), len(STATUSES)))
        nn.init.constant_(self.kinds.bias, -3.0)

    def forward(self, b: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Arrays as of `pipeline.events.tensors` in; logits out.

        Types (pairs, 2, types), each for itself; statuses (pairs, 2, types, 5); and types (pairs, 2, types)
        against each other, for pairs of which it is known that one does something to the other.
        """
        word = self.word(b["tokens"])
        text = word + self.place.weight[: word.shape[1]] + self.part(b["parts"])
        spans = b["cover"].to(word.dtype) @ word
        marks = spans + self.role(b["roles"]) + self.rule(b["rules"]) * b["is_mark"][..., None]
        marks = marks + self.place(b["places"]) + self.part(b["mark_parts"]) * b["is_mark"][..., None]
        marks = marks + self.told(b["mark_features"])
        x = self.drop(self.norm(torch.cat([text, marks], 1) + self.segment.weight[0]))
        for layer in self.layers:
            x = layer(x, b["mask"])
        seen = x[:, word.shape[1] :]
        flat = seen.reshape(-1, x.shape[-1])
        forward, backward = flat[b["forward"]], flat[b["backward"]]
        one = (flat[b["ones"]] * b["ones_share"][..., None]).sum(1)
        other = (flat[b["others"]] * b["others_share"][..., None]).sum(1)
        ways = torch.stack([torch.cat([forward, one, other], -1), torch.cat([backward, other, one], -1)], 1)
        hidden = self.drop(functional.gelu(self.hidden(self.drop(torch.cat([ways, b["features"]], -1)))))
        status = self.statuses(hidden)[:, :, None, :] + self.status_of_type
        return self.kinds(hidden), status, self.given(hidden)


def published_weights(model: Relations, weights: dict[str, Any]) -> None:
    """Fill the encoder from a BERT checkpoint's tensors."""
    e = "embeddings."
    names = {"word.weight": e + "word_embeddings.weight", "place.weight": e + "position_embeddings.weight",
             "segment.weight": e + "token_type_embeddings.weight",
             "norm.weight": e + "LayerNorm.weight", "norm.bias": e + "LayerNorm.bias"}  # fmt: skip
    inner = {"out": "attention.output.dense", "norm": "attention.output.LayerNorm",
             "up": "intermediate.dense", "down": "output.dense", "last": "output.LayerNorm"}  # fmt: skip
    for n in range(len(model.layers)):
        for ours, theirs in inner.items():
            for kind in ("weight", "bias"):
                names[f"layers.{n}.{ours}.{kind}"] = f"encoder.layer.{n}.{theirs}.{kind}"
    found = {ours: weights[theirs] for ours, theirs in names.items()}
    for n in range(len(model.layers)):
        for kind in ("weight", "bias"):
            parts = (f"encoder.layer.{n}.attention.self.{part}.{kind}" for part in ("query", "key", "value"))
            found[f"layers.{n}.looks.{kind}"] = torch.cat([weights[part] for part in parts])
    missing = model.load_state_dict(found, strict=False)
    assert not missing.unexpected_keys

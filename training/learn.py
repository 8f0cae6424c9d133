"""Frames in; a trained model out."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from training.batches import collate, shuffled
from training.frames import MASKED, Frame
from training.model import Relations, published_weights

_SHAPES = 16
_SHARE_OF_STATUS = 0.3


@dataclass(frozen=True)
class Recipe:
    """How to train."""

    epochs: int = 4
    windows: int = 24
    """Windows a batch."""
    pairs: int = 7
    """Pairs kept of a window, those told of first."""
    encoder_rate: float = 1.2e-4
    head_rate: float = 1e-3
    decay: float = 0.01
    warmup: float = 0.1
    seed: int = 0


def learn(frames: Sequence[Frame], weights: dict[str, Any], words: int, recipe: Recipe) -> Relations:
    """Fine-tune the published encoder, its word embeddings frozen, on some frames."""
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    model = Relations(words)
    published_weights(model, weights)
    model.word.weight.requires_grad_(False)
    optimiser = _optimiser(model, recipe)
    steps = recipe.epochs * (len(frames) // recipe.windows + 1)
    warm = max(1, int(steps * recipe.warmup))
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1.0, (n + 1) / warm) * max(0.0, (steps - n) / steps)
    )
    for epoch in range(recipe.epochs):
        start, total, count = time.monotonic(), 0.0, 0
        model.train()
        for batch in shuffled(frames, recipe.windows, recipe.pairs, rng):
            given = collate(batch, _SHAPES)
            with torch.autocast("cpu", torch.bfloat16):
                types, statuses, known = model(given)
            loss = _loss(types.float(), statuses.float(), known.float(), given) / len(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            plan.step()
            total, count = total + loss.item(), count + 1
        print(f"epoch {epoch + 1}: loss {total / count:.3f}, {time.monotonic() - start:.0f} s", flush=True)
    return model.eval()


def _optimiser(model: Relations, recipe: Recipe) -> torch.optim.Optimizer:
    encoder, head = [], []
    for name, values in model.named_parameters():
        if values.requires_grad:
            (encoder if name.startswith(("layers", "norm", "place")) else head).append(values)
    return torch.optim.AdamW(
        [{"params": encoder, "lr": recipe.encoder_rate}, {"params": head, "lr": recipe.head_rate}],
        weight_decay=recipe.decay,
    )


def _loss(
    types: torch.Tensor, statuses: torch.Tensor, given: torch.Tensor, b: dict[str, torch.Tensor]
) -> torch.Tensor:
    """Types each for itself where labelled; the type against others where told; its status where known."""
    labels, open_ = b["labels"].clamp(min=0).float(), b["labels"] != MASKED
    told = functional.binary_cross_entropy_with_logits(types, labels, reduction="none")[open_].sum()
    kind = functional.cross_entropy(
        given.flatten(0, 1), b["given"].flatten(), ignore_index=MASKED, reduction="none"
    )
    kind = (kind * b["weight"].flatten()).sum()
    status = functional.cross_entropy(
        statuses.flatten(0, 2), b["status"].flatten(), ignore_index=MASKED, reduction="sum"
    )
    return told + kind + _SHARE_OF_STATUS * status

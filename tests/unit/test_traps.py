"""Texts that report no state-level event: how many events the coder sees in them.

`traps_fresh` was written after the rules, with other words and countries,
and seen once before they were mended.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.cli.extract import document_article
from pipeline.contract.event import Status

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

GOLDEN = Path(__file__).parents[1] / "golden"
COUNTING = (Status.OCCURRED, Status.INTENDED)
LIMIT = 5
"""Events that may be seen in a hundred such texts."""


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / name).read_text(encoding="utf-8").splitlines()]


def told(coder: Coder, row: dict[str, str]) -> list[str]:
    published = datetime.fromisoformat(row["published"])
    article = document_article(row["id"], row["title"], row["text"], published, "", row["source"], None)
    return [
        f"{row['id']}: {event.source.code} {event.type} {event.target.code} {event.status} "
        f"{event.confidence:.2f}: {event.evidence.sentence}"
        for event in coder.extract(article).events
        if event.status in COUNTING
    ]


def test_there_are_enough_of_each_kind() -> None:
    traps = rows("traps.jsonl")
    kinds = [row["kind"] for row in traps]
    assert len(traps) == len({row["id"] for row in traps}) == 200
    assert all(12 <= kinds.count(kind) <= 20 for kind in set(kinds))


@pytest.mark.parametrize("name", ["traps.jsonl", "traps_fresh.jsonl"])
def test_traps_give_hardly_any_event(coder: Coder, name: str) -> None:
    found = [line for row in rows(name) for line in told(coder, row)]
    assert len(found) <= LIMIT * len(rows(name)) / 100, "\n" + "\n".join(found)

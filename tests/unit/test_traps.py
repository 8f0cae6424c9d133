"""Two hundred texts that report no state-level event: how many events the coder sees in them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.extract import document_article
from pipeline.contract.event import Status

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

TRAPS = Path(__file__).parents[1] / "golden/traps.jsonl"
COUNTING = (Status.OCCURRED, Status.INTENDED)
LIMIT = 5
"""Events that may be seen in a hundred such texts."""

ROWS = [json.loads(line) for line in TRAPS.read_text(encoding="utf-8").splitlines()]


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
    kinds = [row["kind"] for row in ROWS]
    assert len(ROWS) == len({row["id"] for row in ROWS}) == 200
    assert all(12 <= kinds.count(kind) <= 20 for kind in set(kinds))


def test_traps_give_hardly_any_event(coder: Coder) -> None:
    found = [line for row in ROWS for line in told(coder, row)]
    assert len(found) <= LIMIT * len(ROWS) / 100, "\n" + "\n".join(found)

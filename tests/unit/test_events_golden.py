"""The seed dispatch: its happenings exactly, and what the ledger makes of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
import pytest

from pipeline.contract.event import Event, Status
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import entry_of
from pipeline.metrics.params import MetricParams
from tests.unit.test_events_extract import article

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

ROOT = Path(__file__).parents[2]
SEED = "meridian-wire:b-seed"
PUBLISHED = datetime(2024, 3, 21, 18, 30, tzinfo=UTC)
COUNTING = (Status.OCCURRED, Status.INTENDED)
TONES = {"PRK|RUS": 0.3562, "IRN|RUS": 0.25, "CHN|RUS": 0.1176, "RUS|USA": -0.1176, "CHN|USA": -0.1176}
"""METRICS.md section 6: no decay, every weight 1, kappa 15."""


@pytest.fixture(scope="module")
def seed(coder: Coder) -> tuple[Event, ...]:
    feed = feedparser.parse((ROOT / "pipeline/samples/meridian-wire.xml").read_bytes())
    (entry,) = (e for e in feed.entries if e.id == SEED)
    item = article(entry.summary, entry.title, published_at=PUBLISHED)
    return coder.extract(item).events


def told(event: Event) -> tuple[str, str, str, float, str | None, str | None]:
    day = event.occurred_on.isoformat() if event.date_rule not in ("published", "vague", "none") else None
    place = event.place.country if event.place else None
    return (event.source.code, str(event.type), event.target.code, event.goldstein, day, place)


def test_its_happenings(seed: tuple[Event, ...]) -> None:
    assert sorted((told(e) for e in seed if e.status in COUNTING), key=str) == [
        ("CHN", "ACCUSE", "USA", -2.0, "2024-03-19", "RUS"),
        ("IRN", "AGREE", "RUS", 4.0, None, None),
        ("IRN", "CONSULT", "RUS", 1.0, None, None),
        ("PRK", "AID", "RUS", 8.3, None, None),
        ("RUS", "ACCUSE", "USA", -2.0, "2024-03-19", "RUS"),
        ("RUS", "CONSULT", "CHN", 1.0, "2024-03-19", "RUS"),
        ("RUS", "CONSULT", "CHN", 1.0, None, "CHN"),
    ]
    (aid,) = (e for e in seed if e.type == "AID" and e.status in COUNTING)
    assert (aid.mode, aid.status) == ("military", Status.OCCURRED)


def test_they_are_those_of_its_gold(seed: tuple[Event, ...]) -> None:
    lines = (ROOT / "tests/golden/samples.jsonl").read_text(encoding="utf-8").splitlines()
    (gold,) = (row for row in map(json.loads, lines) if row["doc_id"] == SEED)
    wanted = sorted(
        (e["source"], e["type"], e["target"], str(e["place"]))
        for e in gold["events"]
        if e["status"] == "occurred"
    )
    assert sorted((*told(e)[:3], str(told(e)[5])) for e in seed if e.status in COUNTING) == wanted


def tones(events: list[Event]) -> dict[str, float]:
    found = recompute(map(entry_of, events), (), MetricParams(), as_of=datetime(2024, 3, 22, tzinfo=UTC))
    return {dyad.dyad: dyad.tone for dyad in found.dyads if dyad.view == "w7d"}


def test_sure_events_give_the_worked_example(seed: tuple[Event, ...]) -> None:
    sure = tones([event.model_copy(update={"confidence": 1.0}) for event in seed])
    assert sure == pytest.approx(TONES, abs=5e-5)


def test_real_confidences_keep_its_dyads_and_signs(seed: tuple[Event, ...]) -> None:
    real = tones(list(seed))
    assert set(real) == set(TONES)
    for dyad, tone in TONES.items():
        assert 0 < real[dyad] / tone < 1

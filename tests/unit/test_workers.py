"""Limits and marks of the workers."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline import telemetry
from pipeline.contract.errors import DeadLetterLimitError
from pipeline.workers.deadletters import DeadLetterLimit


def test_a_flood_of_dead_letters_stops_a_worker() -> None:
    limit = DeadLetterLimit(window=100, share=0.5)
    limit.count(read=200, dead=101)
    with pytest.raises(DeadLetterLimitError, match="look at the dead letters"):
        limit.check()


def test_a_few_dead_letters_or_too_few_records_do_not() -> None:
    limit = DeadLetterLimit(window=100, share=0.5)
    limit.count(read=50, dead=50)
    limit.check()
    limit.count(read=2000, dead=500)
    limit.check()


def test_old_dead_letters_are_forgotten() -> None:
    limit = DeadLetterLimit(window=100, share=0.5)
    limit.count(read=99, dead=99)
    limit.count(read=100, dead=0)
    limit.count(read=100, dead=0)
    limit.check()


def test_health_is_the_age_of_a_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "health_folder", lambda: tmp_path / "health")
    assert telemetry.unhealthy(60) == "no worker has marked itself alive here"
    telemetry.beat("poller")
    assert telemetry.unhealthy(60) is None
    assert telemetry.unhealthy(60, "extractor")
    old = time.time() - 100
    os.utime(tmp_path / "health" / "poller", (old, old))
    assert "100 s ago" in (telemetry.unhealthy(60) or "")

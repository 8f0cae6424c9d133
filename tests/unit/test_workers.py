"""Limits and marks of the workers."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline import telemetry
from pipeline.contract.errors import DeadLetterLimitError
from pipeline.settings import DeadLetterSettings
from pipeline.workers.deadletters import DeadLetterLimit


def limit() -> DeadLetterLimit:
    """More than half of 100 records, and no fewer than 50 bad ones."""
    return DeadLetterLimit("tested", DeadLetterSettings(window=100, share=0.5, least=50))


def test_a_flood_of_dead_letters_stops_a_worker() -> None:
    flooded = limit()
    flooded.count(read=200, dead=101)
    with pytest.raises(DeadLetterLimitError, match="101 of the last 200 records were bad"):
        flooded.check()
    assert telemetry.DEAD_LETTER_SHARE.labels("tested")._value.get() == 101 / 200


def test_nothing_but_dead_letters_stops_it_before_the_window_is_full() -> None:
    flooded = limit()
    flooded.count(read=49, dead=49)
    flooded.check()
    flooded.count(read=1, dead=1)
    with pytest.raises(DeadLetterLimitError):
        flooded.check()


def test_just_the_share_does_not() -> None:
    sound = limit()
    sound.count(read=200, dead=100)
    sound.check()
    sound.count(read=2000, dead=500)
    sound.check()


def test_one_bad_record_in_a_hundred_never_does() -> None:
    sound = DeadLetterLimit("tested", DeadLetterSettings())
    for _ in range(1000):
        sound.count(read=100, dead=1)
        sound.check()


def test_old_dead_letters_are_forgotten() -> None:
    sound = limit()
    sound.count(read=99, dead=99)
    sound.count(read=100, dead=0)
    sound.count(read=100, dead=0)
    sound.check()


def test_health_is_the_age_of_a_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "health_folder", lambda: tmp_path / "health")
    assert telemetry.unhealthy(60) == "no worker has marked itself alive here"
    telemetry.beat("poller")
    assert telemetry.unhealthy(60) is None
    assert telemetry.unhealthy(60, "extractor")
    old = time.time() - 100
    os.utime(tmp_path / "health" / "poller", (old, old))
    assert "100 s ago" in (telemetry.unhealthy(60) or "")

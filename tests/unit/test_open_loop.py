"""The benchmarks' own instruments: a sender that keeps its plan, a queue's slope, a page of medians."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.openloop import send_at
from benchmarks.watching import Watched, family, processor_s, resident_mb


def test_latency_counts_from_the_plan_also_where_a_receiver_dawdles() -> None:
    sent: list[float] = []

    def slow(_key: str, _value: bytes) -> None:
        sent.append(time.time())
        time.sleep(0.05)

    sending = send_at(100.0, [(str(n), b"") for n in range(10)], slow, threading.Event())
    moments = list(sending.planned.values())
    assert moments == pytest.approx([moments[0] + n / 100 for n in range(10)])
    assert sent[-1] - moments[-1] > 0.3
    assert sending.latest_s == pytest.approx(sent[-1] - moments[-1], abs=0.05)


def test_a_sender_that_is_told_to_stop_stops() -> None:
    stop = threading.Event()
    sending = send_at(1.0, [(str(n), b"") for n in range(60)], lambda *_: stop.set(), stop)
    assert list(sending.planned) == ["0"]


def test_the_slope_of_a_queue_is_that_of_its_last_minute() -> None:
    seen = Watched(waiting=[(float(s), 10 * s if s < 100 else 1000 - 3 * (s - 100)) for s in range(200)])
    assert seen.slope(60) == pytest.approx(-3.0)
    assert Watched(waiting=[(0.0, 1)]).slope() == 0.0


def test_a_process_is_seen_with_its_children() -> None:
    assert os.getpid() in family(os.getpid())
    assert processor_s(os.getpid()) > 0
    assert resident_mb(os.getpid()) > 10


def test_the_page_tells_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BENCH", tmp_path)
    monkeypatch.setattr(report, "PAGE", tmp_path / "page.md")
    (tmp_path / "extraction.json").write_text(json.dumps({"articles/s": [9.0, 10.0, 11.0]}))
    (tmp_path / "endtoend.json").write_text(json.dumps({"12": {"articles lost": [0.0, 0.0, 0.0]}}))
    assert report.main() == 0
    text = (tmp_path / "page.md").read_text()
    assert "| articles/s | 10.0 | 9.00 to 11.0 |" in text
    assert "| 5,000,000 | 57.9 | 9 |" in text
    assert "**12 articles/s planned**" in text
    assert "| extractor, articles/s a core | at least 60 | 10.0 | not reached |" in text
    assert "faust" not in text.lower(), "what was not measured is not told"

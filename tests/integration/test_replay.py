"""The first of the recorded polls through Kafka; all 1,849 with `make replay-polls`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.replay_polls import replay, unpacked
from tests.kafka_pipeline import KafkaPipeline


@pytest.mark.kafka
@pytest.mark.shared
@pytest.mark.slow
def test_recorded_polls_lose_and_double_nothing_and_equal_recompute_and_the_embedded_run(
    broker: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unpacked(shared / "feeds/state_gov/polls.tar.zst", tmp_path / "polls")
    files = sorted(path for path in folder.rglob("*") if path.is_file())[:100]
    with KafkaPipeline(broker, tmp_path / "kafka") as pipeline:
        code = replay(files, pipeline, tmp_path)
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert "lost 0, faults 0" in printed
    assert "agree byte for byte" in printed

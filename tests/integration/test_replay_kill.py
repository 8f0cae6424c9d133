"""A poller that is killed publishes what an undisturbed one does; with 50 kills: `make replay-kill`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.replay_kill import replay
from benchmarks.replay_polls import unpacked


@pytest.mark.shared
@pytest.mark.slow
def test_five_kills_change_no_article(shared: Path, tmp_path: Path) -> None:
    folder = unpacked(shared / "feeds/state_gov/polls.tar.zst", tmp_path / "polls")
    files = sorted(path for path in folder.rglob("*") if path.is_file())[:80]
    calm = replay(files, tmp_path / "calm")
    rough = replay(files, tmp_path / "rough", 5, 3, calm.seconds_a_poll)
    assert rough.kills == 5
    assert len(calm.articles) == len(set(calm.articles)) > 60
    assert rough.distinct == calm.articles

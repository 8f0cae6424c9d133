"""The table of `watch`: a line a key, the newest value, deletions, and what cannot be read."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from pipeline.cli.board import HEADS, Board, follow
from pipeline.contract.codec import encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.topics import DYADS, METRICS
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.outputs import Outputs
from pipeline.metrics.rows import read_rows
from pipeline.settings import Settings


@pytest.fixture(scope="module")
def outputs(settings: Settings) -> Outputs:
    lines = ["date,source,target,goldstein", "2024-03-01,RUS,CHN,6.4", "2024-03-02,USA,RUS,-5"]
    entries, faults = read_rows(iter(line + "\n" for line in lines))
    assert not faults
    return recompute(entries, settings.coalitions, settings.pipeline.metrics, "test")


def _records(outputs: Outputs, what: str) -> list[tuple[bytes, bytes]]:
    topic = {"metrics": METRICS, "dyads": DYADS}[what]
    return [(k.encode(), encode(r)) for t, k, r in outputs.records() if t is topic and r is not None]


@pytest.mark.parametrize(("what", "named"), [("metrics", "axis"), ("dyads", "CHN|RUS")])
def test_records_become_a_line_a_key(outputs: Outputs, what: str, named: str) -> None:
    board = Board(what)
    records = _records(outputs, what)
    for key, value in records * 2:
        board.take(key, value)
    names = [cells[0] for _, cells in board.rows.values()]
    assert names.count(named) == 1
    assert all(len(cells) == len(HEADS[what]) for _, cells in board.rows.values())
    for key, _ in records:
        board.take(key, b"")
    assert not board.rows


def test_what_cannot_be_read_is_told_and_the_rest_shown(outputs: Outputs) -> None:
    written, told = io.StringIO(), list[str]()
    records = [(b"x", b"\xff"), *_records(outputs, "dyads")]
    follow("dyads", records, Console(file=written, width=110), told.append)
    assert len(told) == 1
    assert "CHN|RUS" in written.getvalue()
    with pytest.raises(BadRecordError):
        Board("metrics").take(b"x", b"{}")

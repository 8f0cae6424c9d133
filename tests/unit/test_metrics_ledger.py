"""Cells are exact: what is taken back leaves nothing, what comes twice counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.contract.event import EventType
from pipeline.metrics.entry import entry_of
from pipeline.metrics.ledger import Cell, Ledger
from pipeline.metrics.params import MetricParams
from tests.strategies import make_event


def ledger() -> Ledger:
    return Ledger(MetricParams())


def test_a_cell_holds_counts_masses_and_squares() -> None:
    found = ledger()
    found.fold(entry_of(make_event("RUS", "USA", EventType.ACCUSE, -2.0)))
    found.fold(entry_of(make_event("RUS", "USA", EventType.AID, 8.3)))
    found.fold(entry_of(make_event("USA", "RUS", EventType.REJECT, -4.0)))
    found.fold(entry_of(make_event("USA", "RUS", EventType.CONSULT, 1.0)))
    found.settle()
    bucket = entry_of(make_event()).bucket
    assert found.cells("RUS|USA") == {
        (bucket, ">"): Cell(2, 8_300_000, 2_000_000, 68_890_000, 4_000_000),  # 8.3² = 68.89, 2² = 4
        (bucket, "<"): Cell(1, 0, 4_000_000, 0, 16_000_000),
        (bucket, "="): Cell(1, 1_000_000, 0, 1_000_000, 0),
    }


def test_assert_and_retract_leave_nothing() -> None:
    found, entry = ledger(), entry_of(make_event())
    found.fold(entry)
    found.settle()
    found.fold(replace(entry, revision=2, retracted=True))
    found.settle()
    assert found.cells(entry.dyad) == {}
    assert found.contributions(entry.dyad) == []
    assert len(found) == 1


def test_a_repeat_and_an_old_revision_tell_nothing_new() -> None:
    found, old = ledger(), entry_of(make_event(event_id="a" * 32))
    new = entry_of(make_event(event_id="a" * 32, revision=2, goldstein=-4.0))
    assert found.fold(old)
    assert not found.fold(old)
    assert found.fold(new)
    assert not found.fold(old)
    digest = found.digest()
    other = ledger()
    assert other.fold(new)
    assert other.fold(old), "its mark is news"
    assert other.digest() == digest


def test_a_correction_may_move_an_event_to_another_day() -> None:
    found = ledger()
    found.fold(entry_of(make_event(event_id="a" * 32)))
    found.settle()
    moved = entry_of(make_event(event_id="a" * 32, revision=2, occurred_on=date(2024, 3, 19)))
    found.fold(moved)
    found.settle()
    assert list(found.cells("RUS|USA")) == [(moved.bucket, ">")]


def test_one_id_in_two_dyads_is_two_events() -> None:
    found = ledger()
    found.fold(entry_of(make_event("RUS", "USA", event_id="a" * 32)))
    found.fold(entry_of(make_event("RUS", "CHN", event_id="a" * 32)))
    assert len(found) == 2


def test_cells_are_not_read_while_entries_wait() -> None:
    found = ledger()
    found.fold(entry_of(make_event()))
    with pytest.raises(ValueError, match="settle"):
        found.cells("RUS|USA")


def test_an_empty_ledger_has_a_digest_and_nothing_else() -> None:
    assert ledger().digest() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (len(ledger()), ledger().dyads, ledger().dropped) == (0, [], 0)


def test_an_event_older_than_the_retention_is_dropped_not_lost() -> None:
    found = ledger()
    found.fold(entry_of(make_event(occurred_on=date(2020, 1, 1))))
    found.settle()
    assert (len(found), found.dropped, found.cells("RUS|USA")) == (1, 1, {})

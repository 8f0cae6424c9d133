"""The oracle accuses nobody falsely, and sees every record that was lost, doubled, exchanged or altered."""

from __future__ import annotations

from pipeline.events.extract import Coder
from pipeline.settings import Settings
from tests.chaos.oracle import CHECKS
from tests.chaos.standard import Standard
from tests.chaos.table import caught


def test_every_mutation_is_seen_and_every_check_is_needed(rules: Coder, settings: Settings) -> None:
    found = caught(Standard(rules, settings))
    assert found.pop("none") == []
    assert len(found) > 80
    assert {name for name, checks in found.items() if not checks} == set()
    assert {check for checks in found.values() for check in checks} == set(CHECKS)

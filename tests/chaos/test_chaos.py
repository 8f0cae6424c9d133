"""A few runs with fixed seeds, one a family; many with `make chaos`."""

from __future__ import annotations

import pytest

from pipeline.events.extract import Coder
from pipeline.settings import Settings
from tests.chaos.clock import library
from tests.chaos.run import run_seed
from tests.chaos.standard import Standard
from tests.kafka_broker import available

RUNS = [
    (1, "kill"),
    (2, "broker"),
    (5, "network"),
    (7, "frozen"),
    (8, "clock"),
]


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seed", "family"), RUNS)
def test_every_promise_is_kept(seed: int, family: str, coder: Coder, settings: Settings) -> None:
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    if family == "clock" and library() is None:
        pytest.skip("LEFT OUT: no libfaketime to set a clock with (Debian package faketime)")
    told: list[str] = []
    faults = run_seed(seed, Standard(coder, settings), say=told.append)
    assert f"seed {seed}: {family}" in told[0]
    assert faults == {}, "\n".join(told)

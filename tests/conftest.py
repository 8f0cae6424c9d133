"""Shared fixtures: the coder, the broker, the measuring data; and no silent skips where CI runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kafka_broker import Broker, available

if TYPE_CHECKING:
    from pipeline.events.extract import Coder
    from pipeline.settings import Settings

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The configuration of this repository, without the environment."""
    from pipeline.settings import load_settings

    return load_settings(ROOT / "config", {})


@pytest.fixture(scope="session")
def coder(settings: Settings) -> Coder:
    """The coder as every extractor loads it."""
    from pipeline.workers.coder import load_coder

    return load_coder(settings.ontology_overlay)


@pytest.fixture(scope="session")
def rules() -> Coder:
    """The coder's rules alone, without the model."""
    from pipeline.events.extract import Coder
    from pipeline.events.reader import load_reader
    from pipeline.ontology.load import load_ontology

    return Coder(load_ontology(), load_reader())


@pytest.fixture
def broker() -> Iterator[str]:
    """Address of a broker with no topics: a fresh one, or BLOCWATCH_TEST_KAFKA, cleared of all topics."""
    if address := os.environ.get("BLOCWATCH_TEST_KAFKA"):
        clear(address)
        yield address
        return
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with Broker() as running:
        yield running.bootstrap


def clear(address: str) -> None:
    """Delete every topic and group of a broker that is there for tests."""
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        if topics := [name for name in admin.list_topics() if not name.startswith("__")]:
            admin.delete_topics(topics)
        while set(topics) & set(admin.list_topics()):
            time.sleep(0.2)
        for group in admin.list_groups():
            admin.delete_groups([group["group_id"]])
    finally:
        admin.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of measuring data that stands beside a checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"LEFT OUT: the measuring data is not at {SHARED}")
    return SHARED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where BLOCWATCH_NO_SKIP is set, as in CI, a test that was left out has failed."""
    report = yield
    if report.skipped and os.environ.get("BLOCWATCH_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was left out, which is not allowed here: {report.longrepr}"
    return report

"""What `blocwatch demo` leaves, once for all tests that read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import blocwatch


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `blocwatch demo` leaves; only to be read."""
    out = tmp_path_factory.mktemp("demo")
    done = blocwatch("demo", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "axis" in done.stdout
    return out

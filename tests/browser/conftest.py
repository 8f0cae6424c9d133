"""One Chromium for a module's tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; tests that ask for it are marked to be skipped where it cannot run."""
    from tests.browser.chromium import chromium

    with chromium() as running:
        yield running

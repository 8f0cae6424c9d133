"""The tests' own clock."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests import virtual_time


def test_an_hour_passes_at_once_and_exactly() -> None:
    async def wait() -> float:
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(60))
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert virtual_time.run(wait()) == pytest.approx(3600)
    assert time.monotonic() - began < 60


def test_who_waits_for_nothing_is_told() -> None:
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="everybody waits"):
        virtual_time.run(wait())

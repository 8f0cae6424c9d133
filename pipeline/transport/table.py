"""A changelogged table of bytes by bytes, over faust's: durable when `flush` returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import faust

from pipeline.contract.errors import DependencyError

_CHANGELOG_TIMEOUT_S = 60.0


class OnePartitionTable(faust.Table):  # type: ignore[misc]  # faust ships no types
    """A table whose changelog has one partition, so that it can be written between batches of `take`.

    It keeps what the changelog has not acknowledged yet: faust's own flush gives up after a tenth of a
    second without progress, and only logs what could not be delivered.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.unacknowledged: list[asyncio.Future[Any]] = []

    def send_changelog(self, *arguments: Any, **options: Any) -> Any:
        """Send a change, and remember the promise of its acknowledgement."""
        promise = super().send_changelog(*arguments, **options)
        self.unacknowledged.append(promise)
        return promise

    def partition_for_key(self, key: Any) -> int:
        """Every key lies in the only partition; faust would ask for a current event, which a batch lacks."""
        return 0


class Table:
    """Bytes by bytes, kept in memory and in a compacted changelog topic."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def put(self, key: bytes, value: bytes) -> None:
        """Set one value; durable after `flush`."""
        self._table[key] = value

    def get(self, key: bytes) -> bytes | None:
        """Return one value, or None."""
        found: bytes | None = self._table.get(key)
        return found

    def items(self) -> Sequence[tuple[bytes, bytes]]:
        """Return all pairs."""
        return list(self._table.items())

    async def flush(self) -> None:
        """Return once the broker has acknowledged every change; raises DependencyError otherwise."""
        waiting, self._table.unacknowledged = self._table.unacknowledged, []
        try:
            await asyncio.wait_for(asyncio.gather(*waiting), _CHANGELOG_TIMEOUT_S)
        except Exception as error:
            raise DependencyError(f"the changelog did not acknowledge: {error!r}") from error

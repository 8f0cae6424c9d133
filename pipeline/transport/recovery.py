"""faust's recovery of tables, mended: nothing is handed over between recovery and the committed offset.

When a table has been recovered, faust 0.15 lets the input partitions flow, then seeks them to the
committed offset, then empties the streams' queues. What was fetched in between is emptied away while the
consumer already counts it as read, so those records are neither handled nor read again, and the commit
moves past them. Here the flow stands still until faust resumes it, after the seek.

When partitions move twice within seconds, faust drops what its memory holds of a table whose partition was
away for a moment, but still counts the changelog as read so far: the table then lacks what it held. Here
every recovery reads the changelog from its start.
"""

from __future__ import annotations

from typing import Any

from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery


class StandingRecovery(Recovery):  # type: ignore[misc]  # faust ships no types
    """Stops the flow of records before it hands the recovered partitions over."""

    async def on_rebalance(self, assigned: Any, revoked: Any, newly_assigned: Any, *rest: Any) -> None:
        """Forget how far the changelogs were read, whatever the store in memory has kept of them."""
        self.active_offsets.clear()
        self.buffers.clear()
        await super().on_rebalance(assigned, revoked, newly_assigned, *rest)

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Stop the flow; faust seeks, empties the queues and resumes it."""
        self.app.consumer.stop_flow()
        await super().on_recovery_completed(generation_id)


class StandingTables(TableManager):  # type: ignore[misc]
    """faust's tables, recovered by StandingRecovery."""

    _recovery: Recovery | None

    @property
    def recovery(self) -> Any:
        """The service that recovers tables, made on first use."""
        service: Recovery | None = self._recovery
        if service is None:
            service = self._recovery = StandingRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return service

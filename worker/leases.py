"""The claims that this process holds: kept alive together, given up together, and the first to know of a loss."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from fleet.errors import LedgerUnavailableError
from fleet.ledger import AsyncLedger
from fleet.ledger.records import Claim
from fleet.ledger.transitions import extend

_log = structlog.get_logger("leases")

EXTENSIONS_PER_LEASE = 3
"""Two extensions may fail before the lease ends."""


@dataclass(slots=True)
class Held:
    """One claim at work. `is_lost`: another may hold the ticket; `is_recalled`: this process is going down."""

    fence: int
    task: "asyncio.Task[object]"
    is_lost: bool = False
    is_recalled: bool = False


class Leases:
    """Registry of the claims at work in this process. Lives on one event loop."""

    def __init__(self, ledger: AsyncLedger, lease_s: float) -> None:
        self._ledger = ledger
        self.lease_ms = int(lease_s * 1000)
        self.pause_s = lease_s / EXTENSIONS_PER_LEASE
        self._held: dict[str, Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    @contextmanager
    def hold(self, claim: Claim) -> Iterator[Held]:
        """Keep the claim's lease alive while the block runs; on a loss or recall the running task is cancelled."""
        task = asyncio.current_task()
        assert task is not None
        held = Held(claim.fence, task)
        self._held[claim.ticket_id] = held
        try:
            yield held
        finally:
            del self._held[claim.ticket_id]

    async def extend_all(self) -> None:
        """Lengthen every lease in one round trip, and stop the work of those that are lost: it must not spend more."""
        pairs = [(ticket_id, held.fence) for ticket_id, held in self._held.items()]
        if not pairs:
            return
        try:
            kept = await self._ledger.run(extend(pairs, lease_ms=self.lease_ms))
        except LedgerUnavailableError as error:
            _log.warning("leases_not_extended", held=len(pairs), error=str(error))
            return
        for (ticket_id, fence), is_kept in zip(pairs, kept, strict=True):
            held = self._held.get(ticket_id)
            if not is_kept and held is not None and held.fence == fence:
                held.is_lost = True
                held.task.cancel()

    def recall_all(self) -> int:
        """Stop all work so that its tickets can be given back; answers how many there were."""
        for held in self._held.values():
            held.is_recalled = True
            held.task.cancel()
        return len(self._held)

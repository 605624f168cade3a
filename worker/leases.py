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
    """One claim at work. `is_lost`: another may hold the ticket; `is_recalled`: this process is going down.

    `is_recording`: the work is done and paid for, and its write may not be stopped; a stale one is refused anyway.
    """

    task: "asyncio.Task[object]"
    is_lost: bool = False
    is_recalled: bool = False
    is_recording: bool = False

    def stop(self) -> bool:
        """Cancel the work, unless it has come to its write; answers whether it did."""
        return not self.is_recording and self.task.cancel()


class Leases:
    """Registry of the claims at work in this process. Lives on one event loop."""

    def __init__(self, ledger: AsyncLedger, lease_s: float) -> None:
        self._ledger = ledger
        self.lease_ms = int(lease_s * 1000)
        self.pause_s = lease_s / EXTENSIONS_PER_LEASE
        # By id and fence: a lost ticket may come back to this very process while the old work on it still runs.
        self._held: dict[tuple[str, int], Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    @contextmanager
    def hold(self, claim: Claim) -> Iterator[Held]:
        """Keep the claim's lease alive while the block runs; on a loss or recall the running task is cancelled."""
        task = asyncio.current_task()
        assert task is not None
        held = Held(task)
        self._held[claim.ticket_id, claim.fence] = held
        try:
            yield held
        finally:
            del self._held[claim.ticket_id, claim.fence]

    async def extend_all(self) -> None:
        """Lengthen every lease in one round trip, and stop the work of those that are lost: it must not spend more."""
        pairs = list(self._held)
        if not pairs:
            return
        try:
            kept = await self._ledger.run(extend(pairs, lease_ms=self.lease_ms))
        except LedgerUnavailableError as error:
            _log.warning("leases_not_extended", held=len(pairs), error=str(error))
            return
        for pair, is_kept in zip(pairs, kept, strict=True):
            held = self._held.get(pair)
            if not is_kept and held is not None:
                held.is_lost = held.stop()

    def recall_all(self) -> int:
        """Stop all work so that its tickets can be given back; answers how many there were."""
        for held in self._held.values():
            held.is_recalled = held.stop()
        return sum(held.is_recalled for held in self._held.values())

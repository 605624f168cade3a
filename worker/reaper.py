"""The reaper: in every worker, once a second, it finds tickets and deliveries that nobody is looking at."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from fleet.lanes import TRIAGE_QUEUES
from fleet.ledger import AsyncLedger
from fleet.ledger.transitions import due_effects, reap
from fleet.settings import Settings
from worker.metrics import Metrics
from worker.outgoing import Outgoing

_log = structlog.get_logger("reaper")


@dataclass(frozen=True, slots=True)
class Reaper:
    """One pass of it. `empty_queues` asks the broker which of the given queues hold no message."""

    settings: Settings
    ledger: AsyncLedger
    outgoing: Outgoing
    metrics: Metrics
    empty_queues: Callable[[Sequence[str]], list[str]]

    async def reap(self) -> None:
        """Send hints for lost leases, due retries, lost hints and waiting deliveries; safe anywhere, at any time."""
        slack_ms = int(self.settings.hint_slack_s * 1000)
        suspects = await self._queues_with_old_tickets(slack_ms)
        empty = await asyncio.to_thread(self.empty_queues, suspects) if suspects else []
        found = await self.ledger.run(
            reap(slack_ms=slack_ms, max_crashes=self.settings.max_crashes, empty_queues=empty)
        )
        self.metrics.leases_expired.inc(found.expired)
        self.metrics.redispatched.inc(found.lost)
        for _ in range(found.parked):
            self.metrics.parked()
        if found.expired or found.lost or found.parked:
            _log.info("reaped", expired=found.expired, lost=found.lost, parked=found.parked)
        self.outgoing.hints(found.dispatch, found.at_ms)
        waiting: list[str] = await self.ledger.run(due_effects(slack_ms=slack_ms))
        self.outgoing.effects(waiting)

    async def _queues_with_old_tickets(self, slack_ms: int) -> list[str]:
        # Only a queue in which a ticket has been lying for longer than the slack is worth a question to the broker.
        pipe: Any = self.ledger.redis.pipeline(transaction=False)
        pipe.time()
        for queue in TRIAGE_QUEUES:
            pipe.zrange(f"tf:wait:{queue}", 0, 0, withscores=True)
        (seconds, _), *oldest = await pipe.execute()
        before = seconds * 1000 - slack_ms
        return [queue for queue, first in zip(TRIAGE_QUEUES, oldest, strict=True) if first and first[0][1] < before]

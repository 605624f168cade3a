"""Carrying outbox rows out: leased one by one, sent, settled. Never repeated by a ticket that is tried again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from fleet.errors import LedgerUnavailableError
from fleet.ledger import AsyncLedger
from fleet.ledger.records import LeasedEffect
from fleet.ledger.transitions import lease_effect, settle_effect
from worker.metrics import Metrics
from worker.sinks.base import Sink, SinkError

_log = structlog.get_logger("delivery")

LEASE_MS = 30_000
"""Three times the outbound time-out: a second sender starts only when the first cannot be sending any more."""

GIVE_UP_AFTER_S = 24 * 3600
LONGEST_WAIT_S = 300.0
_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Sends effects through their sinks. Lives on one event loop; `random` answers a number from 0 to 1."""

    ledger: AsyncLedger
    sinks: dict[str, Sink]
    metrics: Metrics
    random: Callable[[], float]

    async def deliver(self, effect_ids: Sequence[str]) -> None:
        """Send each of these effects that is due and not being sent by somebody else."""
        await asyncio.gather(*(self._deliver(effect_id) for effect_id in effect_ids))

    async def _deliver(self, effect_id: str) -> None:
        try:
            leased = await self.ledger.run(lease_effect(effect_id, lease_ms=LEASE_MS))
            if leased is not None:
                await self._send(leased)
        except LedgerUnavailableError as error:
            # Sent or not, the row is still there: it is sent again under the same key, and the receiver folds it.
            _log.warning("delivery_not_settled", effect_id=effect_id, error=str(error))

    async def _send(self, leased: LeasedEffect) -> None:
        effect = leased.effect
        sink = self.sinks.get(effect.sink)
        try:
            if sink is None:
                raise SinkError(f"this worker has no sink {effect.sink!r} (TRIAGE_SINKS)")  # noqa: TRY301
            await sink.send(effect)
        except SinkError as error:
            await self._failed(leased, error)
        except Exception as error:  # noqa: BLE001 - a bug in one sink must not stop the others
            _log.exception("sink_failed", effect_id=effect.effect_id)
            await self._failed(leased, SinkError(f"{type(error).__name__}: {error}"))
        else:
            self.metrics.deliveries.labels(effect.sink, "sent").inc()
            await self.ledger.run(settle_effect(effect.effect_id, "sent"))

    async def _failed(self, leased: LeasedEffect, error: SinkError) -> None:
        effect_id, sink = leased.effect.effect_id, leased.effect.sink
        if error.is_permanent or leased.age_s > GIVE_UP_AFTER_S:
            self.metrics.deliveries.labels(sink, "parked").inc()
            _log.error("delivery_parked", effect_id=effect_id, error=str(error))
            await self.ledger.run(settle_effect(effect_id, "parked", error=str(error)))
            return
        wait_s = max(
            error.retry_after_s,
            (0.5 + 0.5 * self.random()) * min(LONGEST_WAIT_S, 2.0 ** min(leased.attempts, _DOUBLINGS)),
        )
        self.metrics.deliveries.labels(sink, "again").inc()
        _log.warning("delivery_failed", effect_id=effect_id, error=str(error), again_in_s=round(wait_s, 1))
        await self.ledger.run(settle_effect(effect_id, "later", delay_ms=int(wait_s * 1000), error=str(error)))

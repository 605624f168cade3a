"""The gate in front of every model call: a permit before, the waiting in between, the settlement after."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from fleet.errors import LedgerUnavailableError
from fleet.lanes import Lane
from worker.domain import Call, CallResult, Foreseen, Retry
from worker.limits.permits import Ask, Limiter, NotNow, Permit, Refusal, Report, Settlement

_log = structlog.get_logger("limits")

PAUSE_UNASKED_S = 5.0
"""How long the model rests after a 429 that does not say for how long."""

RAMP_PAUSE_S = 30.0
"""A ramp limit means that use grew too fast: coming back at once would be the same mistake."""

SERVER_AWAY_S = 2.0

CLOSED_MEANWHILE_S = 1.0
"""When to ask again after a wait in which the model was closed: the limiter knows for how long."""

_REPORTS = {
    CallResult.OK: Report.GOOD,
    CallResult.RATE_LIMITED: Report.LIMITED,
    CallResult.RAMP_LIMITED: Report.LIMITED,
    CallResult.SPEND_LIMITED: Report.HOLD,
    CallResult.UNAUTHORIZED: Report.HOLD,
    CallResult.NOT_FOUND: Report.HOLD,
    CallResult.BAD_REQUEST: Report.NEUTRAL,
}
"""Everything else is bad: the provider is in trouble, or cannot be reached."""

_LONGEST_PAUSE_S = 900.0


@dataclass(slots=True)
class Gate:
    """Lets calls through, one permit each. `on_wait` is told the model and the seconds a permitted call waited."""

    limiter: Limiter
    random: Callable[[], float]
    on_wait: Callable[[str, float], None] = lambda _model, _seconds: None
    is_soft: bool = False
    """Whether the soft cap of the budget was reached when last asked."""
    _settling: "set[asyncio.Task[bool]]" = field(default_factory=set)
    _closings: Counter[str] = field(default_factory=Counter)
    """How often a call of this process found each model closed."""

    async def enter(self, foreseen: Foreseen, lane: Lane, *, is_exempt: bool) -> Permit | NotNow:
        """Ask for leave and wait as long as it says. Without an answer there is no leave: the gate fails closed."""
        ask = Ask(
            foreseen.model,
            foreseen.tier,
            lane,
            foreseen.prompt,
            foreseen.input_tokens,
            foreseen.max_output_tokens,
            foreseen.worst_nusd,
            is_exempt,
        )
        try:
            permit = await self.limiter.acquire(ask)
        except LedgerUnavailableError:
            return NotNow(Refusal.LIMIT, SERVER_AWAY_S, SERVER_AWAY_S)
        if isinstance(permit, NotNow):
            self.is_soft = self.is_soft or permit.refusal is Refusal.SOFT_CAP
            return permit
        self.is_soft = permit.is_soft
        if permit.wait_s and await self._is_closed_after(permit):
            await self._settle(permit, Settlement(Report.NOT_SENT))
            return NotNow(Refusal.PAUSED, CLOSED_MEANWHILE_S, CLOSED_MEANWHILE_S)
        self.on_wait(ask.model, permit.wait_s)
        return permit

    async def _is_closed_after(self, permit: Permit) -> bool:
        """Wait as long as the permit says; answers whether a call of this process found the model closed meanwhile."""
        before = self._closings[permit.ask.model]
        try:
            await asyncio.sleep(permit.wait_s)
        except asyncio.CancelledError:
            await asyncio.shield(self._settle(permit, Settlement(Report.NOT_SENT)))
            raise
        return self._closings[permit.ask.model] != before

    async def leave(self, permit: Permit, call: Call) -> bool:
        """Settle with what the call used; answers whether the model is closed to the fleet now."""
        report = _REPORTS.get(call.result, Report.BAD)
        has_usage = call.result is CallResult.OK
        settlement = Settlement(
            report,
            call.usage.uncached if has_usage else None,
            call.usage.output if has_usage else None,
            call.cost_nusd,
            _pause_s(call),
            call.seen,
        )
        return await self._settle(permit, settlement)

    def leave_good(self, permit: Permit, call: Call) -> None:
        """Settle a call that went well, beside the verdict's own write: both then travel in one round trip."""
        task = asyncio.create_task(self.leave(permit, call))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def all_settled(self) -> None:
        """Wait until every call that ended is settled."""
        await asyncio.gather(*self._settling)

    async def _settle(self, permit: Permit, settlement: Settlement) -> bool:
        try:
            is_closed = await self.limiter.settle(permit, settlement)
        except LedgerUnavailableError as error:
            # The reservation stays: it is forgotten with its minute, and its money counts as spent.
            _log.warning("permit_not_settled", error=str(error))
            return False
        if is_closed and settlement.report is not Report.NOT_SENT:
            self._closings[permit.ask.model] += 1
        if is_closed and settlement.report not in (Report.GOOD, Report.NOT_SENT):
            log = _log.error if settlement.report is Report.HOLD else _log.warning
            log("model_closed", model=permit.ask.model, report=settlement.report)
        return is_closed

    def come_back(self, refused: NotNow) -> Retry:
        """Turn a refusal into a wait in the ledger; no slot is held and no attempt is burnt."""
        return Retry(refused.delay_s + self.random() * max(refused.spread_s, 0.5), refused.refusal.value, refund=True)


def _pause_s(call: Call) -> float:
    asked = call.retry_after_s
    if call.result is CallResult.RAMP_LIMITED:
        return min(max(asked or 0.0, RAMP_PAUSE_S), _LONGEST_PAUSE_S)
    return min(PAUSE_UNASKED_S if asked is None else max(asked, 0.1), _LONGEST_PAUSE_S)

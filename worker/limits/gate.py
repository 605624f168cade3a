"""The gate in front of every model call: a permit before, the waiting in between, the settlement after."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from fleet.errors import LedgerUnavailableError
from fleet.lanes import Lane
from worker.domain import Call, CallResult, Foreseen, Purpose, Retry
from worker.limits.permits import (
    OPEN,
    Ask,
    Change,
    HoldReason,
    Limiter,
    NotNow,
    Permit,
    Refusal,
    Report,
    Settled,
    Settlement,
)

_log = structlog.get_logger("limits")

PAUSE_UNASKED_S = 5.0
"""How long the model rests after a 429 that does not say for how long."""

RAMP_PAUSE_S = 30.0
"""A ramp limit means that use grew too fast: coming back at once would be the same mistake."""

SERVER_AWAY_S = 2.0
MOST_OWED = 10_000

CLOSED_MEANWHILE_S = 1.0
"""When to ask again after a wait in which the model was closed: the limiter knows for how long."""

_REPORTS = {
    CallResult.OK: Report.GOOD,
    CallResult.RATE_LIMITED: Report.LIMITED,
    CallResult.RAMP_LIMITED: Report.LIMITED,
    CallResult.SPEND_LIMITED: Report.HOLD,
    CallResult.UNAUTHORIZED: Report.HOLD,
    CallResult.NOT_FOUND: Report.HOLD,
    CallResult.DISABLED: Report.HOLD,
    CallResult.FORMAT_REFUSED: Report.HOLD,
    CallResult.MISDIRECTED: Report.HOLD,
    CallResult.BAD_REQUEST: Report.REFUSED,
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
    _settling: "set[asyncio.Task[Settled]]" = field(default_factory=set)
    _owed: deque[tuple[Permit, Settlement]] = field(default_factory=deque)
    _payer: "asyncio.Task[None] | None" = None
    _closings: Counter[str] = field(default_factory=Counter)
    """How often a call of this process found each model closed."""

    async def enter(self, foreseen: Foreseen, lane: Lane, *, is_exempt: bool, ticket_id: str = "") -> Permit | NotNow:
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
            foreseen.likely_nusd,
            ticket_id,
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

    async def leave(self, permit: Permit, call: Call, *, ticket_id: str = "", is_usable: bool = True) -> Settled:
        """Settle with what the call used; answers how the model stands now, and whose fault a refusal is."""
        report = _REPORTS.get(call.result, Report.BAD)
        has_usage = call.result is CallResult.OK
        if not is_usable:  # a repair that fails says nothing that the first reply did not
            report = Report.UNUSABLE if call.purpose is Purpose.TRIAGE else Report.NEUTRAL
        # A ticket that alone draws a refusal (a firewall dislikes its text) must not hold the model for everybody.
        is_told = report in (Report.UNUSABLE, Report.REFUSED, Report.HOLD)
        settlement = Settlement(
            report,
            call.usage.uncached if has_usage else None,
            call.usage.output if has_usage else None,
            call.cost_nusd,
            (call.retry_after_s or 0.0) if report is Report.HOLD else _pause_s(call),
            call.seen,
            ticket_id if is_told else "",
            HoldReason(call.result.value) if report is Report.HOLD else None,
            call.is_estimated,
        )
        return await self._settle(permit, settlement)

    def leave_good(self, permit: Permit, call: Call) -> None:
        """Settle a call that went well, beside the verdict's own write: both then travel in one round trip."""
        task = asyncio.create_task(self.leave(permit, call))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def all_settled(self) -> None:
        """Wait until every call that ended is settled; what the server cannot be told now is booked by estimate."""
        await asyncio.gather(*self._settling)
        if self._payer is not None:
            self._payer.cancel()

    async def _settle(self, permit: Permit, settlement: Settlement) -> Settled:
        try:
            settled = await self.limiter.settle(permit, settlement)
        except LedgerUnavailableError:
            self._owe(permit, settlement)
            return OPEN
        if settled.is_closed and settlement.report is not Report.NOT_SENT:
            self._closings[permit.ask.model] += 1
        self._say(permit.ask.model, settled, settlement)
        return settled

    def _owe(self, permit: Permit, settlement: Settlement) -> None:
        """Settle when the server is back; what is not settled in time is booked by estimate and reconciled then."""
        if not self._owed:
            _log.warning("permits_not_settled", message="the ledger's server is away; settled when it is back")
        if len(self._owed) < MOST_OWED:
            self._owed.append((permit, settlement))
        if self._payer is None or self._payer.done():
            self._payer = asyncio.create_task(self._pay())

    async def _pay(self) -> None:
        while self._owed:
            permit, settlement = self._owed[0]
            try:
                await self.limiter.settle(permit, settlement)
            except LedgerUnavailableError:
                await asyncio.sleep(SERVER_AWAY_S)
                continue
            self._owed.popleft()

    def _say(self, model: str, settled: Settled, settlement: Settlement) -> None:
        """Tell the log of a hold once in the fleet: where it begins, and where it ends."""
        if settled.change is Change.HELD:
            message = "no call of this model goes out but one probe at a time; tickets wait: triage status"
            first_s = round(settled.change_s, 1)
            _log.error("model_held", model=model, reason=settled.held_for, first_probe_s=first_s, message=message)
        elif settled.change is Change.OPENED:
            message = "a probe went well; tickets that wait come back"
            _log.warning("model_open_again", model=model, held_s=round(settled.change_s, 1), message=message)
        elif settled.is_closed and settled.held_for is None and settlement.report in (Report.BAD, Report.LIMITED):
            _log.warning("model_closed", model=model, report=settlement.report)

    def come_back(self, refused: NotNow) -> Retry:
        """Turn a refusal into a wait in the ledger; no slot is held and no attempt is burnt."""
        return Retry(refused.delay_s + self.random() * max(refused.spread_s, 0.5), refused.refusal.value, refund=True)


def _pause_s(call: Call) -> float:
    asked = call.retry_after_s
    if call.result is CallResult.RAMP_LIMITED:
        return min(max(asked or 0.0, RAMP_PAUSE_S), _LONGEST_PAUSE_S)
    return min(PAUSE_UNASKED_S if asked is None else max(asked, 0.1), _LONGEST_PAUSE_S)

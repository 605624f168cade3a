"""The limiter of a fleet: one Lua call each way, in the same server as the ledger. Without the server no permit."""

from functools import cache
from pathlib import Path
from typing import Any

from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger
from fleet.ledger.transitions import Transition
from worker.limits.permits import RESOURCES, Ask, NotNow, Permit, Refusal, Settlement
from worker.limits.rules import BULK_FLOOR, BURST_S, LONGEST_WAIT_MS, MARGIN, MINUTE_MS, PACE, Budget, LimitsFile

HOLD_MS = 60_000
TOKEN_STEP = 1_000
"""Remaining tokens are shown in thousands."""

_FOLDER = Path(__file__).with_name("scripts")


@cache
def _source(name: str) -> str:
    return (_FOLDER / f"{name}.lua").read_text("utf-8")


class SharedLimiter:
    """Permits from the fleet's server; LedgerUnavailableError when it cannot be asked, and then nothing is called."""

    def __init__(self, ledger: AsyncLedger, limits: LimitsFile, budget: Budget) -> None:
        self._ledger = ledger
        self._limits = limits
        self._budget = budget

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve everything one call needs, or nothing."""
        return await self._ledger.run(acquire(ask, self._limits, self._budget))

    async def settle(self, permit: Permit, settlement: Settlement) -> bool:
        """Replace what was reserved by what was used; answers whether the model is closed to the fleet now."""
        return await self._ledger.run(settle(permit, settlement))


def acquire(ask: Ask, limits: LimitsFile, budget: Budget) -> Transition[Permit | NotNow]:
    """The script call that asks for a permit."""
    per_ms = [per_minute * PACE / MINUTE_MS for per_minute in limits.of(ask.model).per_minute]
    buckets = [part for rate in per_ms for part in (repr(rate), repr(rate * BURST_S * 1000))]
    is_urgent = ask.lane is Lane.URGENT
    args: tuple[str | int, ...] = (
        ask.model,
        *buckets,
        repr(BULK_FLOOR if ask.lane is Lane.BULK else 0.0),
        LONGEST_WAIT_MS[ask.lane],
        ask.input_tokens,
        ask.prompt,
        ask.max_output_tokens // 2,
        ask.max_output_tokens,
        ask.reserve_nusd,
        -1 if budget.day_nusd is None else budget.day_nusd,
        -1 if budget.minute_nusd is None else budget.minute_nusd,
        repr(1.0 if is_urgent else 1.0 - budget.urgent_share),
        repr(budget.soft_share),
        int(ask.tier is Tier.FRONTIER and not ask.is_exempt),
    )

    def read(raw: Any) -> Permit | NotNow:
        if raw[0] == b"no":
            return NotNow(Refusal(raw[1].decode()), raw[2] / 1000, raw[3] / 1000)
        _, wait_ms, epoch, output, day, minute, soft, probe = raw
        return Permit(ask, wait_ms / 1000, epoch, output, day.decode(), minute, bool(soft), bool(probe))

    return Transition("limits.acquire", args, read, _source("acquire"))


def settle(permit: Permit, settlement: Settlement) -> Transition[bool]:
    """The script call that settles one."""
    ask = permit.ask
    seen = [part for s in settlement.seen for part in (("", "") if s is None else (repr(s.limit), repr(s.remaining)))]
    args: tuple[str | int, ...] = (
        ask.model,
        permit.epoch,
        ask.input_tokens,
        permit.output_tokens,
        -1 if settlement.input_tokens is None else settlement.input_tokens,
        -1 if settlement.output_tokens is None else settlement.output_tokens,
        settlement.report,
        int(settlement.retry_after_s * 1000),
        ask.prompt,
        permit.day,
        permit.minute,
        ask.reserve_nusd,
        settlement.cost_nusd,
        int(permit.is_probe),
        repr(MARGIN),
        TOKEN_STEP,
        HOLD_MS,
        *seen,
    )
    assert len(seen) == 2 * len(RESOURCES)
    return Transition("limits.settle", args, lambda raw: bool(raw[0]), _source("settle"))

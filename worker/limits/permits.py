"""Permits: what is asked before a model call, what the answer says, and what is reported after it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fleet.lanes import Lane, Tier
from worker.domain import Seen

RESOURCES = ("requests", "input_tokens", "output_tokens")


class Refusal(StrEnum):
    """Why there is no permit now. A closed set, because it stands in the ticket's story."""

    LIMIT = "limit"
    PAUSED = "paused"
    BREAKER = "breaker"
    HELD = "held"
    BUDGET = "budget"
    RESERVED = "budget_reserved"
    MINUTE_BUDGET = "minute_budget"
    SOFT_CAP = "soft_cap"


class Report(StrEnum):
    """What a call's end says about the provider, for the breaker."""

    GOOD = "good"
    BAD = "bad"
    LIMITED = "limited"
    HOLD = "hold"
    NEUTRAL = "neutral"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to be made. `input_tokens` is the estimate of uncached input; `reserve_nusd` the most it can cost.

    `is_exempt`: the soft cap of the budget does not hold for this ticket (urgent or risky).
    """

    model: str
    tier: Tier
    lane: Lane
    prompt: str
    input_tokens: int
    max_output_tokens: int
    reserve_nusd: int
    is_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to call after `wait_s`. What it reserved is settled with the call's real figures."""

    ask: Ask
    wait_s: float
    epoch: int
    output_tokens: int
    day: str
    minute: int
    is_soft: bool
    is_probe: bool


@dataclass(frozen=True, slots=True)
class NotNow:
    """No leave: come back after `delay_s`, spread over `spread_s` more. Nothing was reserved."""

    refusal: Refusal
    delay_s: float
    spread_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a permitted call ended. Token counts None: no usage came back."""

    report: Report
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_nusd: int = 0
    retry_after_s: float = 0.0
    seen: tuple[Seen | None, Seen | None, Seen | None] = (None, None, None)


class Limiter(Protocol):
    """Gives permits for the whole fleet, and learns from every call."""

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve everything one call needs, or nothing."""
        ...

    async def settle(self, permit: Permit, settlement: Settlement) -> bool:
        """Replace what was reserved by what was used; answers whether the model is closed to the fleet now."""
        ...

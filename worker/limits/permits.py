"""Permits: what is asked before a model call, what the answer says, and what is reported after it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fleet.lanes import Lane, Tier
from worker.domain import Seen
from worker.limits.rules import DAY_MINUTES, MARGIN, TOKEN_STEP, paced

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


class HoldReason(StrEnum):
    """Why a model is held for the fleet: nothing but a probe goes out. A closed set, because it labels a metric.

    The limiter's script counts them: add new ones at the end.
    """

    SPEND_LIMITED = "spend_limited"
    DISABLED = "disabled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    FORMAT_REFUSED = "format_refused"
    MISDIRECTED = "misdirected"
    REFUSED = "refused"
    UNUSABLE = "unusable"


class Blame(StrEnum):
    """Whose fault a refusal is."""

    NONE = ""
    """Nothing was refused, or it cannot be a ticket's fault."""
    NOBODY = "nobody"
    """Nobody knows yet: no other ticket got through since."""
    OWN = "own"
    """The ticket's: others got through, it was refused again."""
    DOUBT = "doubt"
    """Refused again and again while nobody got through: a human may look, and it comes back when somebody does."""


class Change(StrEnum):
    """Whether this very call began or ended a hold: what is said aloud once for the whole fleet."""

    NONE = ""
    HELD = "held"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Settled:
    """How the model stands after a settlement; true where it is closed. `times`: how often this ticket was refused.

    `change_s`: where a hold began, until its first probe; where one ended, how long it was.
    """

    is_closed: bool
    blame: Blame = Blame.NONE
    times: int = 0
    change: Change = Change.NONE
    held_for: HoldReason | None = None
    change_s: float = 0.0

    def __bool__(self) -> bool:
        return self.is_closed


OPEN = Settled(is_closed=False)


class Report(StrEnum):
    """What a call's end says about the provider, for the breaker."""

    GOOD = "good"
    UNUSABLE = "unusable"
    REFUSED = "refused"
    BAD = "bad"
    LIMITED = "limited"
    HOLD = "hold"
    NEUTRAL = "neutral"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to be made. `input_tokens` is the estimate of uncached input; `reserve_nusd` the most it can cost.

    `likely_nusd` is booked to `ticket_id` where the call's end is never told. `is_exempt`: the soft cap of the budget
    does not hold for this ticket (urgent or risky).
    """

    model: str
    tier: Tier
    lane: Lane
    prompt: str
    input_tokens: int
    max_output_tokens: int
    reserve_nusd: int
    is_exempt: bool = False
    likely_nusd: int = 0
    ticket_id: str = ""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to call after `wait_s`. What it reserved is settled with the call's real figures.

    `minute` (since 1970, of the server's clock) and `number` (of the model) name the reservation.
    """

    ask: Ask
    wait_s: float
    minute: int
    number: int
    output_tokens: int
    is_soft: bool
    is_probe: bool

    @property
    def day(self) -> int:
        """The day (UTC, since 1970) whose budget it counts against."""
        return self.minute // DAY_MINUTES

    @property
    def tokens(self) -> tuple[int, int]:
        """Input and output tokens that were reserved."""
        return (self.ask.input_tokens, self.output_tokens)


@dataclass(frozen=True, slots=True)
class NotNow:
    """No leave: come back after `delay_s`, spread over `spread_s` more. Nothing was reserved."""

    refusal: Refusal
    delay_s: float
    spread_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a permitted call ended. Token counts None: no usage came back.

    `ticket_id` names the ticket where the end may be its own fault, `reason` why the model is to be held.
    """

    report: Report
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_nusd: int = 0
    retry_after_s: float = 0.0
    seen: tuple[Seen | None, Seen | None, Seen | None] = (None, None, None)
    ticket_id: str = ""
    reason: HoldReason | None = None
    is_estimated: bool = False

    def used(self, reserved: tuple[int, int]) -> tuple[int, int, int]:
        """Requests, input and output tokens that count as used, of what was reserved (input, output).

        Where no usage came back: nothing for what was not sent; for a refusal the request itself; for a request that
        was found wrong its input; and everything for a call that was lost, for the provider may have answered it.
        """
        if self.report is Report.NOT_SENT:
            return (0, 0, 0)
        lost_input = 0 if self.report in (Report.LIMITED, Report.HOLD) else reserved[0]
        lost_output = reserved[1] if self.report is Report.BAD else 0
        return (
            1,
            lost_input if self.input_tokens is None else self.input_tokens,
            lost_output if self.output_tokens is None else self.output_tokens,
        )

    @property
    def learnt(self) -> int | None:
        """The output of a call that says something about calls of its kind."""
        return self.output_tokens if self.report in (Report.GOOD, Report.UNUSABLE) else None

    def shown(self) -> tuple[tuple[float, float] | None, ...]:
        """What the headers say of each resource: the rate per ms, and how much is left for certain."""
        steps = (0, TOKEN_STEP, TOKEN_STEP)
        return tuple(
            None if seen is None else (paced(seen.limit), seen.remaining - seen.limit * MARGIN - step)
            for seen, step in zip(self.seen, steps, strict=True)
        )


class Limiter(Protocol):
    """Gives permits for the whole fleet, and learns from every call."""

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve everything one call needs, or nothing."""
        ...

    async def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        """Replace what was reserved by what was used; answers how the model stands, and whose fault a refusal is."""
        ...

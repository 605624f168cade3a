"""The limits in force: per model from a TOML file, budgets from the settings. Pure data, checked when it is read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.errors import ConfigurationError
from fleet.lanes import Lane
from fleet.money import nano_dollars
from fleet.settings import Settings
from fleet.ticket import explain

MINUTE_MS = 60_000
DAY_MINUTES = 1_440
PACE = 0.995
"""Share of the provider's rate that is used: the rest absorbs the difference between two clocks."""

BURST_MS = 5_000
"""How much may go out at once, as time. The provider's bucket is larger, but short bursts can trip it."""

LONGEST_WAIT_MS: Mapping[Lane, int] = {Lane.URGENT: 5_000, Lane.NORMAL: 3_000, Lane.BULK: 1_500}
"""How far ahead a lane may reserve. An urgent ticket so waits 3 s at most behind normal ones that were there before."""

BULK_FLOOR = 0.2
"""Share of a bucket that bulk leaves to the others."""

MARGIN = 0.02
"""Kept back of what the headers show, plus one rounding step for tokens, which are shown in thousands.

It costs no throughput, for it lowers a level and not a rate. A permit given ahead trusts in the whole refill; where
another client takes a share of that, what was promised has to fit in here: margin >= the other's share x wait / 60 s.
At 0.5 % a client that took 30 % drove 6 % of our calls into a 429.
"""

TOKEN_STEP = 1_000
"""Remaining tokens are shown in thousands."""

FIRST_HOLD_MS = 5_000
HOLD_MS = 30_000
HOLD_GROWTH = 1.5
"""A held model is probed so soon, then each time half as long again after the last probe, up to HOLD_MS.

Refused calls are not billed. Tickets so wait at most half as long again as the trouble lasted, and 30 s at the longest.
"""

LONGEST_PAUSE_MS = 900_000
"""No 429 can close a model for longer."""

FIRST_PAID_HOLD_MS = 15_000
PAID_HOLD_MS = 60_000
"""The same where a model is held for unusable replies, for these probes are paid."""

LONGEST_HOLD_MS = 3_600_000
"""A provider may say that access comes back next month; money may be bought meanwhile, so look once an hour."""

HOLD_TICKETS = 5
"""So many different tickets refused, and none got through between: that is no ticket's fault."""

STRIKES = 2
STRIKES_HELD = 3
"""So often others got through between a ticket's refusals before these are its own, where more than one is refused.

More where the words speak of the account: it may have run out, had something, and run out again.
"""

DOUBT_TIMES = 6
"""A ticket refused so often while nobody gets through is parked: in doubt a human sees it. It comes back by itself."""

LAST_REPLIES = 20
LEAST_REPLIES = 10
UNUSABLE_SHARE = 0.9
"""A model is held when so large a share of its last replies (first ones, without repairs) could not be used."""

PROBE_MS = 60_000
"""A probe that has not come back by then died with its worker: above the longest wait and the longest call.

A fleet with a longer deadline (TRIAGE_CALL_TIMEOUT_S) waits longer.
"""

LONGEST_PROBE_MS = 915_000
"""No probe can be out for longer: the longest deadline that may be set, and the longest wait."""

RESERVED_LIFE_MS = 60_000
"""Money reserved longer ago belongs to calls that died; waiting for it is in vain."""

LEARNING = 32
"""A call's output moves the estimate by one part in this many."""

WINDOW_MS = 15_000
"""The breaker looks at the calls of this long and of as long before."""

LEAST_CALLS = 10
FIRST_OPEN_MS = 15_000
LONGEST_OPEN_MS = 30_000
"""Tickets must be done within a minute of the provider's return, so probes may not lie further apart."""

LONGEST_SPREAD_MS = 120_000

Rate = Annotated[float, Field(gt=0)]


class ModelLimits(BaseModel):
    """What the provider allows one organisation for one model, per minute; input counts without cache reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    requests_per_minute: Rate = 4_000
    input_tokens_per_minute: Rate = 4_000_000
    output_tokens_per_minute: Rate = 800_000

    @property
    def per_minute(self) -> tuple[float, float, float]:
        """The three limits, in the order of `RESOURCES`."""
        return (self.requests_per_minute, self.input_tokens_per_minute, self.output_tokens_per_minute)

    @property
    def per_ms(self) -> tuple[float, float, float]:
        """What the fleet may use of them, per millisecond."""
        requests, inputs, outputs = self.per_minute
        return (paced(requests), paced(inputs), paced(outputs))


def paced(per_minute: float) -> float:
    """Turn a limit per minute into what may be used of it per millisecond."""
    return per_minute * PACE / MINUTE_MS


class LimitsFile(BaseModel):
    """The TOML file: `[default]` and `[models.<id>]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: ModelLimits = ModelLimits()
    models: dict[str, ModelLimits] = Field(default_factory=dict)

    def of(self, model: str) -> ModelLimits:
        """The limits of one model."""
        return self.models.get(model, self.default)


@dataclass(frozen=True, slots=True)
class Budget:
    """Caps on money in nano-dollars; None: no cap. Shares of the day's cap."""

    day_nusd: int | None = None
    minute_nusd: int | None = None
    soft_share: float = 0.8
    urgent_share: float = 0.05

    def usable_nusd(self, lane: Lane) -> int | None:
        """How much of the day's cap a lane may use: the last part is for urgent tickets."""
        if self.day_nusd is None:
            return None
        return self.day_nusd if lane is Lane.URGENT else int(self.day_nusd * (1.0 - self.urgent_share))

    @property
    def soft_nusd(self) -> int | None:
        """From when on the frontier is kept for urgent and risky tickets."""
        return None if self.day_nusd is None else int(self.day_nusd * self.soft_share)


def load_limits(path: Path | None) -> LimitsFile:
    """Read the limits (None: the defaults); ConfigurationError names the file and the field."""
    if path is None:
        return LimitsFile()
    try:
        return LimitsFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ConfigurationError(f"TRIAGE_LIMITS: cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"TRIAGE_LIMITS: {path} is not TOML: {error}") from None
    except ValidationError as error:
        raise ConfigurationError(f"TRIAGE_LIMITS: {path}: {explain(error)}") from None


def budget_of(settings: Settings) -> Budget:
    """Read the budget off the settings."""
    return Budget(
        nano_dollars(settings.daily_budget_usd), nano_dollars(settings.minute_budget_usd), settings.soft_budget_share
    )

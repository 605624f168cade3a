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
PACE = 0.995
"""Share of the provider's rate that is used: the rest absorbs the difference between two clocks."""

BURST_S = 5.0
"""How many seconds' worth may go out at once. The provider's bucket is larger, but short bursts can trip it."""

LONGEST_WAIT_MS: Mapping[Lane, int] = {Lane.URGENT: 5_000, Lane.NORMAL: 3_000, Lane.BULK: 1_500}
"""How far ahead a lane may reserve. An urgent ticket so waits 3 s at most behind normal ones that were there before."""

BULK_FLOOR = 0.2
"""Share of a bucket that bulk leaves to the others."""

MARGIN = 0.005
"""Kept back of what the headers show, plus one rounding step for tokens, which are shown in thousands."""

Rate = Annotated[float, Field(gt=0)]


class ModelLimits(BaseModel):
    """What the provider allows one organisation for one model, per minute; input counts without cache reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_minute: Rate = 4_000
    input_tokens_per_minute: Rate = 4_000_000
    output_tokens_per_minute: Rate = 800_000

    @property
    def per_minute(self) -> tuple[float, float, float]:
        """The three limits, in the order of `RESOURCES`."""
        return (self.requests_per_minute, self.input_tokens_per_minute, self.output_tokens_per_minute)


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

"""The exact price of a call, from a dated table. Whole nano-dollars, so that no cent is lost in a sum."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fleet.errors import ConfigurationError
from fleet.money import NANO_PER_DOLLAR
from fleet.ticket import explain
from worker.domain import Usage

DEFAULT_FILE = Path(__file__).with_name("prices.toml")

_TOKENS = 1_000_000

Dollars = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rates(_Part):
    """US dollars per million tokens of each kind."""

    input: Dollars
    output: Dollars
    cache_write_5m: Dollars
    cache_write_1h: Dollars
    cache_read: Dollars

    def cost_nusd(self, usage: Usage) -> int:
        """Price the tokens; the sum is rounded up to a whole nano-dollar (list prices never need it)."""
        rates = self._nano_per_million
        total = (
            usage.input * rates["input"]
            + usage.cache_write_5m * rates["cache_write_5m"]
            + usage.cache_write_1h * rates["cache_write_1h"]
            + usage.cache_read * rates["cache_read"]
            + usage.output * rates["output"]
        )
        return -(-total // _TOKENS)

    @cached_property
    def _nano_per_million(self) -> dict[str, int]:
        # Exact: a price has at most six decimals, so its nano-dollars for a million tokens are a whole number.
        return {kind: int(Decimal(getattr(self, kind)) * NANO_PER_DOLLAR) for kind in Usage.__dataclass_fields__}


class PriceTier(Rates):
    """The rates for prompts of up to `max_prompt_tokens` (None: of any size), and those of a batch where known."""

    max_prompt_tokens: int | None = None
    batch: Rates | None = None

    def rates(self, *, is_batch: bool) -> Rates:
        """The rates in force; without a batch price the ordinary one holds, which is never too low."""
        return self.batch if is_batch and self.batch is not None else self


class Price(_Part):
    """What a model costs from a date on."""

    model: str
    since: date
    source: str = ""
    tiers: tuple[PriceTier, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        # The first fitting tier is taken, and a prompt that fits none would be priced by guess.
        *bounded, last = [tier.max_prompt_tokens for tier in self.tiers]
        sizes = [size for size in bounded if size is not None]
        if last is not None or len(sizes) < len(bounded) or sizes != sorted(set(sizes)):
            raise ValueError("tiers: max_prompt_tokens must rise, and only the last tier must be without it")
        return self


class _File(_Part):
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class PriceTable:
    """Prices in force today, by model."""

    by_model: dict[str, Price]

    def ensure(self, model: str) -> None:
        """Refuse a model without a price: what cannot be counted is not called."""
        if model not in self.by_model:
            known = ", ".join(sorted(self.by_model))
            raise ConfigurationError(
                f"no price is known for model {model!r} (known: {known}); add it to a copy of the price table "
                "and name that in TRIAGE_PRICES"
            )

    def worst_nusd(self, model: str, prompt_tokens: int, output_tokens: int) -> int:
        """Bound what a call can cost: every token of the prompt at its dearest kind, and all the output it may have."""
        kinds = ("input", "cache_write_5m")
        return max(self.cost_nusd(model, Usage(**{kind: prompt_tokens}, output=output_tokens)) for kind in kinds)

    def cache_saved_nusd(self, model: str, usage: Usage) -> int:
        """What the prompt cache saved on this call; negative where it only cost, because the prefix was written."""
        uncached = Usage(input=usage.prompt, output=usage.output)
        return self.cost_nusd(model, uncached) - self.cost_nusd(model, usage)

    def cost_nusd(self, model: str, usage: Usage, *, is_batch: bool = False) -> int:
        """Price one call in nano-dollars; `is_batch` as the answer's usage says, not as it was asked for."""
        tiers = self.by_model[model].tiers
        fitting = (t for t in tiers if t.max_prompt_tokens is None or usage.prompt <= t.max_prompt_tokens)
        return next(fitting, tiers[-1]).rates(is_batch=is_batch).cost_nusd(usage)


def load_price_table(path: Path | None = None, *, today: date | None = None) -> PriceTable:
    """Read a price file (None: the list of this release); of each model the newest price not in the future."""
    file = path or DEFAULT_FILE
    day = today or datetime.now(UTC).date()
    try:
        prices = _File.model_validate(tomllib.loads(file.read_text("utf-8"))).prices
    except OSError as error:
        raise ConfigurationError(f"TRIAGE_PRICES: cannot read {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"TRIAGE_PRICES: {file} is not TOML: {error}") from None
    except ValidationError as error:
        raise ConfigurationError(f"TRIAGE_PRICES: {file}: {explain(error)}") from None
    in_force = sorted((price for price in prices if price.since <= day), key=lambda price: price.since)
    return PriceTable({price.model: price for price in in_force})

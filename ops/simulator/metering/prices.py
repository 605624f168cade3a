"""What a call costs, in whole nano-dollars: the simulator's own arithmetic over the fleet's price table.

It shares the figures with the worker (`worker/llm/prices.toml`) and no code, so that a test can compare two sums.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ops.simulator.metering.prompt_cache import InputUsage

PRICE_FILE = Path(__file__).parents[3] / "worker" / "llm" / "prices.toml"
NANO_PER_TOKEN = Decimal(1000)  # dollars per million tokens, times this, is nano-dollars per token
KINDS = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")


@dataclass(frozen=True)
class Tier:
    """Prices in nano-dollars per token, up to a prompt size (None: any)."""

    max_prompt_tokens: int | None
    prices: Mapping[str, int]

    def holds(self, prompt_tokens: int) -> bool:
        """Whether a prompt of this size is charged by this tier."""
        return self.max_prompt_tokens is None or prompt_tokens <= self.max_prompt_tokens


class PriceList:
    """Prices by model."""

    def __init__(self, models: Mapping[str, tuple[Tier, ...]]) -> None:
        self._models = models

    def cost(self, model: str, usage: InputUsage, output_tokens: int) -> int | None:
        """Return the nano-dollars of one call, or None for a model without a price."""
        for tier in self._models.get(model, ()):
            if tier.holds(usage.total):
                price = tier.prices
                cached = usage.read * price["cache_read"] + usage.written_5m * price["cache_write_5m"]
                fresh = usage.written_1h * price["cache_write_1h"] + usage.uncached * price["input"]
                return cached + fresh + output_tokens * price["output"]
        return None


def load_prices(path: Path = PRICE_FILE, today: date | None = None) -> PriceList:
    """Read the price table; the newest price of a model that is not in the future holds."""
    today = today or datetime.now(UTC).date()
    chosen: dict[str, tuple[date, tuple[Tier, ...]]] = {}
    for entry in tomllib.loads(path.read_text("utf-8"))["prices"]:
        since = entry["since"]
        if since <= today and since >= chosen.get(entry["model"], (date.min, ()))[0]:
            chosen[entry["model"]] = (since, tuple(_tier(tier) for tier in entry["tiers"]))
    return PriceList({model: tiers for model, (_, tiers) in chosen.items()})


def _tier(table: Mapping[str, Any]) -> Tier:
    return Tier(table.get("max_prompt_tokens"), {kind: _nano(table[kind]) for kind in KINDS})


def _nano(dollars_per_million: str) -> int:
    exact = Decimal(dollars_per_million) * NANO_PER_TOKEN
    if exact != exact.to_integral_value():
        raise ValueError(f"price {dollars_per_million} is finer than a nano-dollar per token")
    return int(exact)

from datetime import date
from pathlib import Path

import pytest

from ops.simulator.metering.prices import load_prices
from ops.simulator.metering.prompt_cache import InputUsage

TODAY = date(2026, 12, 1)

DATED = """
[[prices]]
model = "m"
since = 2026-11-01
[[prices.tiers]]
input = "1"
output = "2"
cache_write_5m = "3"
cache_write_1h = "4"
cache_read = "{first}"
[[prices]]
model = "m"
since = 2027-01-01
[[prices.tiers]]
input = "100"
output = "100"
cache_write_5m = "100"
cache_write_1h = "100"
cache_read = "100"
"""


def test_a_plain_call_costs_what_the_design_says() -> None:
    prices = load_prices(today=TODAY)

    assert prices.cost("claude-haiku-5-5", InputUsage(1500), 150) == 225_000
    assert prices.cost("claude-opus-5-5", InputUsage(1500), 150) == 9_000_000


def test_every_kind_of_token_has_its_own_price() -> None:
    usage = InputUsage(uncached=1, read=10, written_5m=100, written_1h=1000)

    assert (
        load_prices(today=TODAY).cost("claude-haiku-5-5", usage, 7) == 100 + 10 * 10 + 100 * 125 + 1000 * 200 + 7 * 500
    )


def test_the_whole_prompt_decides_the_tier_cached_parts_included() -> None:
    prices = load_prices(today=TODAY)

    assert prices.cost("claude-haiku-5-5", InputUsage(1, read=99_999), 0) == 100 + 99_999 * 10
    assert prices.cost("claude-haiku-5-5", InputUsage(2, read=99_999), 0) == 2 * 500 + 99_999 * 50


def test_a_model_without_a_price_costs_none_rather_than_nothing() -> None:
    assert load_prices(today=TODAY).cost("claude-fable-5-1", InputUsage(1), 1) is None


def test_a_price_holds_from_its_date_on(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(DATED.format(first="0.5"))

    assert load_prices(path, date(2026, 12, 31)).cost("m", InputUsage(1), 0) == 1000
    assert load_prices(path, date(2027, 1, 1)).cost("m", InputUsage(1), 0) == 100_000
    assert load_prices(path, date(2026, 10, 31)).cost("m", InputUsage(1), 0) is None


def test_a_price_finer_than_a_nano_dollar_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(DATED.format(first="0.0005"))

    with pytest.raises(ValueError, match=r"0\.0005"):
        load_prices(path, TODAY)

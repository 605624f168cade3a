from datetime import date
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from worker.domain import Usage
from worker.llm.prices import PriceTable, load_price_table

TODAY = date(2026, 11, 23)
HAIKU, OPUS = "claude-haiku-5-5", "claude-opus-5-5"
TIER = 'input = "1"\noutput = "2"\ncache_write_5m = "3"\ncache_write_1h = "4"\ncache_read = "5"\n'


def entry(model: str, since: str, *tiers: str) -> str:
    head = f'[[prices]]\nmodel = "{model}"\nsince = {since}\n'
    return head + "".join(f"[[prices.tiers]]\n{tier}" for tier in tiers or (TIER,))


def table(tmp_path: Path, *entries: str) -> PriceTable:
    file = tmp_path / "prices.toml"
    file.write_text("\n".join(entries), "utf-8")
    return load_price_table(file, today=TODAY)


LIST = [
    (HAIKU, Usage(input=1_500, output=150), 225_000),  # $0.000225, as the vendor's list says
    (OPUS, Usage(input=1_500, output=150), 9_000_000),
    (HAIKU, Usage(input=1), 100),
    (HAIKU, Usage(output=1), 500),
    (HAIKU, Usage(cache_write_5m=1), 125),
    (HAIKU, Usage(cache_write_1h=1), 200),
    (HAIKU, Usage(cache_read=1), 10),
    (HAIKU, Usage(input=11, cache_write_5m=13, cache_write_1h=17, cache_read=19, output=23), 17_815),
    (OPUS, Usage(input=11, cache_write_5m=13, cache_write_1h=17, cache_read=19, output=23), 708_800),
    (HAIKU, Usage(), 0),
]


@pytest.mark.parametrize(("model", "usage", "nano_dollars"), LIST)
def test_a_call_costs_exactly_what_the_list_says(model: str, usage: Usage, nano_dollars: int) -> None:
    assert load_price_table(today=TODAY).cost_nusd(model, usage) == nano_dollars


BOUNDARY = [
    (Usage(input=100_000), 100_000 * 100),
    (Usage(input=100_001), 100_001 * 500),
    (Usage(input=1, cache_read=99_999), 100 + 99_999 * 10),
    (Usage(input=1, cache_read=100_000), 500 + 100_000 * 50),
    (Usage(input=50_000, cache_write_5m=25_000, cache_write_1h=25_000), 5_000_000 + 3_125_000 + 5_000_000),
    (Usage(input=100_000, output=1_000_000), 100_000 * 100 + 1_000_000 * 500),
]


@pytest.mark.parametrize(("usage", "nano_dollars"), BOUNDARY)
def test_the_whole_prompt_decides_the_price_tier_and_the_output_does_not(usage: Usage, nano_dollars: int) -> None:
    assert load_price_table(today=TODAY).cost_nusd(HAIKU, usage) == nano_dollars


def test_the_newest_price_in_force_wins_wherever_it_stands(tmp_path: Path) -> None:
    cheap = TIER.replace('input = "1"', 'input = "0.5"')
    prices = table(tmp_path, entry("m", "2026-11-23", cheap), entry("m", "2026-01-01"))
    assert prices.cost_nusd("m", Usage(input=1)) == 500


def test_a_price_of_the_future_is_not_used_yet(tmp_path: Path) -> None:
    prices = table(tmp_path, entry("m", "2026-01-01"), entry("m", "2026-11-24", TIER.replace('"1"', '"9"')))
    assert prices.cost_nusd("m", Usage(input=1)) == 1_000


def test_a_model_with_only_a_future_price_has_none(tmp_path: Path) -> None:
    prices = table(tmp_path, entry("m", "2026-11-24"))
    with pytest.raises(ConfigurationError, match="no price is known for model 'm'"):
        prices.ensure("m")


def test_a_model_without_a_price_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"claude-unheard-of.*claude-haiku-5-5.*TRIAGE_PRICES"):
        load_price_table(today=TODAY).ensure("claude-unheard-of")


def test_parts_of_a_nano_dollar_are_rounded_up_once_per_call(tmp_path: Path) -> None:
    odd = TIER.replace('"1"', '"0.000001"').replace('"2"', '"0.000001"')
    prices = table(tmp_path, entry("m", "2026-01-01", odd))
    assert prices.cost_nusd("m", Usage(input=1, output=1)) == 1
    assert prices.cost_nusd("m", Usage(input=1_000, output=1)) == 2


MALFORMED = [
    "not toml",
    "[[prices]]",
    'prices = "free"',
    entry("m", "2026-13-01"),
    entry("m", "2026-01-01", TIER.replace('"1"', '"-1"')),
    entry("m", "2026-01-01", TIER.replace('"1"', '"one"')),
    entry("m", "2026-01-01", TIER.replace('"1"', '"0.0000001"')),
    entry("m", "2026-01-01", TIER + 'tip = "1"\n'),
    entry("m", "2026-01-01", TIER.replace('output = "2"\n', "")),
    entry("m", "2026-01-01", TIER, "max_prompt_tokens = 5\n" + TIER),
    entry("m", "2026-01-01", "max_prompt_tokens = 5\n" + TIER),
    entry("m", "2026-01-01", "max_prompt_tokens = 9\n" + TIER, "max_prompt_tokens = 5\n" + TIER, TIER),
    entry("m", "2026-01-01", TIER, TIER),
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_price_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"TRIAGE_PRICES: .*prices\.toml"):
        table(tmp_path, text)


def test_a_file_that_is_not_there_or_not_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("missing", "binary"):
        with pytest.raises(ConfigurationError, match=f"TRIAGE_PRICES: .*{name}"):
            load_price_table(tmp_path / name)


def test_a_batch_has_prices_of_its_own() -> None:
    prices = load_price_table(today=TODAY)
    usage = Usage(input=1_000, cache_read=100, output=10)
    assert prices.cost_nusd(HAIKU, usage) == 100_000 + 1_000 + 5_000
    assert prices.cost_nusd(HAIKU, usage, is_batch=True) == 50_000 + 500 + 2_500


def test_without_a_batch_price_the_ordinary_one_holds(tmp_path: Path) -> None:
    prices = table(tmp_path, entry("m", "2026-01-01"))
    assert prices.cost_nusd("m", Usage(input=7), is_batch=True) == prices.cost_nusd("m", Usage(input=7))

"""The limits file and the budget: read once, a wrong one names file and field."""

from decimal import Decimal
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger
from fleet.settings import load_settings
from worker.domain import Seen
from worker.limits import rules
from worker.limits.permits import Ask, Report, Settlement
from worker.limits.rules import MARGIN, TOKEN_STEP, Budget, LimitsFile, ModelLimits, budget_of, load_limits, paced
from worker.limits.shared import LIFE_BEYOND_DEADLINE_S, SharedLimiter


def written(folder: Path, text: str) -> Path:
    path = folder / "limits.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_every_model_has_the_defaults() -> None:
    assert load_limits(None).of("anything") == ModelLimits()


def test_a_file_sets_the_default_and_single_models(tmp_path: Path) -> None:
    text = '[default]\nrequests_per_minute = 50\n[models."claude-opus-5-5"]\noutput_tokens_per_minute = 8_000\n'
    found = load_limits(written(tmp_path, text))
    assert found.of("a").requests_per_minute == 50
    assert found.of("claude-opus-5-5").per_minute == (4_000, 4_000_000, 8_000)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[default]\nrequests_per_minute = 0", "requests_per_minute"),
        ("[default]\nrequests_per_minute = inf", "requests_per_minute"),
        ("[default]\nrequests_per_minute = nan", "requests_per_minute"),
        ("[default]\nrequests = 4", "requests"),
        ("[model.x]\nrequests_per_minute = 4", "model"),
        ("default = [", "is not TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_field(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=r"TRIAGE_LIMITS: .*limits\.toml") as found:
        load_limits(written(tmp_path, text))
    assert named in str(found.value)


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read .*none\.toml"):
        load_limits(tmp_path / "none.toml")
    broken = tmp_path / "limits.toml"
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="is not TOML"):
        load_limits(broken)


def test_the_budget_comes_from_the_settings() -> None:
    settings = load_settings({}, daily_budget_usd="2.5", minute_budget_usd="0.01", soft_budget_share=0.5)
    assert budget_of(settings) == Budget(2_500_000_000, 10_000_000, 0.5)
    assert budget_of(load_settings({})) == Budget()
    assert Decimal(budget_of(settings).soft_nusd or 0) == Decimal(1_250_000_000)


def test_the_urgent_lane_alone_may_use_all_of_the_day() -> None:
    budget = Budget(day_nusd=1_000)
    assert {lane: budget.usable_nusd(lane) for lane in Lane} == {Lane.URGENT: 1_000, Lane.NORMAL: 950, Lane.BULK: 950}
    assert Budget().usable_nusd(Lane.URGENT) is None
    assert Budget().soft_nusd is None


def test_less_than_the_providers_rate_is_used() -> None:
    assert paced(60_000) < 1
    assert LimitsFile().of("m").per_ms == tuple(map(paced, ModelLimits().per_minute))


def test_no_wait_is_longer_than_a_slot_may_be_held() -> None:
    assert max(rules.LONGEST_WAIT_MS.values()) <= 5_000


def test_a_probe_outlives_the_longest_wait_and_call() -> None:
    call_ms = load_settings({}).call_timeout_s * 1000
    assert max(rules.LONGEST_WAIT_MS.values()) + call_ms < rules.PROBE_MS <= rules.RESERVED_LIFE_MS


@pytest.mark.parametrize(("timeout_s", "probe_ms"), [(45.0, rules.PROBE_MS), (120.0, 135_000)])
def test_a_probe_of_a_slow_server_is_out_for_as_long_as_its_deadline_allows(timeout_s: float, probe_ms: int) -> None:
    ledger = AsyncLedger("redis://127.0.0.1:9/0")
    limiter = SharedLimiter(ledger, LimitsFile(), Budget(), call_life_s=timeout_s + LIFE_BEYOND_DEADLINE_S)
    script = limiter.acquisition(Ask("m", Tier.SMALL, Lane.NORMAL, "p", 1, 1, 1)).text
    assert f"local PROBE_MS = {probe_ms}\n" in script
    assert timeout_s * 1000 + max(rules.LONGEST_WAIT_MS.values()) < probe_ms <= rules.LONGEST_PROBE_MS


def test_of_headers_a_margin_and_a_rounding_step_are_kept_back() -> None:
    found = Settlement(Report.GOOD, seen=(Seen(100, 50), None, Seen(10_000, 3_000))).shown()
    assert found == (
        (paced(100), 50 - 100 * MARGIN),
        None,
        (paced(10_000), 3_000 - 10_000 * MARGIN - TOKEN_STEP),
    )

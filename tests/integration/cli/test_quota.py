import asyncio
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger, Ledger
from fleet.ledger import transitions as do
from tests.integration.cli.conftest import Ask, Start
from tests.integration.cli.test_show import claimed
from tests.support.bench import a_ticket
from worker.domain import Seen
from worker.limits import permits
from worker.limits.permits import HoldReason, Permit, Report, Settlement
from worker.limits.rules import Budget, LimitsFile
from worker.limits.shared import SharedLimiter

pytestmark = pytest.mark.integration

SMALL_MODEL, FRONTIER_MODEL = "claude-haiku-5-5", "claude-opus-5-5"
COST = 12_345_678
RESERVE = 50_000_000
Use = Callable[..., None]


@pytest.fixture
def use(redis_url: str, client: redis.Redis) -> Use:
    """Let the fleet's own limiter give a permit, and settle it where a settlement is given."""
    del client

    async def one(model: str, settlement: Settlement | None, input_tokens: int) -> None:
        ledger = AsyncLedger(redis_url)
        try:
            limiter = SharedLimiter(ledger, LimitsFile(), Budget(day_nusd=10_000_000_000))
            ask = permits.Ask(model, Tier.SMALL, Lane.NORMAL, "p", input_tokens, 400, RESERVE)
            permit = await limiter.acquire(ask)
            assert isinstance(permit, Permit)
            if settlement:
                await limiter.settle(permit, settlement)
        finally:
            await ledger.close()

    def run(model: str = SMALL_MODEL, settlement: Settlement | None = None, *, input_tokens: int = 500) -> None:
        asyncio.run(one(model, settlement, input_tokens))

    return run


def good(*limits: float) -> Settlement:
    seen: Any = tuple(Seen(limit, limit) for limit in limits) or (None, None, None)
    return Settlement(Report.GOOD, 500, 50, COST, seen=seen)


def limits_file(folder: Path, requests: int) -> str:
    file = folder / "limits.toml"
    file.write_text(
        f"[default]\nrequests_per_minute = {requests}\n"
        "input_tokens_per_minute = 4_000_000\noutput_tokens_per_minute = 800_000\n"
    )
    return str(file)


def test_status_tells_money_and_models(triage: Ask, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DAILY_BUDGET_USD", "0.07")
    use(SMALL_MODEL, good())
    use(FRONTIER_MODEL, Settlement(Report.LIMITED, retry_after_s=60))
    use(SMALL_MODEL)
    state = triage("status", "--json").json
    money, models = state["money"], state["models"]
    assert (money["spent_nusd"], money["reserved_nusd"]) == (COST, RESERVE)
    assert money["left_usd"] == pytest.approx(0.07 - (COST + RESERVE) / 1e9)
    assert money["minutes_left"] == pytest.approx((0.07e9 - COST - RESERVE) / COST)
    assert models[SMALL_MODEL]["breaker"]["is_open"] is False
    breaker = models[FRONTIER_MODEL]["breaker"]
    assert (breaker["is_open"], breaker["kind"]) == (True, "paused")
    assert 50 < breaker["seconds_left"] <= 60
    out = triage("status").out
    assert "spent     $0.0123, and $0.05 reserved" in out
    assert "paused by the provider (429), next in" in out
    assert out.endswith("the books balance\n")


def test_status_tells_how_full_the_buckets_are(triage: Ask, use: Use) -> None:
    use(input_tokens=5_000_000)
    bucket = triage("status", "--json").json["models"][SMALL_MODEL]["buckets"]["input_tokens"]
    assert bucket["percent_left"] == 0
    assert bucket["wait_s"] > 10
    assert bucket["allowed_per_minute"] == 4_000_000


def test_status_says_that_tickets_wait_for_money(triage: Ask, ledger: Ledger) -> None:
    ledger.run(do.accept(a_ticket("t1"), key="t1"))
    assert triage("status", "--json").json["money"]["tickets_wait_for_money"] is False
    ledger.run(do.retry("t1", claimed(ledger, "t1").fence, delay_ms=60_000, reason="budget"))
    assert triage("status", "--json").json["money"]["tickets_wait_for_money"] is True
    assert "TICKETS WAIT FOR MONEY" in triage("status").out


@pytest.mark.parametrize("command", ["status", "exporter"])
def test_a_wrong_limits_file_is_wrong_configuration(
    triage: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("TRIAGE_LIMITS", limits_file(tmp_path, -1))
    answer = triage(command)
    assert answer.code == 2
    assert "TRIAGE_LIMITS" in answer.err
    assert "requests_per_minute" in answer.err


def scraped(start: Start) -> list[str]:
    process = start("exporter", "--port", "0", "--host", "127.0.0.1", text=True)
    assert process.stderr
    with urllib.request.urlopen(process.stderr.readline().strip(), timeout=10) as answer:
        lines: list[str] = answer.read().decode().splitlines()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    return lines


def test_the_exporter_serves_limits_breaker_and_budget(start: Start, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DAILY_BUDGET_USD", "5")
    use(SMALL_MODEL, good(1_000, 4_000_000, 800_000))
    use(FRONTIER_MODEL, Settlement(Report.HOLD, retry_after_s=600, reason=HoldReason.SPEND_LIMITED))
    use(SMALL_MODEL, input_tokens=5_000_000)
    lines = scraped(start)
    for line in (
        'triage_limit_capacity{model="claude-haiku-5-5",resource="requests"} 1000.0',
        'triage_limit_capacity{model="claude-opus-5-5",resource="output_tokens"} 800000.0',
        'triage_limit_available{model="claude-haiku-5-5",resource="input_tokens"} 0.0',
        'triage_breaker_open{model="claude-haiku-5-5"} 0.0',
        'triage_breaker_open{model="claude-opus-5-5"} 1.0',
        'triage_model_held{model="claude-opus-5-5",reason="spend_limited"} 1.0',
        'triage_model_held{model="claude-opus-5-5",reason="unusable"} 0.0',
        'triage_model_held_seconds{model="claude-haiku-5-5"} 0.0',
        'triage_model_next_probe_seconds{model="claude-haiku-5-5"} 0.0',
        'triage_model_held{model="claude-haiku-5-5",reason="spend_limited"} 0.0',
        "triage_budget_spent_usd 0.012345678",
        "triage_budget_reserved_usd 0.05",
        "triage_budget_limit_usd 5.0",
        "triage_ledger_up 1.0",
    ):
        assert line in lines
    values = dict(line.rsplit(" ", 1) for line in lines if line.startswith("triage_model_"))
    assert float(values[f'triage_model_held_seconds{{model="{FRONTIER_MODEL}"}}']) > 0
    assert 300 < float(values[f'triage_model_next_probe_seconds{{model="{FRONTIER_MODEL}"}}']) <= 600


def test_a_held_model_is_said_by_status_and_check(triage: Ask, use: Use) -> None:
    use(SMALL_MODEL, Settlement(Report.HOLD, retry_after_s=600, reason=HoldReason.SPEND_LIMITED))
    out = triage("status").out
    assert "HELD for" in out
    assert "credit or spend limit used up" in out
    breaker = triage("status", "--json").json["models"][SMALL_MODEL]["breaker"]
    assert (breaker["is_open"], breaker["held_for"]) == (True, "spend_limited")
    answer = triage("check")
    assert answer.code, "a held model fails the check"
    assert "is held (spend_limited) for " in answer.out
    assert "now, next probe in 9 min" in answer.out
    held = [line for line in triage("check", "--json").json["findings"] if line["id"] == "limits.held"]
    assert [(line["level"], "console" in line["remedy"]) for line in held] == [("failed", True)]


def test_tickets_refused_in_doubt_are_counted(triage: Ask, use: Use) -> None:
    use(SMALL_MODEL, Settlement(Report.REFUSED, ticket_id="t1"))
    assert triage("status", "--json").json["models"][SMALL_MODEL]["breaker"]["refused_in_doubt"] == 1
    assert "1 ticket refused in the last hour" in triage("status").out


@pytest.mark.usefixtures("client")
def test_without_a_cap_there_is_no_budget_limit(start: Start) -> None:
    lines = scraped(start)
    assert "triage_budget_spent_usd 0.0" in lines
    assert not any(line.startswith("triage_budget_limit_usd") for line in lines)
    assert 'triage_limit_available{model="claude-haiku-5-5",resource="requests"} 4000.0' in lines


def limit_findings(triage: Ask) -> list[tuple[str, str]]:
    found = triage("check", "--json").json["findings"]
    return [(line["level"], line["message"]) for line in found if line["subject"] == "limits"]


def test_check_compares_the_limits_with_what_the_provider_showed(
    triage: Ask, use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(SMALL_MODEL, good(1_000, 4_000_000, 800_000))
    use(FRONTIER_MODEL, good(9_000, 4_000_000, 800_000))
    monkeypatch.setenv("TRIAGE_LIMITS", limits_file(tmp_path, 4_000))
    allows = "TRIAGE_LIMITS allows 4,000"
    assert limit_findings(triage)[1:] == [
        ("failed", f"provider shows 1,000 requests a minute for {SMALL_MODEL}, {allows}: lower it"),
        ("ok", f"provider shows 9,000 requests a minute for {FRONTIER_MODEL}, {allows}: the rest is unused"),
    ]


def test_check_says_what_is_wrong_in_the_limits_file(
    triage: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "limits.toml"
    monkeypatch.setenv("TRIAGE_LIMITS", str(file))
    for text, words in (
        ("no toml", "is not TOML"),
        ("[default]\nrequests_per_minute = 0\n", "default.requests_per_minute"),
        ("[modles.x]\n", "modles"),
    ):
        file.write_text(text)
        ((level, message),) = limit_findings(triage)
        assert level == "failed"
        assert words in message


@pytest.mark.usefixtures("client")
def test_check_notices_limits_of_a_model_that_nobody_calls(
    triage: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "limits.toml"
    file.write_text('[models."claude-haiku-55"]\n')
    monkeypatch.setenv("TRIAGE_LIMITS", str(file))
    assert "claude-haiku-55" in next(message for level, message in limit_findings(triage) if level == "warning")


def test_check_needs_no_ledger_to_read_the_limits(triage: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIAGE_REDIS_URL")
    assert [level for level, _ in limit_findings(triage)] == ["ok", "warning"]

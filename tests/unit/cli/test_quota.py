import re
from typing import Any

import pytest

from fleet.ledger.spending import DAY_MS, Spending
from ops.cli.health.finding import Level
from ops.cli.quota.check import compare
from ops.cli.quota.page import model_lines, money_lines
from ops.cli.quota.state import model, money
from worker.limits.permits import Refusal
from worker.limits.reading import Levels, ModelState, Stop, judge
from worker.limits.rules import Budget, LimitsFile, ModelLimits, paced

LIMITS = LimitsFile(
    default=ModelLimits(requests_per_minute=1_200, input_tokens_per_minute=60_000, output_tokens_per_minute=12_000)
)
NOON = 20_000 * DAY_MS + DAY_MS // 2
DOLLAR = 1_000_000_000
WAITS = "TICKETS WAIT FOR MONEY"


def state(
    left: tuple[float, float, float] = (50.0, 2_500.0, 500.0),
    *,
    shown: tuple[float | None, float | None, float | None] = (None, None, None),
    since_ms: float = 0,
    stop: Stop | None = None,
) -> ModelState:
    r1, r2, r3 = (None if rate is None else paced(rate) for rate in shown)
    return judge("m", LIMITS, Levels(NOON - since_ms, left, (r1, r2, r3)), stop, now_ms=NOON)


def told(
    spending: Spending, *, cap: int | None = 10 * DOLLAR, now_ms: int = NOON, wait: bool = False
) -> dict[str, Any]:
    return money(spending, Budget(day_nusd=cap), now_ms=now_ms, tickets_wait=wait)


def test_a_model_that_was_never_called_has_full_buckets() -> None:
    found = judge("m", LIMITS, None, None, now_ms=NOON)
    assert [bucket.share_left for bucket in found.buckets] == [1.0, 1.0, 1.0]
    assert [bucket.per_minute for bucket in found.buckets] == [1_200, 60_000, 12_000]
    assert not found.is_stopped


def test_levels_are_refilled_up_to_this_moment_and_never_above_the_bucket() -> None:
    requests, tokens, _ = state((0.0, 4_900.0, 0.0), since_ms=1_000).buckets
    assert requests.level == pytest.approx(1_200 * 0.995 / 60)
    assert requests.share_left == pytest.approx(0.2)
    assert tokens.share_left == 1.0


def test_below_zero_nothing_is_left_and_the_wait_is_told() -> None:
    requests = state((-19.9, 0.0, 0.0)).buckets[0]
    assert requests.share_left == 0.0
    assert requests.wait_s == pytest.approx(1.0)


def test_a_smaller_limit_that_the_provider_shows_is_in_force() -> None:
    requests = state((0.0, 0.0, 0.0), shown=(600, 60_000, None), since_ms=1_000).buckets[0]
    assert (requests.shown_per_minute, requests.per_minute) == (600, 600)
    assert requests.level == pytest.approx(600 * 0.995 / 60)


@pytest.mark.parametrize(
    ("stop", "is_stopped", "words"),
    [
        (None, False, "go out"),
        (Stop(Refusal.PAUSED, NOON + 12_000), True, "paused by the provider (429), next in 12.0 s"),
        (Stop(Refusal.PAUSED, NOON - 1), False, "the next one is a probe"),
        (Stop(Refusal.BREAKER, NOON - 1, NOON + 5_000), True, "stopped, for the provider fails, a probe is out"),
        (Stop(Refusal.BREAKER, NOON + 90_000), True, "stopped, for the provider fails, next in 1 min 30 s"),
        (Stop(Refusal.HELD, NOON - 1), True, "held for a person, the next one is a probe"),
        (Stop(Refusal.PAUSED, NOON + 1e9), False, "the next one is a probe"),
    ],
)
def test_a_stopped_model_says_why_and_for_how_long(stop: Stop | None, is_stopped: bool, words: str) -> None:
    found = state(stop=stop)
    lines = model_lines({"m": model(found)})
    assert found.is_stopped is is_stopped
    assert lines[1].endswith(f"  {words}")
    assert len(lines) == (3 if is_stopped else 2)


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (Refusal.PAUSED, "compare TRIAGE_LIMITS"),
        (Refusal.BREAKER, "nothing to do but wait"),
        (Refusal.HELD, "see triage check"),
    ],
)
def test_a_stopped_model_says_what_to_do(kind: Refusal, advice: str) -> None:
    assert advice in model_lines({"m": model(state(stop=Stop(kind, NOON + 1_000)))})[-1]


def test_levels_are_written_as_a_share_of_what_is_allowed() -> None:
    line = model_lines({"m": model(state((-19.9, 2_487.5, 9_999.0)))})[1]
    assert re.split(" {2,}", line)[:4] == [
        "m",
        "0 % of 1,200, 1.00 s wait",
        "50 % of 60,000",
        "100 % of 12,000",
    ]


def test_money_says_what_is_left_and_when_it_runs_out() -> None:
    found = told(Spending(4 * DOLLAR, DOLLAR, 0.05 * DOLLAR))
    assert (found["spent_usd"], found["reserved_usd"], found["left_usd"], found["limit_usd"]) == (4.0, 1.0, 5.0, 10.0)
    assert found["minutes_left"] == pytest.approx(100)
    assert found["runs_out_at"][11:16] == "13:40"
    assert found["is_soft_cap_reached"] is False
    assert money_lines(found) == [
        "money today (UTC)",
        "  spent     $4.00, and $1.00 reserved for calls under way",
        "  left      $5.00 of $10.00",
        "  pace      $0.05 a minute; runs out in 1 h 40 min, at 13:40 UTC",
        "  soft cap  not reached, at $8.00",
    ]


def test_money_that_lasts_until_the_day_ends_does_not_run_out() -> None:
    found = told(Spending(DOLLAR, 0, 0.001 * DOLLAR))
    assert found["runs_out_at"] is None
    assert any("lasts until the day ends" in line for line in money_lines(found))


def test_without_spending_there_is_no_end_in_sight() -> None:
    found = told(Spending(0, 0, 0.0))
    assert (found["minutes_left"], found["runs_out_at"]) == (None, None)
    assert "  pace      $0.00 a minute" in money_lines(found)


def test_a_spent_day_says_so() -> None:
    found = told(Spending(10 * DOLLAR, 2 * DOLLAR, DOLLAR), wait=True)
    lines = money_lines(found)
    assert (found["left_usd"], found["minutes_left"]) == (0.0, 0.0)
    assert any(line.endswith("nothing is left") for line in lines)
    assert any("reached at $8.00: the frontier model is kept" in line for line in lines)
    assert any(WAITS in line for line in lines)


def test_without_a_cap_only_spending_is_told() -> None:
    found = told(Spending(DOLLAR, 0, DOLLAR), cap=None)
    capped = ("limit_usd", "left_usd", "minutes_left", "runs_out_at", "soft_cap_usd", "is_soft_cap_reached")
    assert {found[name] for name in capped} == {None}
    lines = money_lines(found)
    assert any("no cap is set in this environment" in line for line in lines)
    assert not any("soft cap" in line or WAITS in line for line in lines)


def test_a_limit_above_the_providers_has_to_be_lowered() -> None:
    (line,) = compare(state(shown=(1_000, 60_000, 12_000)), "TRIAGE_LIMITS allows")
    assert line.level is Level.FAILED
    assert line.text == "provider shows 1,000 requests a minute for m, TRIAGE_LIMITS allows 1,200: lower it"


def test_a_default_above_the_providers_asks_for_a_file() -> None:
    (line,) = compare(state(shown=(1_000, None, None)), "the default allows")
    assert line.level is Level.FAILED
    assert line.text.endswith("the default allows 1,200: set TRIAGE_LIMITS")


def test_a_limit_below_the_providers_leaves_some_unused() -> None:
    (line,) = compare(state(shown=(1_200, 80_000, None)), "TRIAGE_LIMITS allows")
    assert line.level is Level.OK
    assert line.text == (
        "provider shows 80,000 input tokens a minute for m, TRIAGE_LIMITS allows 60,000: the rest is unused"
    )


@pytest.mark.parametrize(
    ("shown", "words"),
    [((1_200, 60_000, 12_000), "as the provider shows"), ((None, None, None), "after the first call")],
)
def test_equal_or_unknown_limits_are_one_line(
    shown: tuple[float | None, float | None, float | None], words: str
) -> None:
    (line,) = compare(state(shown=shown), "TRIAGE_LIMITS allows")
    assert line.level is Level.OK
    assert "1,200 requests a minute, 60,000 input tokens a minute, 12,000 output tokens a minute" in line.text
    assert words in line.text

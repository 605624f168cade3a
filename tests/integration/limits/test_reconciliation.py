"""Two thousand calls with every fault there is: four books of the same money agree to the last nano-dollar."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import redis

from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_totals
from fleet.settings import Settings
from ops.simulator.faults.plan import Kind
from tests.support.books import recorded_calls
from tests.support.crew import Crew, compress_time, crew, submit
from tests.support.load import MIXED
from tests.support.simulator import Simulator
from worker.limits import gate
from worker.limits.rules import Budget

pytestmark = [pytest.mark.slow, pytest.mark.integration]

TICKETS = 1_400
LEAST_CALLS = 2_000
SLOTS = 24
SPOILT = 0.08
"""Share of the calls that each kind of bad reply spoils, while it lasts."""

CLOSING = {
    *(Kind.RATE_LIMIT, Kind.RAMP_LIMIT, Kind.SPEND_LIMIT, Kind.UNAUTHORIZED, Kind.OVERLOADED, Kind.ERROR_500),
    *(Kind.CREDIT_400, Kind.USAGE_LIMIT_400, Kind.DISABLED_400, Kind.FORMAT_REFUSED_400, Kind.REFUSED_400),
    *(Kind.OVERLOADED_200, Kind.HTML_200, Kind.REDIRECT),
}
HANGING = {Kind.TIMEOUT, Kind.TRICKLE}


def faults() -> list[dict[str, Any]]:
    """Give every kind whose calls come back, each of them some times."""
    planned: list[dict[str, Any]] = []
    for kind in Kind:
        if kind in CLOSING:
            timed = (Kind.RATE_LIMIT, Kind.RAMP_LIMIT, Kind.USAGE_LIMIT_400)
            wait = {"retry_after_s": 0.2} if kind in timed else {}
            planned.append({"kind": kind, "share": 0.02, "times": 6, **wait})
        elif kind not in HANGING:
            planned.append({"kind": kind, "share": SPOILT, "times": 130})
    return planned


def spent_by_budget(client: redis.Redis) -> tuple[int, int]:
    """Sum what the limiter's books say, of all days (a run may cross midnight): spent and reserved."""
    days = list(client.scan_iter("tf:bud:[0-9]*"))
    rows: list[Any] = [client.hmget(day, "spent", "reserved") for day in days]
    return sum(int(row[0] or 0) for row in rows), sum(int(row[1] or 0) for row in rows)


def spent_by_metric(workers: Crew) -> int:
    """Sum the metric, in whole nano-dollars; each label's sum is a float, and exact after rounding."""
    return sum(
        round(sample.value * 1e9)
        for worker in workers.workers
        for metric in worker.metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "triage_model_cost_usd_total"
    )


@pytest.fixture(autouse=True)
def _compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    compress_time(monkeypatch, 300)
    monkeypatch.setattr(gate, "RAMP_PAUSE_S", 0.2)


def test_tickets_metric_budget_and_the_providers_bill_agree(
    redis_url: str, ledger: Ledger, client: redis.Redis, simulator: Simulator, make_settings: Callable[..., Settings]
) -> None:
    ids = submit(ledger, TICKETS, MIXED)
    simulator.plan(*faults())
    settings = make_settings(call_timeout_s=30.0)  # a busy machine must not make a good one look hung

    async def run() -> int:
        budget = Budget(day_nusd=10**14, minute_nusd=10**14)
        async with crew(redis_url, settings, workers=1, slots=SLOTS, budget=budget) as workers:
            await workers.work(ids, lambda: read_totals(client).waiting == 0, deadline_s=90)
            return spent_by_metric(workers)

    by_metric = asyncio.run(run())
    assert read_totals(client).waiting == 0
    assert audit(client) == []
    stats = simulator.stats()
    assert set(stats["faults"]) == {kind.value for kind in Kind if kind not in HANGING}
    assert simulator.calls() >= LEAST_CALLS
    by_tickets = sum(int(client.hget(f"tf:t:{ticket_id}", "cost_nusd") or 0) for ticket_id in ids)
    by_calls = sum(call["cost_nusd"] for call in recorded_calls(client, ids))
    by_budget, reserved = spent_by_budget(client)
    bill = sum(stats["bill_nano_dollars"].values())
    assert bill > 0
    assert (by_tickets, by_calls, read_totals(client).cost_nusd, by_metric, by_budget) == (bill,) * 5
    assert reserved == 0


def test_calls_that_are_billed_and_never_answered_are_booked_by_estimate(
    redis_url: str, ledger: Ledger, client: redis.Redis, simulator: Simulator, make_settings: Callable[..., Settings]
) -> None:
    ids = submit(ledger, 400, MIXED)
    simulator.plan({"kind": Kind.TIMEOUT, "share": 0.15, "times": 40, "start_s": 1.0})

    async def run() -> int:
        budget = Budget(day_nusd=10**14)
        async with crew(redis_url, make_settings(call_timeout_s=1.5), workers=1, slots=SLOTS, budget=budget) as workers:
            await workers.work(ids, lambda: read_totals(client).waiting == 0, deadline_s=90)
            return spent_by_metric(workers)

    by_metric = asyncio.run(run())
    bill = sum(simulator.stats()["bill_nano_dollars"].values())
    by_budget, reserved = spent_by_budget(client)
    assert (by_metric, read_totals(client).cost_nusd, reserved) == (by_budget, by_budget, 0)
    assert -0.005 * bill <= by_budget - bill <= 0.02 * bill, (by_budget, bill)
    assert audit(client) == []

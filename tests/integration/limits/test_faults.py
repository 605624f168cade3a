"""The provider's bad hours, with the real parts of several workers against the simulator, in compressed time."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_dead, read_totals
from fleet.settings import Settings
from tests.support.books import recorded_calls
from tests.support.crew import attempts, compress_time, crew, submit
from tests.support.simulator import Simulator
from worker.limits.rules import LEAST_REPLIES

pytestmark = pytest.mark.integration

MakeSettings = Callable[..., Settings]
WORKERS, SLOTS = 2, 8
FACTOR = 60
"""So many times faster than in production: a breaker opens for a quarter of a second, then a half; a hold a second."""


@pytest.fixture(autouse=True)
def _compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    compress_time(monkeypatch, FACTOR)


class Trial:
    """One run of a crew against a fault."""

    def __init__(self, redis_url: str, ledger: Ledger, client: redis.Redis, simulator: Simulator) -> None:
        self.redis_url, self.ledger, self.client, self.simulator = redis_url, ledger, client, simulator
        self.calls_in_fault = 0
        self.ended_after_s = 0.0
        self.longest_call_s = 0.0

    def run(
        self, settings: Settings, count: int, fault: dict[str, Any], lasts_s: float, deadline_s: float = 30
    ) -> None:
        self.ids = ids = submit(self.ledger, count)
        self.simulator.plan(fault)
        started = time.monotonic()
        mended = 0.0

        def is_done() -> bool:
            nonlocal mended
            if not mended and time.monotonic() - started > lasts_s:
                self.calls_in_fault = self.simulator.calls()
                self.simulator.plan()
                mended = time.monotonic()
            return bool(mended) and read_totals(self.client).waiting == 0

        async def whole() -> None:
            async with crew(self.redis_url, settings, workers=WORKERS, slots=SLOTS) as workers:
                await workers.work(ids, is_done, deadline_s=lasts_s + deadline_s)

        asyncio.run(whole())
        self.ended_after_s = time.monotonic() - mended
        totals = read_totals(self.client)
        assert (totals.triaged, totals.parked, totals.waiting) == (count, 0, 0), totals
        assert audit(self.client) == []
        self.longest_call_s = max(call["seconds"] for call in recorded_calls(self.client, ids))


@pytest.fixture
def trial(redis_url: str, ledger: Ledger, client: redis.Redis, simulator: Simulator) -> Trial:
    return Trial(redis_url, ledger, client, simulator)


def test_during_a_429_with_retry_after_hardly_a_call_goes_out_and_no_attempt_is_burnt(
    trial: Trial, make_settings: MakeSettings
) -> None:
    trial.run(make_settings(), 120, {"kind": "rate_limit", "retry_after_s": 1}, lasts_s=2.5)
    # Those under way at the first refusal, then one probe each time the pause ends.
    assert trial.calls_in_fault <= WORKERS * SLOTS + 3
    assert attempts(trial.client, trial.ids) == {1}, "of the call that went well, and of no other"


@pytest.mark.parametrize("kind", ["overloaded", "error_500"])
def test_an_outage_is_probed_and_outlived(trial: Trial, make_settings: MakeSettings, kind: str) -> None:
    trial.run(make_settings(), 120, {"kind": kind}, lasts_s=2)
    assert (
        trial.calls_in_fault <= 10 + WORKERS * SLOTS + 10
    )  # until it opens, those under way, one probe after the other
    assert trial.ended_after_s < 60 / FACTOR + 10, "the second is a minute, and a busy machine has some left over"
    if kind == "overloaded":
        assert attempts(trial.client, trial.ids) == {1}
    else:
        assert max(attempts(trial.client, trial.ids)) <= 3


@pytest.mark.parametrize("kind", ["timeout", "trickle"])
def test_a_call_that_hangs_or_trickles_frees_its_slot_at_the_deadline(
    trial: Trial, make_settings: MakeSettings, kind: str
) -> None:
    fault = {"kind": kind, "match": "invoices", "times": 17}
    trial.run(make_settings(call_timeout_s=0.8), 50, fault, lasts_s=2)
    assert 0.7 < trial.longest_call_s < 3
    assert trial.simulator.stats()["in_flight"] == 0


@pytest.mark.parametrize("kind", ["unauthorized", "spend_limit"])
def test_what_a_person_has_to_mend_is_asked_about_now_and_then_and_drains_after(
    trial: Trial, make_settings: MakeSettings, kind: str
) -> None:
    lasts_s = 2.2
    trial.run(make_settings(), 100, {"kind": kind}, lasts_s=lasts_s)
    probes = 5 + lasts_s * FACTOR / 30  # some soon, then two a minute
    assert trial.calls_in_fault <= WORKERS * SLOTS + probes + 1
    assert attempts(trial.client, trial.ids) == {1}


ACCOUNT = [
    *("credit_400", "usage_limit_400", "disabled_400", "format_refused_400", "refused_400"),
    *("overloaded_200", "html_200", "redirect"),
]


@pytest.mark.parametrize("kind", ACCOUNT)
def test_no_ticket_pays_for_the_trouble_of_the_account_or_the_gateway(
    trial: Trial, make_settings: MakeSettings, kind: str
) -> None:
    trial.run(make_settings(), 100, {"kind": kind, "retry_after_s": 1}, lasts_s=1.0)
    # Those under way at the first refusal, and one probe after the other.
    assert trial.calls_in_fault <= 10 + WORKERS * SLOTS + 10
    assert max(attempts(trial.client, trial.ids)) == 1


def test_nonsense_from_both_models_is_not_paid_for_and_parks_nobody_for_good(
    trial: Trial, make_settings: MakeSettings
) -> None:
    trial.run(make_settings(), 100, {"kind": "prose"}, lasts_s=1.5)
    assert trial.calls_in_fault <= 4 * (LEAST_REPLIES + WORKERS * SLOTS)


def test_one_poisonous_ticket_among_healthy_ones_is_parked_alone(
    redis_url: str, ledger: Ledger, client: redis.Redis, simulator: Simulator, make_settings: MakeSettings
) -> None:
    ids = submit(ledger, 60, ("How do I change my password? Case <{n}>.",))
    simulator.plan({"kind": "refused_400", "match": "Case <7>"}, {"kind": "credit_400", "match": "Case <31>"})

    async def whole() -> None:
        async with crew(redis_url, make_settings(), workers=WORKERS, slots=2) as workers:
            await workers.work(ids, lambda: read_totals(client).waiting == 0, deadline_s=30)

    asyncio.run(whole())
    parked = {row["id"]: row["reason"] for row in read_dead(client)}
    assert parked == {"t7": "bad_request", "t31": "bad_request"}
    assert read_totals(client).triaged == 58
    assert audit(client) == []


def test_what_was_parked_in_doubt_comes_back_when_others_get_through(
    redis_url: str, ledger: Ledger, client: redis.Redis, simulator: Simulator, make_settings: MakeSettings
) -> None:
    ids = submit(ledger, 2)
    simulator.plan({"kind": "refused_400"})

    async def whole() -> None:
        async with crew(redis_url, make_settings()) as workers:
            await workers.work(ids, lambda: read_totals(client).parked == 2, deadline_s=30)
            simulator.plan()
            await workers.revival().look()
            assert read_totals(client).parked == 2, "nobody got through yet"
            more = submit(ledger, 3)[2:]
            await workers.work(more, lambda: read_totals(client).triaged == 3, deadline_s=30)

    asyncio.run(whole())
    assert audit(client) == []

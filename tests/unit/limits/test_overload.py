"""Ten minutes of a provider in trouble, on a fake clock: pipeline, gate and limiter of a fleet with many tickets."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from fleet.lanes import Lane, Tier
from fleet.taxonomy import load_taxonomy
from fleet.ticket import Source, Ticket
from tests.support.limits import FakeClock
from tests.support.scripted import WORST_NUSD, reply
from worker.domain import Call, CallResult, Escalate, Failure, Finish, Foreseen, Park, Purpose, Reply, Retry, Usage
from worker.limits.gate import Gate
from worker.limits.memory import MemoryLimiter
from worker.limits.retry import RetryPolicy
from worker.limits.rules import Budget, LimitsFile
from worker.llm.client import Repair
from worker.pipeline import Pipeline, Run

TICKETS, SLOTS = 200, 16
TICK_MS = 100
OUTAGE_S = 600


@dataclass
class Troubled:
    """A model that fails in one way until it is mended."""

    clock: FakeClock
    failure: Failure
    mended_ms: int
    calls: int = 0

    def foresee(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> Foreseen:
        del ticket, repair
        return Foreseen(f"a-{tier}-model", tier, "p", 100, 20, WORST_NUSD)

    async def call(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> tuple[Call, Reply | Failure]:
        del ticket, repair
        call = Call(
            f"a-{tier}-model", tier, Purpose.TRIAGE, "p", CallResult.OK, 0.5, Usage(input=100, output=20), 1_000
        )
        if self.clock.now >= self.mended_ms:
            return call, reply()
        self.calls += 1
        failed = self.failure
        asked = failed.retry_after_s
        return Call(call.model, tier, Purpose.TRIAGE, "p", failed.result, 0.5, retry_after_s=asked), failed


@dataclass
class Ledger:
    """Where the tickets wait, as far as this needs it."""

    due: dict[int, int]
    attempts: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(TICKETS), 0))
    most_attempts: int = 0
    parked: int = 0
    slots_taken_ms: int = 0


async def live(result: CallResult, retry_after_s: float | None = None) -> tuple[Troubled, Ledger, float]:
    """Let the fleet live through the outage; answers the seconds after its end until all was done."""
    clock, chance = FakeClock(), random.Random(1)
    begun = clock.now
    model = Troubled(clock, Failure(result, "in trouble", retry_after_s), begun + OUTAGE_S * 1000)
    ledger = Ledger(dict.fromkeys(range(TICKETS), begun))
    limiter = MemoryLimiter(LimitsFile(), Budget(), lambda: clock.now, lambda _lane: len(ledger.due))
    gate = Gate(limiter, chance.random)
    pipeline = Pipeline(load_taxonomy(), model, RetryPolicy(8, chance.random), gate)
    ticket = Ticket(source=Source.HTTP, body="I was charged twice.")
    while ledger.due:
        for n in [n for n, at in ledger.due.items() if at <= clock.now][:SLOTS]:
            ledger.attempts[n] += 1
            ledger.most_attempts = max(ledger.most_attempts, ledger.attempts[n])
            decision = await pipeline.triage(Run(ticket, Tier.SMALL, ledger.attempts[n], lane=Lane.NORMAL))
            await gate.all_settled()
            assert not isinstance(decision, Escalate)
            if isinstance(decision, Retry):
                ledger.attempts[n] -= decision.refund
                ledger.due[n] = clock.now + int(decision.delay_s * 1000)
                continue
            ledger.parked += isinstance(decision, Park)
            assert isinstance(decision, Finish | Park)
            del ledger.due[n]
        clock.advance(TICK_MS)
        assert clock.now < begun + (OUTAGE_S + 300) * 1000, "it never ends"
    return model, ledger, (clock.now - model.mended_ms) / 1000


def test_ten_minutes_of_overload_burn_no_attempt_park_nothing_and_are_probed_a_bounded_number_of_times() -> None:
    model, ledger, after_s = asyncio.run(live(CallResult.OVERLOADED))
    assert set(ledger.attempts.values()) == {1}, "of the call that went well"
    assert ledger.parked == 0
    assert model.calls <= 10 + 1 + OUTAGE_S / 30
    assert after_s <= 60


@pytest.mark.parametrize("result", [CallResult.SERVER_ERROR, CallResult.TIMEOUT, CallResult.CONNECTION])
def test_ten_minutes_of_other_trouble_park_nothing(result: CallResult) -> None:
    model, ledger, after_s = asyncio.run(live(result))
    assert ledger.parked == 0
    assert ledger.most_attempts <= 3
    assert model.calls <= 10 + 1 + OUTAGE_S / 30
    assert after_s <= 60


def test_ten_minutes_of_429_with_retry_after_cost_one_call_each_time_it_ends() -> None:
    model, ledger, after_s = asyncio.run(live(CallResult.RATE_LIMITED, 20.0))
    assert set(ledger.attempts.values()) == {1}
    assert ledger.parked == 0
    assert model.calls <= 1 + OUTAGE_S / 20
    assert after_s <= 60


@pytest.mark.parametrize("result", [CallResult.SPEND_LIMITED, CallResult.UNAUTHORIZED, CallResult.NOT_FOUND])
def test_ten_minutes_without_a_key_or_credit_cost_two_calls_a_minute(result: CallResult) -> None:
    model, ledger, after_s = asyncio.run(live(result))
    assert set(ledger.attempts.values()) == {1}
    assert ledger.parked == 0
    assert model.calls <= 1 + 5 + OUTAGE_S / 30
    assert after_s <= 60


def test_a_ramp_limit_rests_longer_than_it_asks() -> None:
    model, ledger, _ = asyncio.run(live(CallResult.RAMP_LIMITED, 1.0))
    assert ledger.parked == 0
    assert model.calls <= 1 + OUTAGE_S / 30

"""The gate: waits as told, fails closed, settles whatever happens, and knows one kind of failure from another."""

import asyncio
from collections.abc import Callable

import pytest

from fleet.errors import LedgerUnavailableError
from fleet.lanes import Lane, Tier
from tests.support.limits import MODEL, FakeClock, limits
from worker.domain import Call, CallResult, Foreseen, Purpose, Seen, Usage
from worker.limits.gate import SERVER_AWAY_S, Gate
from worker.limits.memory import MemoryLimiter
from worker.limits.permits import OPEN, Ask, NotNow, Permit, Refusal, Report, Settled, Settlement
from worker.limits.rules import Budget

FORESEEN = Foreseen(MODEL, Tier.SMALL, "p1", 100, 400, 5_000)


class Watched:
    """A limiter that remembers settlements; `is_away`: its server is gone."""

    def __init__(self, wait_s: float = 0.0) -> None:
        self.clock = FakeClock()
        self.real = MemoryLimiter(limits(), Budget(day_nusd=10_000, urgent_share=0.0), lambda: self.clock.now)
        self.wait_s = wait_s
        self.is_away = False
        self.asked: list[Ask] = []
        self.settled: list[Settlement] = []

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        if self.is_away:
            raise LedgerUnavailableError("gone")
        self.asked.append(ask)
        answer = await self.real.acquire(ask)
        if isinstance(answer, NotNow):
            return answer
        return Permit(
            ask, self.wait_s, answer.minute, answer.number, answer.output_tokens, answer.is_soft, answer.is_probe
        )

    async def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        if self.is_away:
            raise LedgerUnavailableError("gone")
        self.settled.append(settlement)
        return await self.real.settle(permit, settlement)


def a_call(result: CallResult, retry_after_s: float | None = None) -> Call:
    usage = Usage(input=70, cache_write_5m=30, cache_read=900, output=50)
    if result is not CallResult.OK:
        usage = Usage()
    cost = 700 if result is CallResult.OK else 0
    seen = (Seen(60, 59), None, None)
    return Call(
        MODEL, Tier.SMALL, Purpose.TRIAGE, "p1", result, 0.5, usage, cost, retry_after_s=retry_after_s, seen=seen
    )


async def permit_of(gate: Gate, lane: Lane = Lane.NORMAL) -> Permit:
    answer = await gate.enter(FORESEEN, lane, is_exempt=False)
    assert isinstance(answer, Permit), answer
    return answer


def settlement_of(result: CallResult, retry_after_s: float | None = None) -> Settlement:
    limiter = Watched()
    gate = Gate(limiter, lambda: 0.0)

    async def once() -> None:
        await gate.leave(await permit_of(gate), a_call(result, retry_after_s))

    asyncio.run(once())
    assert len(limiter.settled) == 1
    return limiter.settled[0]


def test_what_was_foreseen_is_asked_for() -> None:
    limiter = Watched()
    asyncio.run(permit_of(Gate(limiter, lambda: 0.0), Lane.URGENT))
    assert limiter.asked == [Ask(MODEL, Tier.SMALL, Lane.URGENT, "p1", 100, 400, 5_000)]


def test_a_permitted_call_waits_as_long_as_it_was_told_and_says_so() -> None:
    told: list[tuple[str, float]] = []

    async def once() -> float:
        gate = Gate(Watched(0.05), lambda: 0.0, lambda model, seconds: told.append((model, seconds)))
        started = asyncio.get_running_loop().time()
        await permit_of(gate)
        return asyncio.get_running_loop().time() - started

    assert asyncio.run(once()) >= 0.049
    assert told == [(MODEL, 0.05)]


def test_without_the_server_there_is_no_permit_and_a_time_to_come_back() -> None:
    limiter = Watched()
    limiter.is_away = True
    gate = Gate(limiter, lambda: 1.0)
    answer = asyncio.run(gate.enter(FORESEEN, Lane.NORMAL, is_exempt=False))
    assert answer == NotNow(Refusal.LIMIT, SERVER_AWAY_S, SERVER_AWAY_S)
    again = gate.come_back(answer)
    assert (again.delay_s, again.refund) == (2 * SERVER_AWAY_S, True)


def test_a_settlement_that_cannot_be_written_breaks_nothing() -> None:
    limiter = Watched()
    gate = Gate(limiter, lambda: 0.0)

    async def once() -> Settled:
        permit = await permit_of(gate)
        limiter.is_away = True
        return await gate.leave(permit, a_call(CallResult.UNAUTHORIZED))

    assert asyncio.run(once()) == OPEN
    assert sum(limiter.real.reserved.values()) == 5_000, "counted as spent"


def test_a_good_call_is_settled_with_its_usage_without_what_was_cached() -> None:
    found = settlement_of(CallResult.OK)
    assert found == Settlement(Report.GOOD, 100, 50, 700, 5.0, (Seen(60, 59), None, None))


def test_a_good_call_can_be_settled_beside_other_work() -> None:
    limiter = Watched()
    gate = Gate(limiter, lambda: 0.0)

    async def once() -> None:
        gate.leave_good(await permit_of(gate), a_call(CallResult.OK))
        assert limiter.settled == []
        await gate.all_settled()

    asyncio.run(once())
    assert [one.report for one in limiter.settled] == [Report.GOOD]


@pytest.mark.parametrize(
    ("result", "report"),
    [
        (CallResult.RATE_LIMITED, Report.LIMITED),
        (CallResult.RAMP_LIMITED, Report.LIMITED),
        (CallResult.SPEND_LIMITED, Report.HOLD),
        (CallResult.UNAUTHORIZED, Report.HOLD),
        (CallResult.NOT_FOUND, Report.HOLD),
        (CallResult.DISABLED, Report.HOLD),
        (CallResult.FORMAT_REFUSED, Report.HOLD),
        (CallResult.MISDIRECTED, Report.HOLD),
        (CallResult.BAD_REQUEST, Report.REFUSED),
        (CallResult.OVERLOADED, Report.BAD),
        (CallResult.SERVER_ERROR, Report.BAD),
        (CallResult.TIMEOUT, Report.BAD),
        (CallResult.CONNECTION, Report.BAD),
        (CallResult.UNREADABLE, Report.BAD),
    ],
)
def test_every_failure_is_reported_for_what_it_says_about_the_provider(result: CallResult, report: Report) -> None:
    found = settlement_of(result)
    assert (found.report, found.input_tokens, found.output_tokens, found.cost_nusd) == (report, None, None, 0)


@pytest.mark.parametrize(
    ("result", "asked", "pause_s"),
    [
        (CallResult.RATE_LIMITED, 20.0, 20.0),
        (CallResult.RATE_LIMITED, None, 5.0),
        (CallResult.RATE_LIMITED, 0.0, 0.1),
        (CallResult.RATE_LIMITED, 86_400.0, 900.0),
        (CallResult.RATE_LIMITED, float("inf"), 900.0),
        (CallResult.RAMP_LIMITED, 3.0, 30.0),
        (CallResult.RAMP_LIMITED, None, 30.0),
        (CallResult.RAMP_LIMITED, 60.0, 60.0),
        (CallResult.RAMP_LIMITED, 86_400.0, 900.0),
    ],
)
def test_the_model_rests_as_long_as_asked_within_bounds(
    result: CallResult, asked: float | None, pause_s: float
) -> None:
    assert settlement_of(result, asked).retry_after_s == pause_s


def cancelled_in_its_wait(limiter: Watched) -> None:
    gate = Gate(limiter, lambda: 0.0)

    async def once() -> None:
        task = asyncio.create_task(gate.enter(FORESEEN, Lane.NORMAL, is_exempt=False))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(once())


def test_a_call_stopped_in_its_wait_gives_everything_back() -> None:
    limiter = Watched(30.0)
    cancelled_in_its_wait(limiter)
    assert limiter.settled == [Settlement(Report.NOT_SENT)]
    assert sum(limiter.real.reserved.values()) == 0


def waits_while(happens: Callable[[Gate, Permit], "asyncio.Future[bool] | object"]) -> tuple[Watched, object]:
    """One call waits, another of this process ends meanwhile."""
    limiter = Watched()
    gate = Gate(limiter, lambda: 0.0)

    async def once() -> object:
        out = await permit_of(gate)
        limiter.wait_s = 0.05
        waiting = asyncio.create_task(gate.enter(FORESEEN, Lane.NORMAL, is_exempt=False))
        await asyncio.sleep(0.01)
        ended = happens(gate, out)
        assert asyncio.iscoroutine(ended)
        await ended
        return await waiting

    return limiter, asyncio.run(once())


def test_a_call_that_waits_while_the_model_is_closed_is_not_sent() -> None:
    limiter, answer = waits_while(lambda gate, out: gate.leave(out, a_call(CallResult.RATE_LIMITED, 20.0)))
    assert isinstance(answer, NotNow)
    assert answer.refusal is Refusal.PAUSED
    assert limiter.settled[-1] == Settlement(Report.NOT_SENT)


def test_a_call_that_waits_while_another_ends_well_is_sent() -> None:
    _, answer = waits_while(lambda gate, out: gate.leave(out, a_call(CallResult.OK)))
    assert isinstance(answer, Permit)


def test_a_refusal_becomes_a_wait_in_the_ledger_without_an_attempt() -> None:
    found = Gate(Watched(), lambda: 0.5).come_back(NotNow(Refusal.BREAKER, 10.0, 20.0))
    assert (found.delay_s, found.reason, found.refund) == (20.0, "breaker", True)
    soon = Gate(Watched(), lambda: 1.0).come_back(NotNow(Refusal.LIMIT, 1.0))
    assert soon.delay_s == 1.5, "never all in one instant"


def test_the_soft_cap_is_remembered_until_the_limiter_says_otherwise() -> None:
    limiter = Watched()
    gate = Gate(limiter, lambda: 0.0)

    async def once() -> list[bool]:
        first = await permit_of(gate)
        states = [gate.is_soft]
        await limiter.settle(first, Settlement(Report.GOOD, 0, 0, 8_000))
        frontier = Foreseen(MODEL, Tier.FRONTIER, "p1", 100, 400, 1)
        assert isinstance(await gate.enter(frontier, Lane.NORMAL, is_exempt=False), NotNow)
        states.append(gate.is_soft)
        limiter.clock.advance(86_400_000)
        await permit_of(gate)
        return [*states, gate.is_soft]

    assert asyncio.run(once()) == [False, True, False]

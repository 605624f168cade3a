"""What only the scripts can get wrong: the server, its keys, and text that becomes part of a script."""

import asyncio
from collections.abc import Iterator

import pytest
import redis

from fleet.errors import LedgerUnavailableError
from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger, Ledger
from fleet.ledger.spending import read_spending
from tests.support.limits import MODEL, Desk, limiter_under_test_clock, limits, on_server
from tests.support.server import free_port
from worker.domain import Foreseen
from worker.limits.gate import SERVER_AWAY_S, Gate
from worker.limits.permits import Ask, NotNow, Permit, Refusal, Report, Settlement
from worker.limits.rules import Budget, LimitsFile
from worker.limits.shared import SharedLimiter

pytestmark = pytest.mark.integration

ASK = Ask(MODEL, Tier.SMALL, Lane.NORMAL, "p1", 100, 400, 5_000)


@pytest.fixture
def desk(ledger: Ledger, client: redis.Redis) -> Iterator[Desk]:
    with limiter_under_test_clock():
        yield on_server(ledger, client, limits(10), Budget(day_nusd=10**9, minute_nusd=10**9))


def test_it_runs_on_the_servers_own_clock_for_many_at_once(redis_url: str, client: redis.Redis) -> None:
    async def run() -> int:
        ledger = AsyncLedger(redis_url)
        limiter = SharedLimiter(ledger, limits(10), Budget())
        answers = await asyncio.gather(*(limiter.acquire(ASK) for _ in range(200)))
        given = [answer for answer in answers if isinstance(answer, Permit)]
        settled = [limiter.settle(permit, Settlement(Report.GOOD, 100, 50, 7)) for permit in given]
        assert not any(await asyncio.gather(*settled))
        await ledger.close()
        return len(given)

    given = asyncio.run(run())
    assert 50 <= given <= 120
    assert read_spending(client).spent_nusd == 7 * given


def test_two_limiters_with_other_limits_on_one_connection_do_not_mix(redis_url: str, client: redis.Redis) -> None:
    del client  # flushed

    async def run() -> tuple[Permit | NotNow, ...]:
        ledger = AsyncLedger(redis_url)
        poor, rich = (SharedLimiter(ledger, limits(), Budget(day_nusd=cap)) for cap in (1, 10**9))
        answers = (await poor.acquire(ASK), await rich.acquire(ASK))
        await ledger.close()
        return answers

    refused, given = asyncio.run(run())
    assert isinstance(refused, NotNow)
    assert isinstance(given, Permit)


def test_without_the_server_the_gate_fails_closed() -> None:
    async def run() -> Permit | NotNow:
        ledger = AsyncLedger(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=0.2)
        limiter = SharedLimiter(ledger, LimitsFile(), Budget())
        with pytest.raises(LedgerUnavailableError):
            await limiter.acquire(ASK)
        gate = Gate(limiter, lambda: 0.0)
        answer = await gate.enter(Foreseen(MODEL, Tier.SMALL, "p1", 1, 1, 1), Lane.NORMAL, is_exempt=False)
        await ledger.close()
        return answer

    assert asyncio.run(run()) == NotNow(Refusal.LIMIT, SERVER_AWAY_S, SERVER_AWAY_S)


def test_a_flushed_server_begins_with_full_buckets_and_settles_what_it_does_not_know(
    desk: Desk, client: redis.Redis
) -> None:
    permit = desk.go(reserve=10)
    now = desk.clock.now
    client.flushall()
    desk.clock.advance(0)
    client.set("tf:test:now", now)
    desk.settle(permit, cost=10)
    assert desk.drain() == 50


def lasting(client: redis.Redis) -> set[str]:
    return {key.decode() for key in client.scan_iter("tf:*") if client.ttl(key) == -1}


def test_only_the_models_states_stay_for_ever(desk: Desk, client: redis.Redis) -> None:
    permit = desk.go(reserve=100)
    assert lasting(client) == {f"tf:lim:{MODEL}", "tf:lim:out", "tf:test:now"}, (
        "a call that is never settled leaves nothing else"
    )
    desk.settle(permit, cost=10)
    desk.call(report=Report.BAD)
    assert lasting(client) == {f"tf:lim:{MODEL}", "tf:test:now"}


def test_without_a_cap_nothing_else_stays_either(ledger: Ledger, client: redis.Redis) -> None:
    with limiter_under_test_clock():
        desk = on_server(ledger, client, limits(10), Budget())
        desk.settle(desk.go(reserve=100), cost=10)
    assert lasting(client) == {f"tf:lim:{MODEL}", "tf:test:now"}


def test_a_model_of_any_name_is_only_a_name(ledger: Ledger, client: redis.Redis) -> None:
    name = 'a "model\\" .. redis.call("FLUSHALL") .. [[é\n]]'
    with limiter_under_test_clock():
        desk = on_server(ledger, client, limits(10), Budget())
        desk.settle(desk.go(name))
        assert desk.drain(name) == 49
    assert client.exists(f"tf:lim:{name}")


def test_a_days_books_are_plain_whole_numbers(desk: Desk, client: redis.Redis) -> None:
    permit = desk.go(reserve=100)
    desk.settle(permit, cost=60)
    row = client.hgetall(f"tf:bud:{permit.day}")
    assert row == {b"reserved": b"0", b"spent": b"60", b"at": str(desk.clock.now).encode()}


def test_the_largest_sums_stay_whole(desk: Desk, client: redis.Redis) -> None:
    day = f"tf:bud:{desk.clock.now // 86_400_000}"
    client.hset(day, mapping={"spent": 0, "reserved": 2**52})
    desk.limiter.limiter._budget = Budget(day_nusd=2**53)  # type: ignore[attr-defined]
    desk.limiter.limiter._scripts.clear()  # type: ignore[attr-defined]
    desk.settle(desk.go(reserve=1, lane=Lane.URGENT), cost=1)
    assert client.hmget(day, "spent", "reserved") == [b"1", str(2**52).encode()]

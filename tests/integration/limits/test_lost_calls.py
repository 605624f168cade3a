"""Calls whose end nobody told are booked by estimate, in the day's money and in their ticket's story, once."""

import json

import pytest
import redis

from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger, Ledger
from fleet.ledger import transitions as do
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_ticket
from fleet.ledger.spending import read_spending
from tests.support.bench import SMALL, a_ticket
from worker.limits.lost_calls import book_lost_calls
from worker.limits.permits import Ask, Permit, Report, Settlement
from worker.limits.rules import Budget, LimitsFile
from worker.limits.shared import SharedLimiter

pytestmark = pytest.mark.integration

RESERVE, LIKELY = 70_000, 7_000


class Till:
    """Permits of a fleet whose calls are given up for lost at once, and its books."""

    def __init__(self, ledger: Ledger, cap: int | None = 100_000) -> None:
        self.ledger = ledger
        unused = AsyncLedger("redis://127.0.0.1:1/0")  # its scripts are run by the blocking ledger
        self.limiter = SharedLimiter(unused, LimitsFile(), Budget(day_nusd=cap), call_life_s=0.0)

    def go(self, ticket_id: str = "t1") -> Permit:
        ask = Ask("m", Tier.SMALL, Lane.NORMAL, "p", 10, 10, RESERVE, likely_nusd=LIKELY, ticket_id=ticket_id)
        permit = self.ledger.run(self.limiter.acquisition(ask))
        assert isinstance(permit, Permit), permit
        return permit

    def settle(self, permit: Permit, cost: int, *, is_estimated: bool = False) -> None:
        settlement = Settlement(Report.GOOD, 10, 10, cost, is_estimated=is_estimated)
        self.ledger.run(self.limiter.settling(permit, settlement))

    def sweep(self) -> list[tuple[str, str, int]]:
        return self.ledger.run(book_lost_calls())

    def books(self) -> tuple[int, int, int]:
        spending = read_spending(self.ledger.redis)
        return spending.spent_nusd, spending.reserved_nusd, spending.estimated_nusd


@pytest.fixture
def till(ledger: Ledger, client: redis.Redis) -> Till:
    del client  # flushed by it
    return Till(ledger)


def test_the_worst_case_of_a_lost_call_does_not_stay_locked(till: Till) -> None:
    till.go()
    assert till.books() == (0, RESERVE, 0)
    assert till.sweep() == [("m", "small", LIKELY)]
    assert till.books() == (LIKELY, 0, LIKELY)
    assert till.sweep() == [], "once"
    for _ in range(3):  # the day's money is free again, but for what the lost ones probably cost
        till.go()
        till.sweep()


def test_a_settled_call_is_never_booked_again(till: Till) -> None:
    till.settle(till.go(), 5_000)
    assert till.sweep() == []
    assert till.books() == (5_000, 0, 0)


def test_a_figure_that_comes_late_replaces_the_estimate(till: Till) -> None:
    permit = till.go()
    till.sweep()
    till.settle(permit, 9_500)
    assert till.books() == (9_500, 0, 0)
    till.settle(permit, 9_500)
    assert till.books() == (9_500, 0, 0), "a settlement that is sent twice counts once"


def test_an_estimate_of_a_living_worker_is_told_apart(till: Till) -> None:
    till.settle(till.go(), 6_000, is_estimated=True)
    assert till.books() == (6_000, 0, 6_000)


def test_a_lost_call_stands_in_its_tickets_story_and_in_the_books(till: Till, client: redis.Redis) -> None:
    till.ledger.run(do.accept(a_ticket("t1"), key="k1"))
    till.ledger.run(do.claim("t1", queue=SMALL, hinted_ms=0, worker="w1", lease_ms=15_000))
    till.go("t1")
    till.sweep()
    told = read_ticket(client, "t1")
    assert told is not None
    assert told["cost_nusd"] == LIKELY
    assert told["history"][-1]["event"] == "call_lost"
    assert told["history"][-1]["calls"] == [
        {"model": "m", "tier": "small", "result": "lost", "estimated": True, "cost_nusd": LIKELY}
    ]
    assert audit(client) == []


def test_a_lost_call_of_a_forgotten_ticket_leaves_no_trace_of_it(till: Till, client: redis.Redis) -> None:
    till.go("gone")
    till.sweep()
    assert not client.exists("tf:t:gone", "tf:h:gone")
    assert till.books() == (LIKELY, 0, LIKELY)


def test_without_a_cap_lost_calls_are_booked_all_the_same(ledger: Ledger, client: redis.Redis) -> None:
    del client
    till = Till(ledger, cap=None)
    permit = till.go()
    till.sweep()
    assert till.books() == (LIKELY, 0, LIKELY)
    till.settle(permit, 8_000)
    assert till.books() == (8_000, 0, 0)


def test_what_no_release_wrote_is_dropped(till: Till, client: redis.Redis) -> None:
    client.zadd("tf:lim:out", {"nonsense": 0, json.dumps({"model": "m"}): 0})
    assert till.sweep() == []
    assert client.zcard("tf:lim:out") == 0

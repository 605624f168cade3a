"""Both limiters: money is reserved before a call and settled after, and no cap is ever overrun."""

import pytest

from fleet.lanes import Lane, Tier
from tests.support.limits import MODEL, OTHER, MakeDesk, limits
from worker.limits.permits import NotNow, Permit, Refusal, Report
from worker.limits.rules import Budget

DAY_MS = 86_400_000
CAP = Budget(day_nusd=1_000, urgent_share=0.0)


def near(seconds: float) -> object:
    return pytest.approx(seconds, abs=0.002)


def test_reservations_alone_can_use_up_the_day_and_what_they_give_back_is_waited_for(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    held = [desk.go(reserve=400), desk.go(reserve=400)]
    assert desk.no(reserve=400) == NotNow(Refusal.RESERVED, 2.0)
    desk.settle(held[0], cost=10)
    desk.go(reserve=400)


def test_a_spent_day_is_over(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    desk.settle(desk.go(reserve=1_000), cost=990)
    assert desk.no(reserve=11) == NotNow(Refusal.BUDGET, 60.0)
    desk.go(reserve=10)


def test_the_next_day_has_money_of_its_own(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    over_midnight = desk.go(reserve=900)
    desk.clock.advance(DAY_MS - desk.clock.now % DAY_MS - 30_000)
    desk.settle(desk.go(reserve=100), cost=100)
    assert desk.no(reserve=901).delay_s == near(30.0)
    desk.clock.advance(30_000)
    desk.go(reserve=950)
    desk.settle(over_midnight, cost=900)  # counts against the day that it was reserved in
    desk.go(reserve=50)
    desk.no(reserve=1)


def test_the_cap_is_not_overrun_by_many_at_once(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    given = [answer for _ in range(50) if isinstance(answer := desk.ask(reserve=30), Permit)]
    assert len(given) == 33
    for permit in given:
        desk.settle(permit, cost=30)
    assert desk.no(reserve=30).refusal is Refusal.BUDGET


def test_all_models_spend_from_the_same_budget(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    desk.go(MODEL, reserve=600)
    desk.no(OTHER, reserve=600)


def test_a_dead_workers_reservation_stays_counted_and_is_not_waited_for(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    desk.go(reserve=700)  # never settled
    desk.clock.advance(59_000)
    assert desk.no(reserve=400).refusal is Refusal.RESERVED
    desk.clock.advance(1_000)
    assert desk.no(reserve=400) == NotNow(Refusal.BUDGET, 60.0)
    desk.go(reserve=300)


def test_a_refused_call_reserves_no_money(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(requests_per_s=0.01), budget=CAP)
    desk.go(reserve=10)
    for _ in range(100):
        assert desk.no(reserve=10).refusal is Refusal.LIMIT
    desk.clock.advance(1_000_000)
    desk.go(reserve=990)


def test_a_call_that_was_not_sent_gives_its_money_back(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    for _ in range(10):
        desk.settle(desk.go(reserve=900), Report.NOT_SENT)
    desk.go(reserve=1_000)


def test_the_last_of_the_day_is_kept_for_urgent_tickets(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=Budget(day_nusd=1_000, urgent_share=0.05))
    desk.settle(desk.go(reserve=950), cost=950)
    assert desk.no(reserve=1).refusal is Refusal.BUDGET
    assert desk.no(reserve=1, lane=Lane.BULK).refusal is Refusal.BUDGET
    desk.settle(desk.go(reserve=50, lane=Lane.URGENT), cost=50)
    assert desk.no(reserve=1, lane=Lane.URGENT).refusal is Refusal.BUDGET


def test_above_the_soft_cap_the_frontier_is_kept_for_exempt_tickets(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    desk.settle(desk.go(reserve=799), cost=799)
    assert not desk.go(tier=Tier.FRONTIER).is_soft
    desk.settle(desk.go(reserve=1), cost=1)
    assert desk.no(tier=Tier.FRONTIER).refusal is Refusal.SOFT_CAP
    assert desk.go(tier=Tier.FRONTIER, is_exempt=True).is_soft
    assert desk.go(tier=Tier.SMALL).is_soft


def test_reservations_alone_do_not_reach_the_soft_cap(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=CAP)
    desk.go(reserve=900)
    assert not desk.go(tier=Tier.FRONTIER).is_soft


def test_a_minute_has_a_budget_too_and_the_next_minute_another(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=Budget(minute_nusd=100))
    first = desk.go(reserve=60)
    desk.clock.advance(10_000)
    left_s = (60_000 - desk.clock.now % 60_000) / 1000
    assert desk.no(reserve=60) == NotNow(Refusal.MINUTE_BUDGET, left_s)
    desk.settle(first, cost=40)
    desk.go(reserve=60)
    desk.no(reserve=1)
    desk.clock.advance(round(left_s * 1000))
    desk.go(reserve=100)


def test_a_call_dearer_than_a_minutes_budget_goes_alone(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=Budget(minute_nusd=100))
    desk.go(reserve=500)
    desk.no(reserve=1)


def test_a_settlement_counts_for_the_minute_of_its_permit(make_desk: MakeDesk) -> None:
    desk = make_desk(budget=Budget(minute_nusd=100))
    permit = desk.go(reserve=100)
    desk.clock.advance(60_000)
    desk.settle(permit, cost=100)
    desk.go(reserve=100)


def test_without_a_cap_money_refuses_nobody(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for _ in range(20):
        desk.settle(desk.go(reserve=10**12), cost=10**12)


def test_a_settlement_sent_twice_counts_once(make_desk: MakeDesk) -> None:
    # The client sends again what a broken connection may have swallowed.
    desk = make_desk(limits(input_per_s=100), budget=CAP)
    permit = desk.go(inputs=500, reserve=500)
    for _ in range(3):
        desk.settle(permit, inputs=100, cost=100)
    desk.go(reserve=900)
    desk.no(reserve=1)
    assert desk.go(inputs=500).wait_s == near(1.0)


def test_bad_calls_reported_twice_count_once_for_the_breaker(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for _ in range(9):
        permit = desk.go()
        assert [bool(desk.settle(permit, Report.BAD)) for _ in range(3)] == [False] * 3

"""Both limiters: continuous buckets, all or nothing, lanes, bounded waits, and what a call's end teaches them."""

import pytest

from fleet.lanes import Lane
from tests.support.limits import MODEL, OTHER, MakeDesk, limits, seen
from worker.limits.permits import NotNow, Permit, Refusal, Report
from worker.limits.rules import BULK_FLOOR, LONGEST_WAIT_MS, MARGIN

TEN = limits(requests_per_s=10)
BURST = 50
"""Five seconds' worth of ten a second."""

LONGEST = {lane: ms / 1000 for lane, ms in LONGEST_WAIT_MS.items()}
NORMAL = LONGEST[Lane.NORMAL]


def near(seconds: float) -> object:
    return pytest.approx(seconds, abs=0.002)


def test_a_full_bucket_gives_five_seconds_worth_at_once_and_no_more(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    assert desk.drain() == BURST
    assert desk.go().wait_s == near(0.1)


def test_the_answers_are_go_then_go_in_a_while_then_come_back(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.drain()
    ahead = round(NORMAL * 10) - 1
    assert [desk.go().wait_s for _ in range(ahead)] == [near(0.1 * (n + 1)) for n in range(ahead)]
    desk.clock.advance(50)
    assert desk.go().wait_s == near(NORMAL - 0.05)
    refused = desk.no()
    assert (refused.refusal, refused.delay_s) == (Refusal.LIMIT, near(NORMAL + 0.05 - NORMAL / 2))


def test_who_comes_back_when_told_finds_half_of_the_longest_wait(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    while isinstance(answer := desk.ask(), Permit):
        pass
    desk.clock.advance(round(answer.delay_s * 1000))
    assert desk.go().wait_s == near(NORMAL / 2)


def test_a_refusal_reserves_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    while isinstance(first := desk.ask(), Permit):
        pass
    assert [desk.no() for _ in range(5)] == [first] * 5


@pytest.mark.parametrize("passed_ms", [1, 99, 100, 777, 4_999])
def test_the_bucket_refills_continuously(make_desk: MakeDesk, passed_ms: int) -> None:
    desk = make_desk(limits(requests_per_s=1_000))
    while isinstance(desk.ask(lane=Lane.BULK), Permit):
        pass
    before = desk.go().wait_s
    desk.clock.advance(passed_ms)
    assert desk.go().wait_s == near(max(0.0, before + 0.001 - passed_ms / 1000))


def test_an_idle_bucket_never_holds_more_than_its_burst(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.drain()
    desk.clock.advance(3_600_000)
    assert desk.drain() == BURST


@pytest.mark.parametrize("resource", ["requests", "inputs", "outputs"])
def test_each_resource_stops_calls_by_itself(make_desk: MakeDesk, resource: str) -> None:
    narrow = {"requests": limits(10), "inputs": limits(None, 1_000), "outputs": limits(None, None, 500)}[resource]
    desk = make_desk(narrow)
    assert desk.drain(inputs=100, most=100) == BURST  # half of the most is the first estimate


def test_a_call_that_one_resource_refuses_takes_nothing_of_the_others(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(requests_per_s=10, input_per_s=1_000))
    desk.go(inputs=5_000)
    desk.go(inputs=round(NORMAL * 1_000))
    assert {desk.no(inputs=1_000).refusal for _ in range(100)} == {Refusal.LIMIT}
    desk.clock.advance(round(NORMAL * 1_000))
    assert desk.drain() == BURST  # all of the requests are there


def test_a_call_larger_than_the_bucket_goes_when_it_is_full_and_leaves_a_debt(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(input_per_s=100))
    assert desk.go(inputs=700).wait_s == 0
    assert desk.go(inputs=1, lane=Lane.URGENT).wait_s == near(2.01)
    desk.clock.advance(2_010)
    assert desk.no(inputs=700).delay_s == near(5.0 - NORMAL / 2)


def test_models_do_not_take_from_each_other(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    assert desk.drain(MODEL) == BURST
    assert desk.drain(OTHER) == BURST


# Lanes


def test_the_lanes_wait_for_different_times_at_most(make_desk: MakeDesk) -> None:
    longest = {}
    for lane in Lane:
        desk = make_desk(TEN)
        answers = iter(lambda desk=desk, lane=lane: desk.ask(lane=lane), None)  # type: ignore[misc]
        waits = []
        for answer in answers:
            if isinstance(answer, NotNow):
                break
            waits.append(answer.wait_s)
        longest[lane] = max(waits)
    assert longest == {lane: pytest.approx(LONGEST[lane], abs=0.101) for lane in Lane}
    assert max(longest.values()) <= 5.0, "a slot is never held for longer"
    assert longest[Lane.URGENT] > longest[Lane.NORMAL] > longest[Lane.BULK]


def test_an_urgent_call_gets_in_where_normal_and_bulk_ones_are_sent_away(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    while isinstance(desk.ask(), Permit):
        pass
    desk.no(lane=Lane.BULK)
    assert desk.go(lane=Lane.URGENT).wait_s == near(NORMAL + 0.1)


def test_bulk_leaves_its_floor_to_the_others(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    assert desk.drain(lane=Lane.BULK) == BURST * (1 - BULK_FLOOR)
    assert desk.drain() == BURST * BULK_FLOOR


def test_bulk_alone_still_uses_the_full_rate(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.drain(lane=Lane.BULK)
    sent = 0
    for _ in range(600):
        desk.clock.advance(100)
        answer = desk.ask(lane=Lane.BULK)
        sent += isinstance(answer, Permit)
    assert sent >= 599


def test_under_a_mixed_load_bulk_takes_what_is_left(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    sent = dict.fromkeys(Lane, 0)
    for _ in range(600):
        desk.clock.advance(100)
        for lane in Lane:
            sent[lane] += isinstance(desk.ask(lane=lane), Permit)
    assert sent[Lane.URGENT] > 550
    assert sent[Lane.BULK] < 60


def test_those_sent_away_come_back_over_the_time_that_all_who_wait_will_need(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN, waiting=200)
    while isinstance(answer := desk.ask(), Permit):
        pass
    assert answer.spread_s == near(20.0)


def test_the_spread_is_reckoned_at_the_tightest_resource_and_bounded(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(requests_per_s=100, input_per_s=1_000), waiting=200)
    while isinstance(answer := desk.ask(inputs=250), Permit):
        pass
    assert answer.spread_s == near(50.0)
    desk.clock.advance(60_000)
    while isinstance(answer := desk.ask(inputs=1_000), Permit):
        pass
    assert answer.spread_s == near(120.0)


# What a call's end teaches


def test_unused_tokens_are_given_back_and_overused_ones_taken(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(input_per_s=100, output_per_s=100))
    permit = desk.go(inputs=500, most=1_000)
    desk.settle(permit, inputs=100, output=50)
    assert desk.go(inputs=400).wait_s == 0
    assert desk.go(inputs=100).wait_s == near(1.0)
    desk.clock.advance(60_000)
    permit = desk.go(prompt="p2", inputs=0, most=200)
    assert permit.output_tokens == 100
    desk.settle(permit, output=500)
    assert desk.go(prompt="p3", most=200).wait_s == near(1.0)


def test_a_debit_is_not_forgotten_because_the_bucket_was_idle_before_it(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(output_per_s=100))
    permit = desk.go(most=0)
    desk.clock.advance(45_000)
    desk.settle(permit, output=500)
    assert desk.go(prompt="p2", most=200).wait_s == near(1.0)


def test_cached_input_does_not_count(make_desk: MakeDesk) -> None:
    # The gate hands in the uncached input only: here, a call that read everything from the cache.
    desk = make_desk(limits(input_per_s=100))
    desk.settle(desk.go(inputs=500), inputs=0)
    assert desk.go(inputs=500).wait_s == 0


@pytest.mark.parametrize(
    ("report", "wait_in", "wait_out"),
    [
        (Report.NOT_SENT, 0.0, 0.0),
        (Report.LIMITED, 0.0, 0.0),
        (Report.HOLD, 0.0, 0.0),
        (Report.NEUTRAL, 2.0, 0.0),
        (Report.BAD, 2.0, 2.0),
    ],
)
def test_without_usage_what_the_provider_may_have_counted_stays_used(
    make_desk: MakeDesk, report: Report, wait_in: float, wait_out: float
) -> None:
    desk = make_desk(limits(input_per_s=100, output_per_s=100))
    desk.settle(desk.go(inputs=500, most=1_000), report)
    if report in (Report.LIMITED, Report.HOLD):
        desk.clock.advance(60_000)
    assert desk.go(prompt="in", lane=Lane.URGENT, inputs=200).wait_s == near(wait_in)
    desk = make_desk(limits(input_per_s=100, output_per_s=100))
    desk.settle(desk.go(most=1_000), report)
    if report in (Report.LIMITED, Report.HOLD):
        desk.clock.advance(60_000)
    assert desk.go(prompt="out", lane=Lane.URGENT, most=400).wait_s == near(wait_out)


def test_a_call_not_sent_costs_no_request(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    for _ in range(200):
        desk.settle(desk.go(), Report.NOT_SENT)
    assert desk.drain() == BURST


def test_the_output_estimate_is_learnt_from_usage_and_capped_by_the_most(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert desk.go(most=400).output_tokens == 200
    for _ in range(200):
        desk.settle(desk.go(most=400), output=80)
    assert desk.go(most=400).output_tokens in (81, 82)
    assert desk.go(most=50).output_tokens == 50
    assert desk.go(most=400, prompt="p2").output_tokens == 200
    assert desk.go(OTHER, most=400).output_tokens == 200


def test_an_estimate_covers_most_calls_of_an_uneven_kind(make_desk: MakeDesk) -> None:
    desk = make_desk()
    sizes = [60, 90, 120, 200] * 50
    for size in sizes:
        desk.settle(desk.go(most=400), output=size)
    estimate = desk.go(most=400).output_tokens
    assert 180 <= estimate <= 260


def test_failed_calls_teach_nothing_about_output(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for report in (Report.NEUTRAL, Report.NOT_SENT, Report.BAD):
        desk.settle(desk.go(most=400), report, output=3)
    assert desk.go(most=400).output_tokens == 200


def test_a_reservation_is_given_back_to_the_token_it_was_taken_from(make_desk: MakeDesk) -> None:
    # An estimate with a fraction, taken as it is and given back rounded up, would fill the bucket out of nothing.
    desk = make_desk(limits(output_per_s=1_000))
    for size in (7, 8, 10):
        desk.settle(desk.go(most=400), output=size)
    while isinstance(desk.ask(most=0, lane=Lane.BULK), Permit) and desk.go(most=400).wait_s == 0:
        pass
    last = desk.go(most=400)
    for _ in range(200):
        desk.settle(desk.go(most=400), Report.NOT_SENT)
    assert desk.go(most=400).wait_s == near(last.wait_s + last.output_tokens / 1_000)


# Headers


def test_headers_correct_the_level_when_somebody_else_uses_the_key(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    limit = 10 * 60 / 0.995
    desk.settle(desk.go(), shown=seen(requests=(limit, 20)))
    assert desk.drain() == int(20 - limit * MARGIN)


def test_headers_never_credit(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    first = desk.go()
    desk.drain()
    desk.settle(first, shown=seen(requests=(603.1, 603)))
    assert desk.go().wait_s == near(0.1)


def test_headers_do_not_see_what_is_on_its_way(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(input_per_s=1_000))
    first, *_ = [desk.go(inputs=500) for _ in range(4)]
    limit = 1_000 * 60 / 0.995
    # Three times 500 are reserved and perhaps not counted yet; the rest is a step of rounding and a margin.
    desk.settle(first, shown=seen(inputs=(limit, 4_000)))
    trusted = 4_000 - 1_500 - 1_000 - limit * MARGIN
    assert desk.drain(inputs=100) == int(trusted // 100)


def test_a_header_after_a_quiet_time_is_not_refilled_for_that_time_again(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    permit = desk.go()
    desk.clock.advance(20_000)
    desk.settle(permit, shown=seen(requests=(603.1, 13)))
    assert desk.drain() == int(13 - 603.1 * MARGIN)


def test_reservations_of_dead_workers_are_forgotten_by_the_headers_after_two_minutes(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(input_per_s=1_000))
    limit = 60_301.5
    for _ in range(2):
        desk.go(inputs=1_000)  # never settled
    shown = seen(inputs=(limit, 3_505 + 1_000 + limit * MARGIN))
    desk.settle(desk.go(inputs=10), inputs=10, shown=shown)
    assert desk.drain(inputs=100) == 15
    desk.clock.advance(120_000)
    desk.settle(desk.go(inputs=10), inputs=10, shown=shown)
    assert desk.drain(inputs=100) == 35


def test_a_smaller_limit_of_the_provider_holds_and_so_does_its_burst(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.settle(desk.go(), shown=seen(requests=(60, 60)))
    desk.clock.advance(600_000)
    assert desk.drain() == 4  # of nearly one a second
    assert desk.go().wait_s == pytest.approx(0.03, abs=0.02)


def test_a_larger_limit_of_the_provider_changes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.settle(desk.go(), shown=seen(requests=(6_000, 6_000)))
    desk.clock.advance(60_000)
    assert desk.drain() == BURST


# Clocks


def test_a_clock_that_was_put_back_stops_nobody(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.drain()
    desk.clock.advance(-3_600_000)
    assert desk.go().wait_s == near(0.1)
    desk.clock.advance(1_000)
    assert desk.drain() == 9


def test_a_clock_that_was_put_back_refills_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(TEN)
    desk.drain()
    desk.clock.advance(-3_600_000)
    assert desk.drain() == 0

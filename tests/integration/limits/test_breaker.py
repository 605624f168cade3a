"""Both limiters: what closes a model for the fleet, for how long, and how one probe opens it again."""

import pytest

from tests.support.limits import MODEL, OTHER, Desk, MakeDesk, limits
from worker.limits.permits import NotNow, Permit, Refusal, Report


def near(seconds: float) -> object:
    return pytest.approx(seconds, abs=0.002)


def fail(desk: Desk, count: int, model: str = MODEL) -> list[bool]:
    """So many calls go bad; answers what each was told."""
    return [bool(desk.call(model, Report.BAD)) for _ in range(count)]


def probe(desk: Desk, model: str = MODEL) -> Permit:
    permit = desk.go(model)
    assert permit.is_probe
    return permit


# 429


def test_a_429_pauses_the_model_for_the_fleet_for_as_long_as_asked(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert desk.call(report=Report.LIMITED, retry_after_s=20.0)
    desk.clock.advance(5_000)
    assert desk.no() == NotNow(Refusal.PAUSED, 15.0)
    desk.clock.advance(15_000)
    assert desk.go().is_probe


def test_late_429s_do_not_lengthen_the_pause_again_and_again(make_desk: MakeDesk) -> None:
    desk = make_desk()
    out_together = [desk.go() for _ in range(10)]
    for permit in out_together:
        assert desk.settle(permit, Report.LIMITED, retry_after_s=20.0)
        desk.clock.advance(1_000)
    assert desk.no().delay_s == near(10.0)


def test_a_late_429_that_asks_for_more_is_news(make_desk: MakeDesk) -> None:
    desk = make_desk()
    first, second, third = desk.go(), desk.go(), desk.go()
    desk.settle(first, Report.LIMITED, retry_after_s=5.0)
    desk.clock.advance(1_000)
    desk.settle(second, Report.LIMITED, retry_after_s=30.0)
    assert desk.no().delay_s == near(30.0)
    desk.settle(third, Report.LIMITED, retry_after_s=5.0)
    assert desk.no().delay_s == near(30.0)


def test_calls_that_were_out_and_went_well_do_not_end_a_pause(make_desk: MakeDesk) -> None:
    desk = make_desk()
    out = desk.go()
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    assert desk.settle(out)
    assert desk.no().refusal is Refusal.PAUSED
    desk.clock.advance(20_000)
    assert desk.go().is_probe


def test_after_a_pause_one_probe_goes_out_for_the_whole_fleet(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    desk.clock.advance(20_000)
    sent = probe(desk)
    assert [desk.no() for _ in range(50)] == [NotNow(Refusal.PAUSED, 1.0)] * 50
    assert not desk.settle(sent)
    assert [desk.go().is_probe for _ in range(5)] == [False] * 5


def test_a_probe_that_meets_a_429_pauses_again(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    desk.clock.advance(20_000)
    desk.settle(probe(desk), Report.LIMITED, retry_after_s=7.0)
    assert desk.no() == NotNow(Refusal.PAUSED, 7.0)


@pytest.mark.parametrize("report", [Report.NOT_SENT, Report.NEUTRAL])
def test_a_probe_that_says_nothing_is_followed_by_another(make_desk: MakeDesk, report: Report) -> None:
    desk = make_desk()
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    desk.clock.advance(20_000)
    desk.settle(probe(desk), report)
    assert desk.go().is_probe


def test_a_probe_whose_worker_died_is_given_again_after_its_lease(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    desk.clock.advance(20_000)
    probe(desk)
    desk.clock.advance(59_999)
    desk.no()
    desk.clock.advance(1)
    assert not desk.settle(probe(desk))
    assert not desk.go().is_probe


def test_a_probe_that_the_limits_refuse_is_left_to_the_next(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(requests_per_s=10))
    desk.call(report=Report.LIMITED, retry_after_s=0.1)
    desk.clock.advance(100)
    probe(desk)
    desk.clock.advance(60_000)
    assert desk.go().is_probe


# Faults that a person has to mend


def test_a_fault_for_a_person_closes_the_model_and_is_looked_at_soon_and_then_twice_a_minute(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk()
    assert desk.call(report=Report.HOLD)
    calls = 0
    for _ in range(600):  # ten minutes of a fleet that asks every second
        desk.clock.advance(1_000)
        answer = desk.ask()
        if isinstance(answer, Permit):
            calls += 1
            desk.settle(answer, Report.HOLD)
        else:
            assert answer.refusal is Refusal.HELD
    assert 600 / 30 <= calls <= 600 / 30 + 5


def test_a_held_model_opens_after_a_good_probe_only(make_desk: MakeDesk) -> None:
    desk = make_desk()
    late = desk.go()
    desk.call(report=Report.HOLD)
    desk.clock.advance(60_000)
    desk.settle(late)  # a call from before says nothing about the key of now
    assert not desk.settle(probe(desk))
    assert not desk.go().is_probe


def test_late_refusals_do_not_put_the_look_off_and_a_429_does_not_bring_it_forward(make_desk: MakeDesk) -> None:
    desk = make_desk()
    out = [desk.go() for _ in range(4)]
    desk.settle(out[0], Report.HOLD)
    desk.clock.advance(2_000)
    desk.settle(out[1], Report.HOLD)
    assert desk.no() == NotNow(Refusal.HELD, 3.0)
    desk.settle(out[2], Report.LIMITED, retry_after_s=1.0)
    assert desk.no() == NotNow(Refusal.HELD, 3.0)
    desk.settle(out[3], Report.LIMITED, retry_after_s=300.0)
    assert desk.no() == NotNow(Refusal.HELD, 300.0)


def test_a_hold_does_not_shorten_a_longer_pause(make_desk: MakeDesk) -> None:
    desk = make_desk()
    out = desk.go()
    desk.call(report=Report.LIMITED, retry_after_s=600.0)
    desk.settle(out, Report.HOLD)
    assert desk.no() == NotNow(Refusal.HELD, 600.0)


# The breaker


def test_half_of_ten_calls_failing_within_the_window_opens_the_breaker(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for _ in range(5):
        desk.call()
    assert fail(desk, 5) == [False] * 4 + [True]
    assert desk.no() == NotNow(Refusal.BREAKER, 15.0)


def test_less_than_half_does_not_open_it(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for _ in range(30):
        desk.call()
        desk.call()
        assert fail(desk, 1) == [False]


def test_fewer_than_ten_calls_do_not_open_it(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert fail(desk, 9) == [False] * 9
    desk.clock.advance(30_000)
    assert fail(desk, 9) == [False] * 9


def test_the_window_reaches_into_the_one_before(make_desk: MakeDesk) -> None:
    desk = make_desk()
    fail(desk, 6)
    desk.clock.advance(15_000)
    assert fail(desk, 4) == [False, False, False, True]


def test_the_breaker_opens_for_fifteen_seconds_then_thirty_at_most(make_desk: MakeDesk) -> None:
    desk = make_desk()
    fail(desk, 10)
    waits = []
    for _ in range(4):
        refused = desk.no()
        waits.append(refused.delay_s)
        desk.clock.advance(round(refused.delay_s * 1000))
        assert desk.settle(probe(desk), Report.BAD)
    assert waits == [15.0, 30.0, 30.0, 30.0]


def test_probes_that_go_bad_after_a_pause_double_the_wait_too(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.call(report=Report.LIMITED, retry_after_s=5.0)
    waits = []
    for _ in range(3):
        desk.clock.advance(round(desk.no().delay_s * 1000))
        desk.settle(probe(desk), Report.BAD)
        waits.append(desk.no().delay_s)
    assert waits == [15.0, 30.0, 30.0]


def test_a_good_probe_closes_the_breaker_and_the_next_time_begins_anew(make_desk: MakeDesk) -> None:
    desk = make_desk()
    fail(desk, 10)
    desk.clock.advance(15_000)
    desk.settle(probe(desk), Report.BAD)
    desk.clock.advance(30_000)
    assert not desk.settle(probe(desk))
    assert fail(desk, 9)[-1], "the probe and nine more are ten calls"
    assert desk.no().delay_s == near(15.0)


def test_while_the_breaker_is_open_one_half_open_probe_goes_out(make_desk: MakeDesk) -> None:
    desk = make_desk()
    fail(desk, 10)
    desk.clock.advance(15_000)
    probe(desk)
    assert {desk.no().delay_s for _ in range(20)} == {1.0}


def test_refusals_and_wrong_requests_do_not_count_for_the_breaker(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for report in (Report.NEUTRAL, Report.NOT_SENT):
        assert not any(desk.call(report=report) for _ in range(30))


def test_calls_that_were_out_and_went_bad_do_not_shorten_a_pause(make_desk: MakeDesk) -> None:
    desk = make_desk()
    out = [desk.go() for _ in range(12)]
    desk.call(report=Report.LIMITED, retry_after_s=300.0)
    for permit in out:
        desk.settle(permit, Report.BAD)
    assert desk.no() == NotNow(Refusal.PAUSED, 300.0)


def test_other_models_are_not_affected(make_desk: MakeDesk) -> None:
    desk = make_desk()
    fail(desk, 10)
    assert not desk.go(OTHER).is_probe
    desk.clock.advance(14_000)
    desk.call(OTHER, Report.HOLD)
    desk.clock.advance(1_000)
    assert not desk.settle(probe(desk))
    assert desk.no(OTHER).refusal is Refusal.HELD


def test_a_clock_that_was_put_back_does_not_keep_a_model_closed(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    desk.clock.advance(-3_600_000)
    sent = probe(desk)
    desk.clock.advance(-3_600_000)
    probe(desk)
    assert not desk.settle(sent)
    assert not desk.go().is_probe


def test_a_closed_model_sends_its_tickets_back_spread(make_desk: MakeDesk) -> None:
    desk = make_desk(limits(requests_per_s=10), waiting=100)
    desk.call(report=Report.LIMITED, retry_after_s=20.0)
    assert desk.no() == NotNow(Refusal.PAUSED, 20.0, 10.0)

"""Both limiters: whose fault a refusal or an unusable reply is, and the hold of a model that is nobody's fault."""

import pytest

from tests.support.limits import MODEL, OTHER, Desk, MakeDesk
from worker.limits.permits import Blame, Change, HoldReason, Refusal, Report, Settled
from worker.limits.rules import DOUBT_TIMES, HOLD_TICKETS, LEAST_REPLIES, LONGEST_HOLD_MS


def refuse(desk: Desk, ticket: str, model: str = MODEL) -> Settled:
    return desk.call(model, Report.REFUSED, ticket=ticket)


def refuse_many(desk: Desk, count: int = HOLD_TICKETS) -> list[Settled]:
    """Different tickets are refused while all were out at once, as in a fleet."""
    permits = [desk.go() for _ in range(count)]
    return [desk.settle(permit, Report.REFUSED, ticket=f"t{n}") for n, permit in enumerate(permits)]


def held(desk: Desk) -> bool:
    answer = desk.ask()
    return getattr(answer, "refusal", None) is Refusal.HELD


def test_several_different_tickets_refused_with_no_success_between_hold_the_model(make_desk: MakeDesk) -> None:
    desk = make_desk()
    found = refuse_many(desk)
    assert [one.blame for one in found] == [Blame.NOBODY] * HOLD_TICKETS
    assert [one.is_closed for one in found] == [False] * (HOLD_TICKETS - 1) + [True]
    assert found[-1].held_for is HoldReason.REFUSED
    assert desk.no().refusal is Refusal.HELD
    desk.go(OTHER)


def test_a_success_between_says_that_it_is_not_the_model(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for n in range(3 * HOLD_TICKETS):
        assert not refuse(desk, f"t{n}").is_closed
        desk.call()
    assert not held(desk)


def test_one_ticket_refused_again_and_again_holds_nobody(make_desk: MakeDesk) -> None:
    desk = make_desk()
    found = [refuse(desk, "poison") for _ in range(DOUBT_TIMES)]
    assert [one.times for one in found] == list(range(1, DOUBT_TIMES + 1))
    assert [one.blame for one in found] == [Blame.NOBODY] * (DOUBT_TIMES - 1) + [Blame.DOUBT]
    assert not held(desk)


def test_a_ticket_that_alone_is_refused_while_others_get_through_is_at_fault(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert refuse(desk, "poison").blame is Blame.NOBODY
    assert refuse(desk, "poison").blame is Blame.NOBODY
    desk.call()
    assert refuse(desk, "poison").blame is Blame.OWN


def test_among_several_suspects_once_is_not_enough(make_desk: MakeDesk) -> None:
    desk = make_desk()
    refuse(desk, "other")
    blames = []
    for _ in range(3):
        blames.append(refuse(desk, "poison").blame)
        desk.call()
    assert blames == [Blame.NOBODY, Blame.NOBODY, Blame.OWN]


def test_an_account_that_has_credit_now_and_then_parks_nobody(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for _ in range(3):
        permits = [desk.go() for _ in range(20)]
        blames = {
            desk.settle(permit, Report.HOLD, ticket=f"t{n}", reason=HoldReason.SPEND_LIMITED).blame
            for n, permit in enumerate(permits)
        }
        assert blames == {Blame.NOBODY}
        desk.clock.advance(60_000)
        assert not desk.settle(desk.go())


def test_a_ticket_that_alone_sounds_like_the_account_does_not_hold_the_model_for_ever(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk()
    assert desk.call(report=Report.HOLD, ticket="poison", reason=HoldReason.SPEND_LIMITED).is_closed
    desk.clock.advance(60_000)
    assert not desk.call()
    found = desk.call(report=Report.HOLD, ticket="poison", reason=HoldReason.SPEND_LIMITED)
    assert (found.blame, found.is_closed) == (Blame.OWN, False)


def test_a_hold_begins_and_ends_aloud_once(make_desk: MakeDesk) -> None:
    desk = make_desk()
    changes = [one.change for one in refuse_many(desk, 12)]
    assert [change for change in changes if change] == [Change.HELD]
    desk.clock.advance(15_000)
    assert desk.call().change is Change.OPENED
    assert desk.call().change is Change.NONE


def test_the_call_that_began_a_hold_knows_the_first_probe_and_the_one_that_ended_it_how_long_it_was(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk()
    assert refuse_many(desk)[-1].change_s == 5.0
    desk.clock.advance(21_000)
    assert desk.call().change_s == 21.0
    assert desk.call().change_s == 0.0


@pytest.mark.parametrize("reason", [one for one in HoldReason if one is not HoldReason.UNUSABLE])
def test_an_outage_is_over_for_us_at_most_half_as_late_again_and_thirty_seconds_after_its_end(
    make_desk: MakeDesk, reason: HoldReason
) -> None:
    for lasts_s in (3, 12, 60, 61, 300):
        desk = make_desk()
        desk.call(report=Report.HOLD, reason=reason)
        began = desk.clock.now
        while True:
            desk.clock.advance(round(desk.no().delay_s * 1000))
            elapsed_s = (desk.clock.now - began) / 1000
            if elapsed_s >= lasts_s:
                break
            desk.settle(desk.go(), Report.HOLD, reason=reason)
        assert elapsed_s - lasts_s <= min(30, 5 + lasts_s / 2)
        assert desk.settle(desk.go()).change is Change.OPENED


def test_a_hold_is_probed_soon_and_then_more_seldom(make_desk: MakeDesk) -> None:
    desk = make_desk()
    refuse_many(desk)
    pauses = []
    for n in range(7):
        pauses.append(desk.no().delay_s)
        desk.clock.advance(int(pauses[-1] * 1000))
        probe = desk.go()
        assert probe.is_probe
        assert desk.no().refusal is Refusal.HELD
        assert desk.settle(probe, Report.REFUSED, ticket=f"p{n}").blame is Blame.NOBODY
    assert pauses == [5.0, 7.5, 11.25, 16.875, 25.312, 30.0, 30.0]


def test_probes_that_are_paid_go_out_more_seldom(make_desk: MakeDesk) -> None:
    desk = make_desk()
    unusable(desk, 20)
    pauses = []
    for n in range(6):
        pauses.append(desk.no().delay_s)
        desk.clock.advance(int(pauses[-1] * 1000))
        unusable(desk, 1, first=20 + n)
    assert pauses == [15.0, 22.5, 33.75, 50.625, 60.0, 60.0]


@pytest.mark.parametrize(("asked_s", "until_s"), [(120.0, 120.0), (30 * 86_400.0, LONGEST_HOLD_MS / 1000), (0.0, 5.0)])
def test_a_date_is_a_time_to_wait_for_but_one_probe_an_hour_goes_out(
    make_desk: MakeDesk, asked_s: float, until_s: float
) -> None:
    desk = make_desk()
    desk.call(report=Report.HOLD, reason=HoldReason.SPEND_LIMITED, retry_after_s=asked_s)
    assert desk.no().delay_s == until_s
    desk.clock.advance(int(until_s * 1000))
    assert desk.go().is_probe


def unusable(desk: Desk, count: int, first: int = 0) -> list[Settled]:
    permits = [desk.go() for _ in range(count)]
    return [
        desk.settle(permit, Report.UNUSABLE, inputs=0, output=0, ticket=f"u{first + n}")
        for n, permit in enumerate(permits)
    ]


def test_a_model_whose_replies_are_nearly_all_unusable_is_held(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.call()
    found = unusable(desk, LEAST_REPLIES - 1)
    assert [one.is_closed for one in found] == [False] * (LEAST_REPLIES - 2) + [True]
    assert found[-1].held_for is HoldReason.UNUSABLE
    assert held(desk)


def test_one_unusable_reply_in_five_holds_nobody(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for n in range(40):
        if n % 5 == 0:
            assert not unusable(desk, 1, first=n)[0].is_closed
        else:
            desk.call()


def test_an_unusable_reply_shows_that_others_get_through(make_desk: MakeDesk) -> None:
    desk = make_desk()
    refuse(desk, "poison")
    unusable(desk, 1)
    assert refuse(desk, "poison").blame is Blame.OWN


def test_a_tickets_own_unusable_reply_is_no_word_of_others(make_desk: MakeDesk) -> None:
    desk = make_desk()
    refuse(desk, "u0")
    unusable(desk, 1)
    assert refuse(desk, "u0").blame is Blame.NOBODY


def test_one_usable_reply_to_a_probe_ends_the_hold_and_the_count_begins_anew(make_desk: MakeDesk) -> None:
    desk = make_desk()
    unusable(desk, 20)
    desk.clock.advance(15_000)
    assert unusable(desk, 1, first=20)[0].is_closed
    desk.clock.advance(30_000)
    assert desk.call().change is Change.OPENED
    assert not any(one.is_closed for one in unusable(desk, LEAST_REPLIES - 1, first=21))


def test_a_server_error_of_a_probe_keeps_the_hold(make_desk: MakeDesk) -> None:
    desk = make_desk()
    refuse_many(desk)
    desk.clock.advance(15_000)
    found = desk.call(report=Report.BAD)
    assert (found.is_closed, found.held_for) == (True, HoldReason.REFUSED)
    desk.clock.advance(30_000)
    assert desk.call().change is Change.OPENED

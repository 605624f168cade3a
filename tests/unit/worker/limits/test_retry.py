from typing import Any

import pytest

from worker.domain import CallResult, Failure, Park, Retry
from worker.limits.permits import Blame, Settled
from worker.limits.retry import HELD_WAIT_S, LONGEST_RETRY_AFTER_S, LONGEST_WAIT_S, RetryPolicy

MOST = 8
BOTTOM = RetryPolicy(MOST, lambda: 0.0)
TOP = RetryPolicy(MOST, lambda: 1.0)

COUNTED = [CallResult.SERVER_ERROR, CallResult.TIMEOUT, CallResult.UNREADABLE]
EVERYBODYS = [CallResult.OVERLOADED, CallResult.CONNECTION]
TRANSIENT = [*COUNTED, *EVERYBODYS]
LIMITED = [CallResult.RATE_LIMITED, CallResult.RAMP_LIMITED]
FOR_A_PERSON = [
    *(CallResult.SPEND_LIMITED, CallResult.DISABLED, CallResult.UNAUTHORIZED, CallResult.NOT_FOUND),
    *(CallResult.FORMAT_REFUSED, CallResult.MISDIRECTED),
]


def decided(policy: RetryPolicy, result: CallResult, *, attempts: int = 1, asked: float | None = None) -> Retry | Park:
    return policy.after_failure(Failure(result, "what happened", asked), attempts=attempts)


def retry(policy: RetryPolicy, result: CallResult, *, attempts: int = 1, asked: float | None = None) -> Retry:
    found = decided(policy, result, attempts=attempts, asked=asked)
    assert isinstance(found, Retry)
    assert (found.reason, found.error) == (result.value, "what happened")
    return found


def test_every_result_of_a_failed_call_has_its_rule() -> None:
    assert {*TRANSIENT, *LIMITED, *FOR_A_PERSON, CallResult.BAD_REQUEST, CallResult.OK, CallResult.LOST} == set(
        CallResult
    )


@pytest.mark.parametrize("result", TRANSIENT)
def test_a_transient_failure_counts_and_waits_longer_each_time(result: CallResult) -> None:
    waits = [retry(TOP, result, attempts=n).delay_s for n in range(1, MOST)]
    assert waits == [4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
    assert retry(TOP, result).refund is (result in EVERYBODYS)
    assert retry(BOTTOM, result, attempts=5).delay_s == 0.0  # full jitter begins at nothing


@pytest.mark.parametrize("result", COUNTED)
def test_a_ticket_that_used_up_its_attempts_is_parked(result: CallResult) -> None:
    assert decided(TOP, result, attempts=MOST) == Park("exhausted", "what happened")


@pytest.mark.parametrize("result", EVERYBODYS)
def test_an_outage_of_the_provider_parks_nobody(result: CallResult) -> None:
    assert retry(TOP, result, attempts=MOST + 100).refund


@pytest.mark.parametrize("result", COUNTED)
def test_while_the_model_is_closed_to_the_fleet_no_failure_is_the_tickets(result: CallResult) -> None:
    found = TOP.after_failure(Failure(result, "what happened"), attempts=MOST, settled=Settled(is_closed=True))
    assert isinstance(found, Retry)
    assert found.refund


def test_the_longest_wait_is_bounded_however_many_attempts_are_allowed() -> None:
    patient = RetryPolicy(10_000, lambda: 1.0)
    assert retry(patient, CallResult.TIMEOUT, attempts=9_999).delay_s == LONGEST_WAIT_S
    assert decided(patient, CallResult.TIMEOUT, attempts=10_000) == Park("exhausted", "what happened")


def test_an_overloaded_provider_is_not_asked_before_it_said() -> None:
    assert retry(BOTTOM, CallResult.OVERLOADED, asked=20.0).delay_s == 20.0
    assert retry(TOP, CallResult.OVERLOADED, asked=1.0).delay_s == 4.0


@pytest.mark.parametrize("asked", [86_400.0, float("inf")])
@pytest.mark.parametrize("result", [*TRANSIENT, *LIMITED])
def test_no_provider_can_put_a_ticket_off_for_a_day(result: CallResult, asked: float) -> None:
    assert retry(BOTTOM, result, asked=asked).delay_s == LONGEST_RETRY_AFTER_S


@pytest.mark.parametrize("result", LIMITED)
def test_a_limit_costs_the_ticket_no_attempt(result: CallResult) -> None:
    found = retry(BOTTOM, result, attempts=MOST + 5, asked=7.0)
    assert (found.delay_s, found.refund) == (7.0, True)


@pytest.mark.parametrize("result", LIMITED)
def test_the_fleet_does_not_come_back_in_one_instant(result: CallResult) -> None:
    assert retry(TOP, result, asked=100.0).delay_s == 125.0
    assert retry(BOTTOM, result).delay_s == 1.0  # never at once, also when no time was named


@pytest.mark.parametrize("result", FOR_A_PERSON)
def test_what_only_a_person_can_mend_costs_no_attempt(result: CallResult) -> None:
    assert retry(BOTTOM, result, attempts=MOST + 5).delay_s == HELD_WAIT_S
    assert retry(TOP, result).delay_s == 2 * HELD_WAIT_S
    assert retry(TOP, result).refund


def refused(**values: Any) -> Retry | Park:
    failure = Failure(CallResult.BAD_REQUEST, "what happened")
    return TOP.after_failure(failure, attempts=MOST + 5, settled=Settled(**({"is_closed": False} | values)))


def test_a_refusal_waits_while_nobody_knows_whose_fault_it_is() -> None:
    waits = [refused(blame=Blame.NOBODY, times=n) for n in range(1, 7)]
    delays = [wait.delay_s for wait in waits if isinstance(wait, Retry) and wait.refund]
    assert delays == [2.5, 5.0, 10.0, 20.0, 37.5, 37.5]


def test_a_refusal_is_parked_where_it_is_the_tickets_own() -> None:
    assert refused(blame=Blame.OWN) == Park("bad_request", "what happened")


def test_a_refusal_in_doubt_is_parked_and_says_that_it_comes_back() -> None:
    found = refused(blame=Blame.DOUBT, times=6)
    assert isinstance(found, Park)
    assert "comes back by itself" in found.error
    assert "what happened" in found.error


@pytest.mark.parametrize("blame", [Blame.NOBODY, Blame.NONE])
def test_a_refusal_by_a_held_model_waits_for_the_probe(blame: Blame) -> None:
    found = refused(is_closed=True, blame=blame, times=1)
    assert found == Retry(2 * HELD_WAIT_S, "bad_request", "what happened", refund=True)


def test_our_own_exception_is_tried_three_times_in_all() -> None:
    error = KeyError("x")
    assert TOP.after_bug(error, attempts=1) == Retry(4.0, "bug", "KeyError: 'x'")
    assert TOP.after_bug(error, attempts=2) == Retry(8.0, "bug", "KeyError: 'x'")
    assert TOP.after_bug(error, attempts=3) == Park("bug", "KeyError: 'x'")


def test_fewer_attempts_hold_for_our_own_exceptions_too() -> None:
    assert isinstance(RetryPolicy(1, lambda: 0.0).after_bug(ValueError(), attempts=1), Park)


def test_an_exceptions_text_is_cut() -> None:
    found = TOP.after_bug(ValueError("x" * 5_000), attempts=1)
    assert isinstance(found, Retry)
    assert len(found.error) == 300

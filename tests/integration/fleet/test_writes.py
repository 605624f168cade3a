"""What the holder of a claim may write: extend, finish, escalate, retry, park."""

from collections.abc import Callable

import pytest

from fleet.lanes import Lane
from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.records import Claim, NoClaim
from tests.support.bench import FRONTIER, LEASE_MS, OUTCOME, SMALL, VERDICT, Bench, an_effect, lane_counts

pytestmark = pytest.mark.integration

CALLS = '[{"model":"m","cost_nusd":250}]'


def escalate(bench: Bench, held: Claim, **options: str | int) -> int | None:
    values = {"queue": FRONTIER, "reason": "low_confidence", "context": '{"small":1}'} | options
    return bench.ledger.run(do.escalate(held.ticket_id, held.fence, **values))  # type: ignore[arg-type]


def test_a_lease_is_extended_for_its_holder_and_for_nobody_else(bench: Bench) -> None:
    bench.accept("t1")
    bench.accept("t2")
    mine, other = bench.claim("t1"), bench.claim("t2")
    bench.finish(other)
    bench.clock.advance(10_000)
    pairs = [("t1", mine.fence), ("t1", mine.fence + 1), ("t2", other.fence), ("t404", 1)]
    assert bench.ledger.run(do.extend(pairs, lease_ms=LEASE_MS)) == [True, False, False, False]
    assert bench.client.zscore("tf:due", "t1") == bench.clock.now + LEASE_MS
    assert bench.problems() == []


def test_an_extended_lease_is_not_reaped(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    for _ in range(4):
        bench.clock.advance(LEASE_MS - 1)
        assert bench.ledger.run(do.extend([("t1", held.fence)], lease_ms=LEASE_MS)) == [True]
        assert bench.reap().expired == 0


def test_extending_nothing_answers_nothing(bench: Bench) -> None:
    assert bench.ledger.run(do.extend([], lease_ms=LEASE_MS)) == []


def test_finish_writes_verdict_effects_and_books_in_one_step(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    effects = [an_effect("t1", "page"), an_effect("t1", "webhook")]
    assert bench.finish(held, effects=effects, calls=CALLS, cost_nusd=250)
    ticket = bench.ticket()
    assert (ticket["state"], ticket["decided_by"], ticket["finished_at"]) == ("triaged", "small", bench.clock.now)
    assert (ticket["verdict"], ticket["outcome"]) == ({"category": "billing"}, {"cost": 1})
    assert "worker" not in ticket
    assert ticket["history"][-1] == {
        "at": bench.clock.now,
        "event": "triaged",
        "decided_by": "small",
        "calls": [{"model": "m", "cost_nusd": 250}],
    }
    assert bench.events() == ["accepted", "claimed", "effect", "effect", "triaged"]
    totals = bench.totals()
    assert (totals.triaged, totals.waiting, totals.effects_waiting, totals.cost_nusd) == (1, 0, 2, 250)
    assert lane_counts(bench.client) == (0, 0)
    assert bench.problems() == []


def test_a_finished_ticket_is_kept_for_the_retention_time_only(bench: Bench) -> None:
    bench.accept()
    bench.finish(bench.claim(), retention_ms=60_000)
    for key in ("tf:t:t1", "tf:h:t1"):
        assert bench.client.pttl(key) == pytest.approx(60_000, abs=5_000)


def test_an_effect_with_a_known_id_is_not_made_twice(bench: Bench) -> None:
    bench.accept("t1")
    bench.accept("t2")
    bench.finish(bench.claim("t1"), effects=[an_effect("t1")])
    bench.finish(bench.claim("t2"), effects=[an_effect("t1")])
    assert bench.totals().effects_waiting == 1
    assert bench.client.hget("tf:e:page:t1", "ticket") == b"t1"
    assert "effect" not in bench.events("t2")


def test_a_calls_price_is_added_up_over_all_steps(bench: Bench) -> None:
    bench.accept()
    bench.retry(bench.claim(), calls=CALLS, cost_nusd=100)
    escalate(bench, bench.claim(), calls=CALLS, cost_nusd=20)
    bench.finish(bench.claim(queue=FRONTIER), calls=CALLS, cost_nusd=3)
    assert bench.ticket()["cost_nusd"] == 123
    assert bench.totals().cost_nusd == 123


def test_escalate_hands_the_ticket_and_its_context_to_another_queue(bench: Bench) -> None:
    bench.accept()
    assert escalate(bench, bench.claim()) == bench.clock.now
    assert bench.waiting(FRONTIER) == ["t1"]
    assert bench.waiting(SMALL) == []
    assert bench.totals().escalated == 1
    assert bench.problems() == []
    held = bench.claim(queue=FRONTIER)
    # Each tier starts with all its attempts.
    assert (held.fence, held.attempts, held.context) == (2, 1, '{"small":1}')


def test_the_context_of_an_escalation_ends_with_the_verdict(bench: Bench) -> None:
    bench.accept()
    escalate(bench, bench.claim())
    bench.finish(bench.claim(queue=FRONTIER))
    assert "context" not in bench.ticket()


def test_a_retry_without_delay_is_offered_at_once(bench: Bench) -> None:
    bench.accept()
    bench.clock.advance(100)
    assert bench.retry(bench.claim()) == bench.clock.now
    assert bench.waiting() == ["t1"]
    assert bench.ticket()["disp"] == bench.clock.now
    assert bench.problems() == []


def test_a_retry_with_a_delay_waits_in_the_ledger(bench: Bench) -> None:
    bench.accept()
    assert bench.retry(bench.claim(), delay_ms=2_000, error="529 overloaded") is not None
    ticket = bench.ticket()
    assert (ticket["state"], ticket["next_at"]) == ("retry", bench.clock.now + 2_000)
    assert ticket["error"] == "529 overloaded"
    assert "worker" not in ticket
    assert lane_counts(bench.client) == (1, 0)
    assert bench.totals().retries == 1
    assert bench.problems() == []


def test_a_refunded_retry_does_not_count_as_an_attempt(bench: Bench) -> None:
    bench.accept()
    bench.retry(bench.claim(), refund=True)
    assert bench.ticket()["attempts"] == 0
    bench.retry(bench.claim())
    assert bench.ticket()["attempts"] == 1


def test_a_retry_of_a_frontier_ticket_stays_with_the_frontier(bench: Bench) -> None:
    bench.accept()
    escalate(bench, bench.claim())
    bench.retry(bench.claim(queue=FRONTIER))
    assert bench.waiting(FRONTIER) == ["t1"]


def test_a_parked_ticket_stands_in_the_dead_letters_with_reason_and_error(bench: Bench) -> None:
    bench.accept("t1", lane=Lane.BULK)
    assert bench.park(bench.claim(queue="triage.small.bulk"), reason="bad_output", error='said "no"\n\ud83d')
    ticket = bench.ticket()
    assert (ticket["state"], ticket["reason"], ticket["error"]) == ("parked", "bad_output", 'said "no"\n\ud83d')
    assert "worker" not in ticket
    assert bench.client.ttl("tf:t:t1") == -1
    assert reading.read_counters(bench.client, "dead") == {"bad_output": 1}
    assert bench.totals().parked == 1
    assert bench.problems() == []


WRITES: dict[str, Callable[[Bench, Claim], object]] = {
    "finish": lambda bench, held: bench.finish(held, effects=[an_effect("t1")], calls=CALLS, cost_nusd=9),
    "escalate": lambda bench, held: escalate(bench, held, calls=CALLS, cost_nusd=9),
    "retry": lambda bench, held: bench.retry(held, calls=CALLS, cost_nusd=9),
    "retry later": lambda bench, held: bench.retry(held, delay_ms=1_000, refund=True),
    "park": lambda bench, held: bench.park(held),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_with_an_old_fence_is_refused_and_counted_and_changes_nothing(
    bench: Bench, write: Callable[[Bench, Claim], object]
) -> None:
    bench.accept()
    old = bench.claim()
    bench.clock.advance(LEASE_MS)
    bench.reap()
    bench.claim()
    before = bench.ticket()
    assert not write(bench, old)
    assert bench.ticket() == before
    assert bench.totals().stale_refused == 1
    assert bench.totals().cost_nusd == 0
    assert bench.totals().effects_waiting == 0
    assert bench.problems() == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_after_the_lease_was_reaped_is_refused(bench: Bench, write: Callable[[Bench, Claim], object]) -> None:
    bench.accept()
    old = bench.claim()
    bench.clock.advance(LEASE_MS)
    bench.reap()
    assert not write(bench, old)
    assert bench.ticket()["state"] == "accepted"
    assert bench.problems() == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_finished_ticket_takes_no_further_write(bench: Bench, write: Callable[[Bench, Claim], object]) -> None:
    bench.accept()
    held = bench.claim()
    assert bench.finish(held)
    assert not write(bench, held)
    assert bench.ticket()["state"] == "triaged"
    assert bench.problems() == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_for_a_ticket_that_is_gone_makes_none(bench: Bench, write: Callable[[Bench, Claim], object]) -> None:
    bench.accept()
    held = bench.claim()
    bench.finish(held)
    bench.client.delete("tf:t:t1", "tf:h:t1")  # the retention time is over
    assert not write(bench, held)
    assert bench.client.exists("tf:t:t1", "tf:h:t1") == 0
    assert bench.try_claim() is NoClaim.GONE


def test_a_late_write_within_the_same_claim_still_counts_when_nobody_took_over(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    bench.clock.advance(LEASE_MS + 60_000)  # the lease ended, but no reaper came by
    assert bench.finish(held, verdict=VERDICT, outcome=OUTCOME)
    assert bench.problems() == []

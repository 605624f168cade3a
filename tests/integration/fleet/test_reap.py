import time
from typing import Any

import pytest

from fleet.lanes import QUARANTINE, Lane
from fleet.ledger import Ledger
from fleet.ledger import transitions as do
from fleet.ledger.records import NoClaim, Reaped
from tests.support.bench import FRONTIER, LEASE_MS, SLACK_MS, SMALL, Bench, a_ticket

pytestmark = pytest.mark.integration


def test_an_idle_ledger_gives_the_reaper_nothing_to_do(bench: Bench) -> None:
    assert bench.reap(empty_queues=[SMALL]) == Reaped(bench.clock.now, 0, 0, 0, ())


def test_a_lease_that_has_not_ended_is_left_alone(bench: Bench) -> None:
    bench.accept()
    bench.claim()
    bench.clock.advance(LEASE_MS - 1)
    assert bench.reap(empty_queues=[SMALL]).dispatch == ()


def test_an_ended_lease_is_a_crash_and_the_ticket_is_offered_again(bench: Bench) -> None:
    bench.accept()
    assert bench.crash() == Reaped(bench.clock.now, 1, 0, 0, (("t1", SMALL),))
    ticket = bench.ticket()
    assert (ticket["state"], ticket["crashes"], ticket["disp"]) == ("accepted", 1, bench.clock.now)
    assert ticket["history"][-1] == {"at": bench.clock.now, "event": "lease_expired", "crashes": 1, "worker": "w1"}
    assert bench.totals().leases_expired == 1
    assert bench.problems() == []


def test_a_crash_is_found_once(bench: Bench) -> None:
    bench.accept()
    bench.crash()
    assert bench.reap(empty_queues=[SMALL]) == Reaped(bench.clock.now, 0, 0, 0, ())


def test_from_the_second_crash_on_a_ticket_works_alone_in_quarantine(bench: Bench) -> None:
    bench.accept("t1", lane=Lane.URGENT)
    assert bench.crash(queue="triage.small.urgent").dispatch == (("t1", "triage.small.urgent"),)
    assert bench.crash(queue="triage.small.urgent").dispatch == (("t1", QUARANTINE),)
    assert bench.waiting(QUARANTINE) == ["t1"]
    assert bench.try_claim(queue="triage.small.urgent") is NoClaim.MOVED
    assert bench.problems() == []


def test_the_third_crash_in_quarantine_parks_the_ticket(bench: Bench) -> None:
    bench.accept()
    bench.crash()
    bench.crash()
    assert bench.crash(queue=QUARANTINE) == Reaped(bench.clock.now, 1, 1, 0, ())
    ticket = bench.ticket()
    assert (ticket["state"], ticket["reason"], ticket["crashes"]) == ("parked", "crashed", 3)
    assert bench.problems() == []


def test_a_ticket_that_works_out_in_quarantine_is_triaged(bench: Bench) -> None:
    bench.accept()
    bench.crash()
    bench.crash()
    assert bench.finish(bench.claim(queue=QUARANTINE))
    assert bench.problems() == []


def test_more_crashes_may_be_allowed(bench: Bench) -> None:
    bench.accept()
    bench.crash()
    bench.crash()
    bench.claim(queue=QUARANTINE)
    bench.clock.advance(LEASE_MS)
    assert bench.reap(max_crashes=4).dispatch == (("t1", QUARANTINE),)


def test_a_retry_that_is_due_is_offered_in_its_own_queue(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    bench.ledger.run(do.escalate("t1", held.fence, queue=FRONTIER, reason="low_confidence"))
    bench.retry(bench.claim(queue=FRONTIER), delay_ms=2_000)
    bench.clock.advance(1_999)
    assert bench.reap().dispatch == ()
    bench.clock.advance(1)
    assert bench.reap() == Reaped(bench.clock.now, 0, 0, 0, (("t1", FRONTIER),))
    assert bench.ticket()["crashes"] == 0
    assert bench.problems() == []


@pytest.mark.parametrize(("gap_ms", "lost"), [(SLACK_MS, 0), (SLACK_MS + 1, 1)])
def test_a_hint_is_lost_when_one_from_well_after_it_was_taken(bench: Bench, gap_ms: int, lost: int) -> None:
    bench.accept("first")
    bench.clock.advance(gap_ms)
    bench.accept("second")
    bench.claim("second")
    assert bench.reap().lost == lost
    assert bench.totals().redispatched == lost


def test_a_hint_sent_again_is_given_time_before_the_next(bench: Bench) -> None:
    bench.accept()
    bench.clock.advance(SLACK_MS + 1)
    assert bench.reap(empty_queues=[SMALL]).lost == 1
    assert bench.reap(empty_queues=[SMALL]).lost == 0
    bench.clock.advance(SLACK_MS)
    assert bench.reap(empty_queues=[SMALL]).lost == 0
    bench.clock.advance(1)
    assert bench.reap(empty_queues=[SMALL]).lost == 1


def test_one_queues_progress_says_nothing_about_anothers(bench: Bench) -> None:
    bench.accept("normal")
    bench.clock.advance(SLACK_MS + 1)
    bench.accept("urgent", lane=Lane.URGENT)
    bench.claim("urgent", queue="triage.small.urgent")
    assert bench.reap().dispatch == ()


def test_what_waits_for_an_empty_queue_is_hinted_at_again(bench: Bench) -> None:
    bench.accept()
    bench.clock.advance(SLACK_MS)
    assert bench.reap(empty_queues=[SMALL]).dispatch == ()
    bench.clock.advance(1)
    assert bench.reap(empty_queues=[FRONTIER]).dispatch == ()
    assert bench.reap(empty_queues=[SMALL]) == Reaped(bench.clock.now, 0, 0, 1, (("t1", SMALL),))
    assert bench.problems() == []


def test_a_clock_that_was_put_back_loses_nothing(bench: Bench) -> None:
    bench.accept("t1")
    bench.claim("t1")
    bench.accept("t2")
    bench.clock.advance(-3_600_000)
    assert bench.reap(empty_queues=[SMALL]).dispatch == ()
    bench.clock.advance(3_600_000 + LEASE_MS)
    assert sorted(bench.reap(empty_queues=[SMALL]).dispatch) == [("t1", SMALL), ("t2", SMALL)]
    assert bench.problems() == []


def test_a_pass_takes_a_bounded_number_and_the_next_one_goes_on(bench: Bench) -> None:
    for n in range(5):
        bench.accept(f"t{n}")
        bench.claim(f"t{n}")
    bench.clock.advance(LEASE_MS)
    assert [bench.reap(limit=2).expired for _ in range(4)] == [2, 2, 1, 0]
    assert bench.problems() == []


def test_leases_of_tickets_that_vanished_are_swept_away(bench: Bench) -> None:
    bench.client.zadd("tf:due", {"ghost": bench.clock.now})
    assert bench.reap().dispatch == ()
    assert bench.client.zcard("tf:due") == 0


def commands_run(bench: Bench) -> int:
    stats: Any = bench.client.info("commandstats")
    return sum(row["calls"] for name, row in stats.items() if name not in ("cmdstat_info", "cmdstat_config|resetstat"))


BACKLOG = 20_000


def test_a_large_backlog_does_not_slow_the_reaper_or_hide_an_ended_lease(bench: Bench, ledger: Ledger) -> None:
    bench.accept("dead", key="dead")
    bench.claim("dead")
    for start in range(0, BACKLOG, 1_000):
        ledger.run_many([do.accept(a_ticket(f"t{n}"), key=f"k{n}") for n in range(start, start + 1_000)])
    bench.clock.advance(LEASE_MS)
    bench.client.config_resetstat()
    began = time.perf_counter()
    found = bench.reap()
    took_s = time.perf_counter() - began
    assert found.dispatch == (("dead", SMALL),)
    assert commands_run(bench) < 30
    assert took_s < 0.5
    lost = bench.reap(empty_queues=[SMALL], limit=200)
    assert len(lost.dispatch) == lost.lost == 200
    assert bench.totals().waiting == BACKLOG + 1

"""What must hold of the ledger, as functions: run with a guard taken out of the Lua text, each of them must fail."""

from fleet.lanes import QUARANTINE
from tests.support.bench import FRONTIER, LEASE_MS, SLACK_MS, SMALL, Bench, an_effect


def only_the_newest_fence_writes(bench: Bench) -> None:
    """A worker that froze past its lease must not overwrite what its successor does."""
    bench.accept()
    frozen = bench.claim()
    bench.clock.advance(LEASE_MS)
    bench.reap()
    successor = bench.claim()
    assert not bench.finish(frozen, verdict='{"category":"stale"}', effects=[an_effect("t1")])
    assert bench.totals().effects_waiting == 0
    assert bench.finish(successor)
    assert bench.ticket()["verdict"] == {"category": "billing"}
    assert bench.totals().stale_refused == 1


def a_dead_workers_ticket_comes_back(bench: Bench) -> None:
    """A lease that ended is found, counted as a crash and offered again."""
    bench.accept()
    bench.claim()
    bench.clock.advance(LEASE_MS)
    found = bench.reap()
    assert (found.expired, found.dispatch) == (1, (("t1", SMALL),))
    assert bench.claim().crashes == 1


def a_lost_hint_is_sent_again(bench: Bench) -> None:
    """A ticket whose later neighbours were taken is hinted at again."""
    bench.accept("lost")
    bench.clock.advance(SLACK_MS + 1)
    bench.accept("later")
    bench.claim("later")
    found = bench.reap()
    assert (found.lost, found.dispatch) == (1, (("lost", SMALL),))


def a_healthy_backlog_is_left_alone(bench: Bench) -> None:
    """Tickets whose hints still stand in the list are not hinted at again, however long they wait."""
    hints = []
    for n in range(20):
        hints.append((bench.accept(f"t{n}"), bench.clock.now))
        bench.clock.advance(1_000)
    for ticket_id, hinted_ms in hints:
        bench.clock.advance(60_000)
        bench.claim(ticket_id, hinted_ms=hinted_ms, lease_ms=86_400_000)
        assert bench.reap().dispatch == ()
    assert bench.totals().redispatched == 0


def an_innocent_is_not_parked(bench: Bench) -> None:
    """Outside quarantine many tickets die with one process, so no number of crashes there parks one."""
    bench.accept()
    for queue, lands_in in ((SMALL, SMALL), (SMALL, QUARANTINE)):
        assert bench.crash(queue=queue).dispatch == (("t1", lands_in),)
    bench.client.hset("tf:t:t1", mapping={"crashes": 7, "queue": FRONTIER})  # an earlier release did not quarantine
    bench.client.zrem(f"tf:wait:{QUARANTINE}", "t1")
    bench.client.zadd(f"tf:wait:{FRONTIER}", {"t1": bench.clock.now})
    assert bench.crash(queue=FRONTIER).dispatch == (("t1", QUARANTINE),)
    assert bench.ticket()["state"] == "accepted"


def a_ticket_has_one_holder(bench: Bench) -> None:
    """A doubled hint is a no-op."""
    bench.accept()
    bench.claim()
    assert not hasattr(bench.try_claim(), "fence")


def an_ended_ticket_stays_ended(bench: Bench) -> None:
    """A late hint does not open a finished ticket again."""
    bench.accept()
    bench.finish(bench.claim())
    assert not hasattr(bench.try_claim(), "fence")


def a_lost_lease_is_not_extended(bench: Bench) -> None:
    """The holder learns from the next beat that another one took over."""
    from fleet.ledger import transitions as do

    bench.accept()
    frozen = bench.claim()
    bench.clock.advance(LEASE_MS)
    bench.reap()
    bench.claim()
    assert bench.ledger.run(do.extend([("t1", frozen.fence)], lease_ms=LEASE_MS)) == [False]


def an_id_in_use_is_not_written_over(bench: Bench) -> None:
    """A producer that uses an id twice must not reset the fence of a ticket at work."""
    from fleet.ledger import transitions as do
    from tests.support.bench import a_ticket

    bench.accept()
    held = bench.claim()
    bench.ledger.run(do.accept(a_ticket("t1", "other words"), key="other"))
    assert bench.finish(held)
    assert bench.problems() == []

"""Worker processes die by kill -9 while they work."""

import logging
import random
from collections.abc import Callable
from functools import partial

import pytest

from fleet.ledger.reading import read_totals
from ops.demo.fleet import LocalFleet
from tests.support.books import check_books, events, recorded_calls, wait_until_quiet
from tests.support.fleets import QUARANTINE, QUICK, SLOTS, running_fleet, workers
from tests.support.load import EASY, make_tickets, submit
from tests.support.simulator import Simulator
from tests.support.victims import kill_a_busy_one
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

_log = logging.getLogger(__name__)

KILLS = 20
TICKETS = 500
VERDICTS_PER_KILL = 15

LEASE_S = 15
RECOVERY_S = LEASE_S + 1 + 1
"""By design: the lease, one pass of the reaper, one dispatch (reliability.md 6.2)."""

BUSY_MACHINE_S = 8
"""More than by design, for a machine on which other tests keep the processors busy."""


def test_a_kill_loop_loses_nothing_and_doubles_nothing(simulator_at: Callable[[float], Simulator]) -> None:
    simulator = simulator_at(0.5)
    chance = random.Random(20)
    with running_fleet((workers(3), QUARANTINE), simulator, **QUICK) as fleet:
        ids: list[str] = []
        for number in range(KILLS):
            ids += submit(fleet, make_tickets(TICKETS // KILLS, f"loop{number}"))
            # Progress in between, so that workers die at every step of a ticket and not all of them at its first.
            wait_for("work goes on", partial(_has_triaged, fleet, VERDICTS_PER_KILL * number))
            kill_a_busy_one(fleet, fleet.triage_workers, chance)
        wait_until_quiet(fleet)
        check_books(fleet, ids)
        extra_calls = simulator.calls() - len(recorded_calls(fleet.ledger.redis, ids))
        crashed = sum(len(events(fleet.ledger.redis, one, "lease_expired")) for one in ids)
        _log.info("%d kills, %d claims lost with them, %d extra calls", KILLS, crashed, extra_calls)
        assert len(ids) == TICKETS
        assert sum(child.restarts for child in fleet.workers) == KILLS
        assert crashed >= KILLS
        assert 0 < extra_calls <= KILLS * SLOTS


def test_a_dead_workers_tickets_are_taken_over_within_a_lease(simulator_at: Callable[[float], Simulator]) -> None:
    with running_fleet((workers(2),), simulator_at(4), TRIAGE_LEASE_S=str(LEASE_S)) as fleet:
        ids = submit(fleet, make_tickets(40, "lease", EASY))
        _, orphans = kill_a_busy_one(fleet, fleet.workers, random.Random(1), least=SLOTS // 2)
        killed_ms = _ledger_ms(fleet)
        wait_until_quiet(fleet)
        check_books(fleet, ids)
        waits_s = [_taken_over_s(fleet, one, killed_ms) for one in orphans]
        _log.info("%d tickets taken over, the last after %.1f s", len(orphans), max(waits_s))
        assert len(orphans) >= SLOTS // 2
        assert max(waits_s) <= RECOVERY_S + BUSY_MACHINE_S


def _has_triaged(fleet: LocalFleet, least: int) -> bool:
    return read_totals(fleet.ledger.redis).triaged >= least


def _ledger_ms(fleet: LocalFleet) -> int:
    seconds, micros = fleet.ledger.redis.time()
    return int(seconds * 1000 + micros // 1000)


def _taken_over_s(fleet: LocalFleet, ticket_id: str, killed_ms: int) -> float:
    (expired,) = events(fleet.ledger.redis, ticket_id, "lease_expired")
    again = [line for line in events(fleet.ledger.redis, ticket_id, "claimed") if line["at"] >= expired["at"]]
    return float(again[0]["at"] - killed_ms) / 1000


def test_without_the_reaper_the_same_check_fails(simulator_at: Callable[[float], Simulator]) -> None:
    """The negative control: what the tests above prove is the reaper's work."""
    app = "tests.support.no_reaper_app"
    with running_fleet((workers(1),), simulator_at(4), app=app, TRIAGE_LEASE_S="2") as fleet:
        ids = submit(fleet, make_tickets(12, "orphan", EASY))
        # Full, so that it holds a claim on every ticket whose hint it took.
        _, orphans = kill_a_busy_one(fleet, fleet.workers, random.Random(1), least=SLOTS)
        wait_for("the rest ends", lambda: _open(fleet) <= set(orphans))
        wait_for("the leases are long over", lambda: _overdue_ms(fleet) > 4_000)
        with pytest.raises(AssertionError):
            check_books(fleet, ids)
        assert _open(fleet) == set(orphans)


def _open(fleet: LocalFleet) -> set[str]:
    return {raw.decode() for raw in fleet.ledger.redis.zrange("tf:open:normal", 0, -1)}  # type: ignore[union-attr]


def _overdue_ms(fleet: LocalFleet) -> int:
    newest = fleet.ledger.redis.zrange("tf:due", -1, -1, withscores=True)
    return _ledger_ms(fleet) - int(newest[0][1])

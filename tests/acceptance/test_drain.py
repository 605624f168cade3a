"""Workers are told to go (SIGTERM) while they have calls in flight, and another one goes on."""

import logging
import signal
import time
from collections.abc import Callable

import pytest

from fleet.ledger.reading import read_totals
from ops.demo.fleet import LocalFleet
from ops.demo.processes import Child
from tests.support.books import check_books, describe, events, recorded_calls, story, wait_until_quiet
from tests.support.fleets import SLOTS, running_fleet, workers
from tests.support.load import EASY, make_tickets, submit
from tests.support.simulator import Simulator
from tests.support.victims import busy, holdings
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

_log = logging.getLogger(__name__)

TICKETS = 28
SLOW = 4.0
"""Calls take one to four seconds."""


def _terminate_when_full(fleet: LocalFleet, leaver: Child) -> list[str]:
    """SIGTERM to a worker with all slots taken; answers the tickets it held."""
    wait_for("the worker is full", lambda: busy(fleet, [leaver], least=SLOTS), explain=lambda: describe(fleet))
    leaver.is_supervised = False
    held = holdings(fleet)[leaver.pid]
    assert leaver.process is not None
    leaver.process.send_signal(signal.SIGTERM)
    return held


def _exit_code(leaver: Child, within_s: float) -> int:
    assert leaver.process is not None
    return leaver.process.wait(timeout=within_s)


def test_calls_in_flight_are_finished_when_the_grace_suffices(simulator_at: Callable[[float], Simulator]) -> None:
    simulator = simulator_at(SLOW)
    with running_fleet((workers(2),), simulator, TRIAGE_DRAIN_S="30") as fleet:
        ids = submit(fleet, make_tickets(TICKETS, "drain", EASY))
        leaver = fleet.workers[0]
        held = _terminate_when_full(fleet, leaver)
        started = time.monotonic()
        assert _exit_code(leaver, within_s=30) == 0
        _log.info("drained %d calls in %.1f s", len(held), time.monotonic() - started)
        wait_until_quiet(fleet)
        check_books(fleet, ids)
        assert simulator.stats()["calls"] == {"claude-haiku-5-5": {"200": TICKETS}}
        assert sum(story(fleet.ledger.redis, one)["crashes"] for one in ids) == 0
        assert all(len(events(fleet.ledger.redis, one, "claimed")) == 1 for one in ids)


def test_calls_that_outlast_the_grace_are_given_back_at_once(simulator_at: Callable[[float], Simulator]) -> None:
    simulator = simulator_at(SLOW)
    with running_fleet((workers(2),), simulator, TRIAGE_DRAIN_S="5.5") as fleet:
        ids = submit(fleet, make_tickets(TICKETS, "recall", EASY))
        leaver = fleet.workers[0]
        held = _terminate_when_full(fleet, leaver)
        started = time.monotonic()
        assert _exit_code(leaver, within_s=5.5) == 0
        _log.info("gone after %.1f s", time.monotonic() - started)
        given_back = [one for one in ids if events(fleet.ledger.redis, one, "retry")]
        assert len(given_back) >= SLOTS // 2
        assert set(given_back) <= set(held)
        wait_until_quiet(fleet)
        check_books(fleet, ids)
        for one in given_back:
            (retry,) = events(fleet.ledger.redis, one, "retry")
            assert (retry["reason"], retry["delay_ms"]) == ("drain", 0)
            assert story(fleet.ledger.redis, one)["attempts"] == 1  # the one given back does not count
        assert sum(story(fleet.ledger.redis, one)["crashes"] for one in ids) == 0
        assert read_totals(fleet.ledger.redis).leases_expired == 0
        paid_twice = simulator.calls() - len(recorded_calls(fleet.ledger.redis, ids))
        assert paid_twice <= len(given_back)

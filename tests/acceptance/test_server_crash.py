"""The ledger's server dies by kill -9 under load and comes back with what its log file holds."""

import logging
import time
from collections.abc import Callable

import pytest
from kombu.exceptions import OperationalError

from fleet.errors import LedgerUnavailableError
from fleet.ledger.reading import read_totals
from fleet.ledger.transitions import accept
from fleet.ticket import Ticket
from ops.demo.fleet import LocalFleet
from tests.support.books import check_books, describe, wait_until_quiet
from tests.support.fleets import QUARANTINE, QUICK, running_fleet, workers
from tests.support.load import make_tickets, submit
from tests.support.simulator import Simulator
from tests.support.victims import busy
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

_log = logging.getLogger(__name__)

TICKETS = 200
PARTS = 3


def test_a_killed_server_comes_back_with_every_accepted_ticket(simulator_at: Callable[[float], Simulator]) -> None:
    tickets = make_tickets(TICKETS, "aof")
    part = TICKETS // PARTS
    with running_fleet((workers(2), QUARANTINE), simulator_at(0.5), **QUICK) as fleet:
        ids = submit(fleet, tickets[:part])
        for start in range(part, TICKETS, part):
            wait_for("work goes on", lambda: busy(fleet, fleet.workers, least=4), explain=lambda: describe(fleet))
            ended = read_totals(fleet.ledger.redis).triaged
            fleet.kill_server()
            _is_told_that_nothing_was_accepted(fleet, tickets[start])
            fleet.restart_server()
            back = time.monotonic()
            assert read_totals(fleet.ledger.redis).triaged >= ended
            ids += submit(fleet, tickets[start : start + part])
            wait_for("work goes on", lambda: read_totals(fleet.ledger.redis).triaged > ended + 20)  # noqa: B023
            _log.info("twenty more verdicts %.1f s after the restart", time.monotonic() - back)
        wait_until_quiet(fleet)
        check_books(fleet, ids)
        assert len(ids) == TICKETS
        assert read_totals(fleet.ledger.redis).accepted == TICKETS
        assert not any(child.restarts for child in fleet.workers)


def _is_told_that_nothing_was_accepted(fleet: LocalFleet, ticket: Ticket) -> None:
    with pytest.raises(LedgerUnavailableError):
        fleet.ledger.run(accept(ticket, key=f"key-{ticket.id}"))
    with pytest.raises(OperationalError):
        fleet.hints.look([ticket.id], queue="triage.small", at_ms=0)

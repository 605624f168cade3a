"""Tickets that kill the process which works on them: found out, parked, and the innocent beside them are not."""

import logging
from collections.abc import Callable

import pytest

from fleet.ledger.reading import read_dead
from fleet.ticket import Source, Ticket
from tests.support.books import check_books, events, story, wait_until_quiet
from tests.support.fleets import QUARANTINE, QUICK, running_fleet, workers
from tests.support.load import make_tickets, submit
from tests.support.poison_app import POISON
from tests.support.simulator import Simulator

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

_log = logging.getLogger(__name__)

INNOCENTS = 297
DEATHS_EACH = 3


def test_poison_is_parked_and_the_innocent_are_not(simulator_at: Callable[[float], Simulator]) -> None:
    tickets = make_tickets(INNOCENTS, "innocent")
    poison = [Ticket(id=f"poison-{n}", source=Source.HTTP, body=f"{POISON} {n}") for n in range(3)]
    for place, ticket in zip((30, 120, 210), poison, strict=True):
        tickets.insert(place, ticket)
    with running_fleet((workers(2), QUARANTINE), simulator_at(0.5), app="tests.support.poison_app", **QUICK) as fleet:
        client = fleet.ledger.redis
        ids = submit(fleet, tickets)
        wait_until_quiet(fleet)
        check_books(fleet, ids, parked={ticket.id: "crashed" for ticket in poison})
        deaths = sum(child.restarts for child in fleet.workers)
        hurt = [one for one in ids if story(client, one)["crashes"] and one not in {t.id for t in poison}]
        _log.info("%d deaths, %d innocents died with the poison and were triaged", deaths, len(hurt))
        assert [row["crashes"] for row in read_dead(client)] == [DEATHS_EACH] * 3
        assert all(len(events(client, ticket.id, "claimed")) == DEATHS_EACH for ticket in poison)
        assert 3 < deaths <= DEATHS_EACH * len(poison)
        assert hurt

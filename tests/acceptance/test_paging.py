"""The ticket that has to wake somebody, through the whole fleet, to a pager that folds events by their dedup key."""

import json
import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from fleet.ticket import Source, Ticket
from ops.demo.fleet import LocalFleet, WorkerPlan
from tests.support.books import check_books, describe, events, story, wait_until_quiet
from tests.support.fleets import running_fleet
from tests.support.load import submit
from tests.support.pager import Pager
from tests.support.simulator import Simulator
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

_log = logging.getLogger(__name__)

CHARGED_TWICE = "I was charged twice and need this fixed today!"

PLAN = (
    WorkerPlan("triage", "triage.small,triage.frontier", 1, 4),
    WorkerPlan("deliver", "triage.deliver", 1, 4),
)


@pytest.fixture
def pager() -> Iterator[Pager]:
    """Receive pages."""
    with Pager() as found:
        yield found


@pytest.fixture
def fleet(pager: Pager, simulator_at: Callable[[float], Simulator]) -> Iterator[LocalFleet]:
    """A fleet that pages there, its deliveries in a process of their own."""
    settings = {"TRIAGE_PAGE_URL": pager.url, "TRIAGE_PAGE_ROUTING_KEY": pager.routing_key}
    with running_fleet(PLAN, simulator_at(0.5), **settings) as found:
        yield found


def _send(fleet: LocalFleet, name: str) -> str:
    (ticket_id,) = submit(fleet, [Ticket(id=name, source=Source.MAIL, body=CHARGED_TWICE)])
    return ticket_id


def _incidents(pager: Pager) -> list[str]:
    """The ticket of each incident."""
    return sorted(received[0]["payload"]["custom_details"]["ticket_id"] for received in pager.incidents.values())


def test_an_angry_customer_pages_once_even_when_the_deliverer_is_killed(fleet: LocalFleet, pager: Pager) -> None:
    client = fleet.ledger.redis
    calm = _send(fleet, "charged-twice")
    wait_until_quiet(fleet)
    verdict = story(client, calm)["verdict"]
    assert (verdict["category"], verdict["urgency"], verdict["needs_human"]) == ("billing", "high", True)
    assert _incidents(pager) == [calm]

    pager.hold = threading.Event()
    killed = _send(fleet, "killed-between")
    wait_for("the page is sent", lambda: len(_incidents(pager)) == 2, explain=lambda: describe(fleet))
    (deliverer,) = [child for child in fleet.workers if child.name.startswith("deliver")]
    deliverer.kill()
    pager.hold.set()
    assert client.exists(f"tf:e:page:{killed}")  # sent, and nobody wrote it down
    wait_until_quiet(fleet)
    check_books(fleet, [calm, killed])
    assert deliverer.restarts == 1
    assert not pager.errors
    assert _incidents(pager) == sorted([calm, killed])
    sent = [event["payload"]["custom_details"]["ticket_id"] for event in pager.events]
    assert (sent.count(calm), sent.count(killed)) == (1, 2)
    assert [line["sink"] for line in events(client, killed, "delivered")].count("page") == 1
    assert pager.routing_key not in json.dumps([story(client, one) for one in (calm, killed)])

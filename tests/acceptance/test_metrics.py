"""Several worker processes on one machine, told the same metrics port."""

import pytest

from tests.acceptance.conftest import Calm
from tests.support.books import check_books, events, wait_until_quiet
from tests.support.load import EASY, make_tickets, submit
from tests.support.scrape import metrics_ports, scrape, total

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300), pytest.mark.xdist_group("calm fleet")]

FINISHED = "triage_tickets_finished_total"


def test_processes_with_the_same_metrics_port_all_serve_and_add_up(calm: Calm) -> None:
    before = total(calm.fleet, FINISHED)
    ids = submit(calm.fleet, make_tickets(60, "counted", EASY))
    wait_until_quiet(calm.fleet)
    check_books(calm.fleet, ids)
    ports = metrics_ports(calm.fleet)
    workers = {line["worker"] for one in ids for line in events(calm.fleet.ledger.redis, one, "claimed")}
    assert len(set(ports)) == len(calm.fleet.workers)
    assert len(workers) == 2
    assert sum(any(name == FINISHED for name, _ in scrape(port)) for port in ports) >= 2
    assert total(calm.fleet, FINISHED) - before == len(ids)

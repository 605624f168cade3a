"""Hints get lost and doubled; the ledger does not care."""

import pytest

from fleet.ledger.reading import read_totals
from fleet.ledger.transitions import accept
from tests.acceptance.conftest import Calm
from tests.support.books import check_books, events, recorded_calls, wait_until_quiet
from tests.support.load import EASY, make_tickets, submit

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300), pytest.mark.xdist_group("calm fleet")]

BROKERS_LIST = "tf:triage.small"


def test_hints_deleted_from_the_broker_are_sent_again(calm: Calm) -> None:
    client = calm.fleet.ledger.redis
    before = read_totals(client)
    ids = submit(calm.fleet, make_tickets(150, "deleted"))
    pipe = client.pipeline(transaction=True)
    pipe.llen(BROKERS_LIST)
    pipe.delete(BROKERS_LIST)
    deleted, _ = pipe.execute()
    wait_until_quiet(calm.fleet)
    check_books(calm.fleet, ids)
    named_again = [one for one in ids if events(client, one, "redispatched")]
    assert deleted >= 50  # else there was nothing to lose
    assert len(named_again) >= deleted
    assert read_totals(client).leases_expired == before.leases_expired
    assert calm.simulator.calls() == len(recorded_calls(client, ids))


def test_tickets_submitted_three_times_and_hinted_at_five_times_are_paid_once(calm: Calm) -> None:
    tickets = make_tickets(100, "doubled", EASY)
    ids = submit(calm.fleet, tickets)
    for ticket in tickets * 2:
        again = calm.fleet.ledger.run(accept(ticket, key=f"key-{ticket.id}"))
        assert not again.is_new
        assert again.ticket_id == ticket.id
        for _ in range(2):
            calm.fleet.hints.look([ticket.id], queue="triage.small", at_ms=again.at_ms)
    wait_until_quiet(calm.fleet)
    check_books(calm.fleet, ids)
    assert calm.simulator.stats()["calls"] == {"claude-haiku-5-5": {"200": len(ids)}}
    assert all(len(events(calm.fleet.ledger.redis, one, "claimed")) == 1 for one in ids)

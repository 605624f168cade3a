import pytest
import redis

from fleet.errors import LedgerUnavailableError
from fleet.ledger import Ledger
from fleet.ledger.ahead import Ahead
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_totals
from fleet.ledger.records import Acceptance
from fleet.ledger.transitions import Transition, accept_many
from fleet.ticket import Source, Ticket

pytestmark = pytest.mark.integration

Batch = list[Transition[list[Acceptance]]]


def batch(*names: str) -> Batch:
    return [accept_many([(Ticket(id=name, source=Source.FILE, body=name), f"key:{name}")]) for name in names]


def ids(answers: list[list[Acceptance]]) -> list[tuple[str, str]]:
    return [(answer.ticket_id, answer.result.value) for one in answers for answer in one]


@pytest.fixture
def ahead(ledger: Ledger) -> Ahead[list[Acceptance]]:
    return Ahead(ledger)


def test_batches_under_way_are_answered_in_the_order_of_sending(ahead: Ahead[list[Acceptance]], ledger: Ledger) -> None:
    ahead.send(batch("a", "b"))
    ahead.send(batch("b", "c"))
    assert ids(ahead.answers()) == [("a", "accepted"), ("b", "accepted")]
    assert ids(ahead.answers()) == [("b", "duplicate"), ("c", "accepted")]
    ahead.close()
    assert audit(ledger.redis) == []


def test_a_server_that_forgot_the_scripts_gets_them_again(
    ahead: Ahead[list[Acceptance]], ledger: Ledger, client: redis.Redis
) -> None:
    ahead.send(batch("a"))
    ahead.answers()
    client.script_flush()
    ahead.send(batch("b"))
    ahead.send(batch("c"))
    assert ids(ahead.answers()) == [("b", "accepted")]
    assert ids(ahead.answers()) == [("c", "accepted")]
    assert read_totals(ledger.redis).accepted == 3


def test_of_what_was_under_way_on_a_lost_connection_nothing_is_said_and_the_next_goes_through(
    ahead: Ahead[list[Acceptance]], ledger: Ledger, client: redis.Redis
) -> None:
    ahead.send(batch("a"))
    ahead.answers()
    client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")  # type: ignore[no-untyped-call]
    ahead.send(batch("b"))
    ahead.send(batch("c"))
    for _ in range(2):
        with pytest.raises(LedgerUnavailableError):
            ahead.answers()
    assert {result for _, result in ids(ledger.run_many(batch("b", "c")))} <= {"accepted", "duplicate"}
    ahead.send(batch("d"))
    assert ids(ahead.answers()) == [("d", "accepted")]
    assert audit(ledger.redis) == []


def test_a_server_that_is_not_there_is_told_by_the_answer() -> None:
    gone: Ahead[list[Acceptance]] = Ahead(Ledger("redis://127.0.0.1:9/0"))
    gone.send(batch("a"))
    with pytest.raises(LedgerUnavailableError):
        gone.answers()

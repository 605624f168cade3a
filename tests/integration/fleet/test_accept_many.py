import pytest

from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_totals
from fleet.ledger.records import Accepted
from fleet.ledger.transitions import MOST_TOGETHER, accept, accept_many
from fleet.ticket import Source, Ticket

pytestmark = pytest.mark.integration


def pair(name: str, *, body: str = "words", source: Source = Source.FILE) -> tuple[Ticket, str]:
    return Ticket(id=name, source=source, body=body), f"key:{name}"


def results(ledger: Ledger, *pairs: tuple[Ticket, str], bound: int = 100) -> list[str]:
    return [answer.result for answer in ledger.run(accept_many(pairs, max_backlog=bound))]


def test_those_of_one_call_are_answered_one_by_one_and_the_books_balance(ledger: Ledger) -> None:
    first = pair("a")
    assert results(ledger, first, pair("b", source=Source.MAIL)) == ["accepted", "accepted"]
    twin, taken = (Ticket(id="z", source=Source.FILE, body="words"), "key:a"), pair("a", body="other")
    stranger = (Ticket(id="b", source=Source.FILE, body="words"), "key:elsewhere")
    assert results(ledger, twin, taken, stranger, pair("c")) == ["duplicate", "conflict", "conflict", "accepted"]
    assert read_totals(ledger.redis).accepted == 3
    assert audit(ledger.redis) == []


def test_a_key_that_stands_twice_in_one_call_is_one_ticket(ledger: Ledger) -> None:
    answers = ledger.run(accept_many([pair("a"), (Ticket(source=Source.FILE, body="words"), "key:a")]))
    assert [answer.result for answer in answers] == [Accepted.ACCEPTED, Accepted.DUPLICATE]
    assert answers[1].ticket_id == "a"
    assert audit(ledger.redis) == []


def test_the_bound_of_the_backlog_holds_within_one_call(ledger: Ledger) -> None:
    assert results(ledger, *(pair(f"t{n}") for n in range(5)), bound=3) == ["accepted"] * 3 + ["full"] * 2
    assert read_totals(ledger.redis).waiting == 3
    assert audit(ledger.redis) == []


def test_alone_or_together_a_ticket_is_written_the_same(ledger: Ledger) -> None:
    ledger.run(accept(pair("a")[0], key="key:a"))
    ledger.run(accept_many([pair("b")]))
    alone, together = (set(ledger.redis.hgetall(f"tf:t:{name}")) for name in "ab")
    assert alone == together


def test_a_call_that_would_hold_up_the_server_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at most"):
        accept_many([pair(f"t{n}") for n in range(MOST_TOGETHER + 1)])

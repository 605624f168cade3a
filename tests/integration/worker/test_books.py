import asyncio

import pytest
import redis
import structlog

from fleet.ledger import Ledger
from fleet.ledger.transitions import accept
from fleet.ticket import make_ticket
from worker.books import Bookkeeper

pytestmark = pytest.mark.integration


def events(redis_url: str) -> list[str]:
    books = Bookkeeper(redis_url)
    with structlog.testing.capture_logs() as logs:
        asyncio.run(books.check())
    books.close()
    return [entry["event"] for entry in logs]


def test_balanced_books_are_not_worth_a_word(ledger: Ledger, redis_url: str) -> None:
    ledger.run(accept(make_ticket(source="file", body="hello"), key="k"))
    assert events(redis_url) == []


def test_a_ticket_that_is_missing_is_an_error(ledger: Ledger, client: redis.Redis, redis_url: str) -> None:
    ledger.run(accept(make_ticket(source="file", body="hello"), key="k"))
    client.delete("tf:open:normal")
    assert events(redis_url) == ["books_do_not_balance"]

"""Tickets that only a newer release can read: they wait for its workers, and are parked by none."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fleet.ledger import transitions as do
from fleet.ledger.payload import TICKET_SCHEMA
from fleet.ledger.records import NoClaim
from fleet.ticket import TicketFlag
from tests.support.bench import SLACK_MS, SMALL, Bench, a_ticket

pytestmark = pytest.mark.integration

OLD, NEW = TICKET_SCHEMA, TICKET_SCHEMA + 1


@contextmanager
def a_worker_of(schema: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(do, "TICKET_SCHEMA", schema)
        yield


def accept_newer(bench: Bench, ticket_id: str = "t1") -> None:
    bench.accept(ticket_id)
    bench.client.hset(f"tf:t:{ticket_id}", "v", NEW)


def schema(bench: Bench) -> int:
    raw = bench.client.hget("tf:t:t1", "v")
    assert isinstance(raw, bytes)
    return int(raw)


def test_a_ticket_that_uses_nothing_new_can_be_read_by_the_oldest_release(bench: Bench) -> None:
    bench.ledger.run(do.accept_many([(a_ticket("t1"), "k1"), (a_ticket("t2", forwarded="see below"), "k2")]))
    with a_worker_of(1):
        assert "forwarded" not in bench.claim("t1").payload
        assert bench.try_claim("t2") is NoClaim.NEWER
    bench.reap()
    assert "see below" in bench.claim("t2").payload


def test_a_ticket_of_a_newer_release_waits_out_of_the_way(bench: Bench) -> None:
    accept_newer(bench)
    assert bench.try_claim() is NoClaim.NEWER
    assert bench.waiting() == []
    assert bench.ticket()["waits_for"] == "newer"
    totals = bench.totals()
    assert (totals.too_new, totals.waiting, totals.parked) == (1, 1, 0)
    assert bench.problems() == []


def test_it_is_offered_at_once_by_a_worker_that_can_read_it(bench: Bench) -> None:
    accept_newer(bench)
    bench.try_claim()
    assert bench.reap().dispatch == ()
    with a_worker_of(NEW):
        assert bench.reap().dispatch == (("t1", SMALL),)
        assert bench.claim().attempts == 1
    assert bench.totals().too_new == 0
    assert bench.problems() == []


def test_without_such_a_worker_it_is_hinted_at_now_and_then_and_told_of_once(bench: Bench) -> None:
    accept_newer(bench)
    hints = 0
    for _ in range(180):
        bench.clock.advance(10_000)
        for ticket_id, queue in bench.reap(empty_queues=[SMALL]).dispatch:
            hints += 1
            assert bench.try_claim(ticket_id, queue=queue) is NoClaim.NEWER
    assert hints == 3  # of half an hour
    assert bench.events().count("too_new") == 1
    assert bench.totals().redispatched == 1  # the first, for nobody had hinted at it
    bench.clock.advance(do.TOO_NEW_MS)
    assert bench.reap().dispatch == (("t1", SMALL),)
    with a_worker_of(NEW):
        bench.claim()
    assert bench.totals().too_new == 0
    assert bench.problems() == []


def test_old_workers_do_not_keep_it_from_new_ones(bench: Bench) -> None:
    accept_newer(bench)
    for _ in range(5):
        assert bench.try_claim() is NoClaim.NEWER
        with a_worker_of(NEW):
            assert bench.reap().dispatch == (("t1", SMALL),)
    with a_worker_of(NEW):
        bench.claim()
    assert bench.problems() == []


def test_tickets_of_other_releases_do_not_stand_in_each_others_way(bench: Bench) -> None:
    accept_newer(bench, "t1")
    bench.accept("t2")
    bench.try_claim("t1")
    bench.clock.advance(SLACK_MS + 1)
    assert bench.claim("t2").attempts == 1
    assert bench.reap().lost == 0


@pytest.mark.parametrize("end", ["amend", "withdraw"])
def test_its_author_may_still_change_it_or_take_it_back(bench: Bench, end: str) -> None:
    accept_newer(bench)
    bench.try_claim()
    if end == "amend":
        assert bench.ledger.run(do.amend(a_ticket(body="forget it"))) == "amended"
        assert bench.reap().dispatch == (("t1", SMALL),)
        assert "forget it" in bench.claim().payload
    else:
        assert bench.ledger.run(do.withdraw("t1", why="deleted")) == "withdrawn"
    assert bench.totals().too_new == 0
    assert bench.problems() == []


def test_an_amended_ticket_is_of_the_schema_of_its_new_text(bench: Bench) -> None:
    bench.accept()
    assert schema(bench) == 1
    bench.ledger.run(do.amend(a_ticket(flags=[TicketFlag.HIDDEN_TEXT])))
    assert schema(bench) == TICKET_SCHEMA


def test_a_ticket_whose_payload_turns_out_to_be_newer_waits_in_the_same_way(bench: Bench) -> None:
    bench.accept()
    bench.retry(bench.claim(), delay_ms=do.TOO_NEW_MS, reason="newer", refund=True)
    assert (bench.totals().too_new, bench.ticket()["attempts"]) == (1, 0)
    with a_worker_of(OLD):
        assert bench.reap().dispatch == ()
    with a_worker_of(NEW):
        assert bench.reap().dispatch == (("t1", SMALL),)
        bench.claim()
    assert bench.totals().too_new == 0

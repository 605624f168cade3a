import json
from typing import Any

import pytest
import redis

from fleet.lanes import Lane
from fleet.ledger import Ledger, reading
from fleet.ledger import transitions as do
from fleet.ledger.records import Acceptance, Accepted
from tests.support.bench import Bench, a_ticket, lane_counts

pytestmark = pytest.mark.integration


def accept_raw(bench: Bench, ticket_id: str, key: str, body: str = "help", **options: Any) -> Acceptance:
    return bench.ledger.run(do.accept(a_ticket(ticket_id, body), key=key, **options))


def test_an_accepted_ticket_waits_in_the_queue_of_its_lane(bench: Bench) -> None:
    bench.accept("t1", lane=Lane.URGENT)
    ticket = bench.ticket()
    assert (ticket["state"], ticket["queue"], ticket["lane"]) == ("accepted", "triage.small.urgent", "urgent")
    assert (ticket["attempts"], ticket["crashes"], ticket["fence"], ticket["cost_nusd"]) == (0, 0, 0, 0)
    assert ticket["accepted_at"] == bench.clock.now
    assert ticket["deadline"] == bench.clock.now + 24 * 3_600_000
    assert ticket["payload"]["body"] == "my card was charged twice"
    assert bench.waiting("triage.small.urgent") == ["t1"]
    assert lane_counts(bench.client, Lane.URGENT) == (1, 0)
    assert bench.problems() == []


def test_the_same_key_and_content_gives_the_old_id(bench: Bench) -> None:
    bench.accept("t1", key="mail-7")
    bench.clock.advance(1_000)
    answer = accept_raw(bench, "t2", "mail-7", "my card was charged twice")
    assert answer == Acceptance(Accepted.DUPLICATE, "t1", bench.clock.now)
    assert not answer.is_new
    assert bench.totals().accepted == 1
    assert not bench.client.exists("tf:t:t2")


def test_the_same_key_with_other_content_is_a_conflict_and_changes_nothing(bench: Bench) -> None:
    bench.accept("t1", key="mail-7")
    before = bench.ticket()
    answer = accept_raw(bench, "t2", "mail-7", "something else")
    assert (answer.result, answer.ticket_id) == (Accepted.CONFLICT, "t1")
    assert bench.ticket() == before
    assert bench.problems() == []


def test_a_duplicate_of_a_finished_ticket_does_not_open_it_again(bench: Bench) -> None:
    bench.accept("t1", key="mail-7")
    bench.finish(bench.claim())
    assert accept_raw(bench, "t2", "mail-7", "my card was charged twice").result is Accepted.DUPLICATE
    assert bench.totals().waiting == 0


def test_another_key_with_a_known_id_is_a_conflict_and_leaves_the_first_ticket_alone(bench: Bench) -> None:
    bench.accept("t1", key="mail-7")
    bench.claim()
    answer = accept_raw(bench, "t1", "mail-8", "another customer's words")
    assert (answer.result, answer.ticket_id) == (Accepted.CONFLICT, "t1")
    assert bench.ticket()["state"] == "running"
    assert bench.ticket()["payload"]["body"] == "my card was charged twice"
    assert bench.problems() == []


def test_a_full_ledger_takes_nothing_and_counts_the_refusal(bench: Bench) -> None:
    bench.accept("t1", lane=Lane.URGENT)
    bench.accept("t2", lane=Lane.BULK)
    answer = accept_raw(bench, "t3", "key-t3", max_backlog=2)
    assert (answer.result, answer.ticket_id) == (Accepted.FULL, "")
    assert bench.totals().refused_full == 1
    assert bench.totals().accepted == 2
    assert not bench.client.exists("tf:t:t3", "tf:idem:key-t3")


def test_a_full_ledger_still_knows_its_duplicates(bench: Bench) -> None:
    bench.accept("t1", key="mail-7")
    assert accept_raw(bench, "t2", "mail-7", "my card was charged twice", max_backlog=1).result is Accepted.DUPLICATE


def test_a_ticket_at_work_counts_towards_the_bound_and_an_ended_one_does_not(bench: Bench) -> None:
    bench.accept("t1")
    held = bench.claim()
    assert accept_raw(bench, "t2", "key-t2", max_backlog=1).result is Accepted.FULL
    bench.finish(held)
    assert accept_raw(bench, "t2", "key-t2", max_backlog=1).result is Accepted.ACCEPTED


def test_the_books_count_by_source(bench: Bench) -> None:
    bench.accept("t1")
    bench.ledger.run(do.accept(a_ticket("t2", source="mail"), key="k2"))
    assert reading.read_counters(bench.client, "accepted") == {"http": 1, "mail": 1}


def test_a_producers_key_is_forgotten_after_a_week(ledger: Ledger, client: redis.Redis) -> None:
    ledger.run(do.accept(a_ticket(), key="mail-7"))
    assert client.pttl("tf:idem:mail-7") == pytest.approx(do.IDEMPOTENCY_MS, abs=5_000)
    assert client.ttl("tf:t:t1") == -1


def test_the_servers_own_clock_is_in_milliseconds(ledger: Ledger, client: redis.Redis) -> None:
    answer = ledger.run(do.accept(a_ticket(), key="mail-7"))
    seconds, _ = client.time()
    assert answer.at_ms == pytest.approx(seconds * 1000, abs=2_000)


@pytest.mark.parametrize("body", ["Grüße 👋", '"]}\\', "a\x00b", "\ud83d"])
def test_any_text_survives_the_ledger(bench: Bench, body: str) -> None:
    ticket = a_ticket(body=body)
    bench.ledger.run(do.accept(ticket, key="k"))
    assert json.loads(bench.claim().payload)["body"] == ticket.body

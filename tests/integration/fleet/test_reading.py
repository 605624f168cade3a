from typing import Any

import pytest
import redis

from fleet.lanes import Lane
from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.reading import LaneView
from tests.support.bench import FRONTIER, Bench, an_effect

pytestmark = pytest.mark.integration


@pytest.fixture
def busy(bench: Bench) -> Bench:
    """A ledger with one ticket in each state: accepted, running, retry, triaged, parked, discarded."""
    for name in ("accepted", "running", "retry", "triaged", "parked", "discarded"):
        bench.accept(name)
    bench.claim("running")
    bench.retry(bench.claim("retry"), delay_ms=60_000, calls='[{"cost_nusd":5}]', cost_nusd=5)
    bench.finish(bench.claim("triaged"), effects=[an_effect("triaged")], calls='[{"cost_nusd":7}]', cost_nusd=7)
    bench.park(bench.claim("parked"))
    bench.park(bench.claim("discarded"), reason="bug")
    bench.ledger.run(do.discard("discarded", why="spam"))
    return bench


def test_the_totals_of_an_empty_ledger_are_zero_and_balance(client: redis.Redis) -> None:
    totals = reading.read_totals(client)
    assert totals.is_balanced
    assert set(vars_of(totals).values()) == {0}


def vars_of(totals: reading.Totals) -> dict[str, int]:
    return {name: getattr(totals, name) for name in totals.__slots__}


def test_the_totals_name_every_ticket_once(busy: Bench) -> None:
    totals = busy.totals()
    assert totals.is_balanced
    assert vars_of(totals) == {
        "accepted": 6,
        "triaged": 1,
        "parked": 1,
        "discarded": 1,
        "waiting": 3,
        "running": 1,
        "escalated": 0,
        "retries": 1,
        "redispatched": 0,
        "leases_expired": 0,
        "stale_refused": 0,
        "refused_full": 0,
        "cost_nusd": 12,
        "effects_waiting": 1,
        "effects_parked": 0,
        "too_new": 0,
    }
    assert busy.problems() == []


def test_the_lanes_show_backlog_work_and_age(client: redis.Redis, bench: Bench) -> None:
    seconds, _ = client.time()
    bench.clock.set((seconds - 100) * 1000)
    bench.accept("t1", lane=Lane.BULK)
    bench.accept("t2", lane=Lane.BULK)
    bench.accept("t3", lane=Lane.URGENT)
    bench.claim("t1", queue="triage.small.bulk")
    lanes = reading.read_lanes(client)
    assert (lanes[Lane.BULK].waiting, lanes[Lane.BULK].running) == (1, 1)
    assert lanes[Lane.BULK].oldest_s == pytest.approx(100, abs=3)
    assert lanes[Lane.URGENT].waiting == 1
    assert lanes[Lane.NORMAL] == LaneView(0, 0, 0.0)


def test_a_ticket_is_found_by_its_id_and_by_the_producers_key(bench: Bench) -> None:
    bench.accept("t1", key="<mail-7@example.com>")
    by_id = reading.read_ticket(bench.client, "t1")
    assert by_id is not None
    assert by_id == reading.read_ticket(bench.client, "<mail-7@example.com>")
    assert (by_id["id"], by_id["key"]) == ("t1", "<mail-7@example.com>")
    assert by_id["history"] == [{"at": bench.clock.now, "event": "accepted", "queue": "triage.small", "source": "http"}]


def test_an_unknown_ticket_is_none(bench: Bench) -> None:
    assert reading.read_ticket(bench.client, "t404") is None


def test_a_key_whose_ticket_was_not_kept_that_long_is_none(bench: Bench) -> None:
    bench.accept("t1", key="mail-7")
    bench.client.delete("tf:t:t1", "tf:h:t1")
    assert reading.read_ticket(bench.client, "mail-7") is None


def test_every_state_of_a_ticket_can_be_read(busy: Bench) -> None:
    for state in ("accepted", "running", "retry", "triaged", "parked", "discarded"):
        assert busy.ticket(state)["state"] == state


def test_an_escalated_ticket_can_be_read(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    bench.ledger.run(do.escalate("t1", held.fence, queue=FRONTIER, reason="low_confidence"))
    assert bench.ticket()["context"] is None


def test_a_long_story_is_cut_and_keeps_its_end(bench: Bench) -> None:
    bench.accept()
    for _ in range(550):
        bench.retry(bench.claim())
    history = bench.ticket()["history"]
    assert 800 <= len(history) <= 1_000
    assert history[-1]["event"] == "retry"


def test_the_stream_tells_what_happened_without_the_tickets_text(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    bench.ledger.run(do.escalate("t1", held.fence, queue=FRONTIER, reason="low_confidence"))
    bench.finish(bench.claim(queue=FRONTIER))
    rows: Any = bench.client.xrange("tf:tail")
    assert [row[b"event"] for _, row in rows] == [b"escalated", b"triaged"]
    assert rows[0][1] == {
        b"id": b"t1",
        b"event": b"escalated",
        b"data": b'{"reason":"low_confidence","queue":"triage.frontier"}',
    }
    assert b"charged twice" not in b"".join(value for _, row in rows for value in row.values())

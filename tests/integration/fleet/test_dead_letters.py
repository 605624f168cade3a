import pytest

from fleet.lanes import QUARANTINE, Lane
from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.records import Replayed
from tests.support.bench import Bench

pytestmark = pytest.mark.integration

REPLAY = do.replay("t1")
DISCARD = do.discard("t1", why='it is "spam"')


def parked(bench: Bench, ticket_id: str = "t1", reason: str = "bad_output") -> None:
    bench.accept(ticket_id)
    bench.park(bench.claim(ticket_id), reason=reason)


def test_a_replayed_ticket_starts_anew_and_keeps_its_history(bench: Bench) -> None:
    parked(bench)
    bench.clock.advance(3_600_000)
    assert bench.ledger.run(REPLAY) == Replayed("accepted", bench.clock.now, "triage.small")
    ticket = bench.ticket()
    assert (ticket["state"], ticket["attempts"], ticket["crashes"], ticket["replays"]) == ("accepted", 0, 0, 1)
    assert ticket["deadline"] == bench.clock.now + 24 * 3_600_000
    assert "reason" not in ticket
    assert bench.events() == ["accepted", "claimed", "parked", "replayed"]
    assert reading.read_counters(bench.client, "dead") == {"bad_output": 0}
    assert bench.problems() == []


def test_the_fence_goes_on_growing_after_a_replay(bench: Bench) -> None:
    bench.accept()
    old = bench.claim()
    bench.park(old)
    bench.ledger.run(REPLAY)
    assert bench.claim().fence == old.fence + 1
    assert not bench.finish(old)


def test_replaying_twice_is_safe(bench: Bench) -> None:
    parked(bench)
    bench.ledger.run(REPLAY)
    assert bench.ledger.run(REPLAY) == Replayed("accepted")
    assert bench.ticket()["replays"] == 1
    assert bench.waiting() == ["t1"]
    assert bench.problems() == []


def test_a_replayed_ticket_keeps_its_lane(bench: Bench) -> None:
    bench.accept("t1", lane=Lane.URGENT)
    bench.park(bench.claim(queue="triage.small.urgent"))
    assert bench.ledger.run(REPLAY).queue == "triage.small.urgent"
    assert bench.waiting("triage.small.urgent") == ["t1"]


def test_a_ticket_parked_in_quarantine_is_replayed_to_the_small_tier(bench: Bench) -> None:
    bench.accept()
    bench.crash()
    bench.crash()
    bench.crash(queue=QUARANTINE)
    assert bench.ticket()["state"] == "parked"
    assert bench.ledger.run(REPLAY).queue == "triage.small"
    assert bench.claim().crashes == 0


@pytest.mark.parametrize("transition", [REPLAY, DISCARD], ids=["replay", "discard"])
def test_only_a_parked_ticket_is_replayed_or_discarded(bench: Bench, transition: do.Transition[object]) -> None:
    assert bench.ledger.run(transition) in (Replayed("gone"), False)
    bench.accept()
    assert bench.ledger.run(transition) in (Replayed("accepted"), False)
    held = bench.claim()
    assert bench.ledger.run(transition) in (Replayed("running"), False)
    bench.finish(held)
    assert bench.ledger.run(transition) in (Replayed("triaged"), False)
    assert bench.problems() == []


def test_a_discarded_ticket_is_ended_by_a_person_and_stays_readable_for_a_while(bench: Bench) -> None:
    parked(bench)
    assert bench.ledger.run(DISCARD)
    ticket = bench.ticket()
    assert ticket["state"] == "discarded"
    assert ticket["history"][-1] == {"at": bench.clock.now, "event": "discarded", "why": 'it is "spam"'}
    assert bench.client.pttl("tf:t:t1") == pytest.approx(30 * 24 * 3_600_000, abs=5_000)
    totals = bench.totals()
    assert (totals.parked, totals.discarded) == (0, 1)
    assert bench.problems() == []


def test_a_discarded_ticket_can_be_neither_replayed_nor_discarded_again(bench: Bench) -> None:
    parked(bench)
    bench.ledger.run(DISCARD)
    assert bench.ledger.run(REPLAY) == Replayed("discarded")
    assert not bench.ledger.run(DISCARD)
    assert bench.totals().discarded == 1
    assert bench.problems() == []


def test_dead_letters_are_listed_oldest_first_without_the_customers_text(bench: Bench) -> None:
    for ticket_id in ("t3", "t1", "t2"):
        parked(bench, ticket_id)
        bench.clock.advance(1_000)
    rows = reading.read_dead(bench.client)
    assert [row["id"] for row in rows] == ["t3", "t1", "t2"]
    assert rows[0] | {"parked_at": 0, "accepted_at": 0} == {
        "id": "t3",
        "reason": "bad_output",
        "error": "why",
        "attempts": 1,
        "crashes": 0,
        "cost_nusd": 0,
        "parked_at": 0,
        "accepted_at": 0,
        "source": "http",
        "lane": "normal",
    }
    assert "charged twice" not in str(rows)


def test_dead_letters_are_listed_by_reason_and_up_to_a_limit_the_oldest_ones(bench: Bench) -> None:
    for n in range(300):
        parked(bench, f"t{n:03}", "bug" if n % 2 else "bad_output")
        bench.clock.advance(1)
    assert [row["id"] for row in reading.read_dead(bench.client, limit=2)] == ["t000", "t001"]
    assert [row["id"] for row in reading.read_dead(bench.client, reason="bug", limit=2)] == ["t001", "t003"]
    assert len(reading.read_dead(bench.client, reason="bug", limit=1_000)) == 150
    assert reading.read_dead(bench.client, reason="expired") == []

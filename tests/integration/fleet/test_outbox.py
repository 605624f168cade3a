import pytest

from fleet.lanes import Lane
from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.records import LeasedEffect
from tests.support.bench import SLACK_MS, Bench, an_effect

pytestmark = pytest.mark.integration

PAGE = "page:t1"


@pytest.fixture
def outbox(bench: Bench) -> Bench:
    """A ledger with one finished ticket and its page, which waits to be sent."""
    bench.accept()
    bench.finish(bench.claim(), effects=[an_effect("t1")])
    return bench


def due(bench: Bench) -> list[str]:
    return bench.ledger.run(do.due_effects(slack_ms=SLACK_MS))


def lease(bench: Bench) -> LeasedEffect | None:
    return bench.ledger.run(do.lease_effect(PAGE, lease_ms=30_000))


def settle(bench: Bench, how: str, **options: int) -> bool:
    return bench.ledger.run(do.settle_effect(PAGE, how, error="503", **options))


def revive(bench: Bench, how: str) -> bool:
    return bench.ledger.run(do.revive_effect(PAGE, how))


def test_a_new_effect_is_left_to_the_hint_of_its_worker_first(outbox: Bench) -> None:
    assert due(outbox) == []
    outbox.clock.advance(SLACK_MS)
    assert due(outbox) == [PAGE]


def test_an_effect_that_nobody_sends_is_found_again_after_the_slack(outbox: Bench) -> None:
    outbox.clock.advance(SLACK_MS)
    assert due(outbox) == [PAGE]
    assert due(outbox) == []
    outbox.clock.advance(SLACK_MS)
    assert due(outbox) == [PAGE]


def test_due_effects_come_in_portions(bench: Bench) -> None:
    bench.accept()
    bench.finish(bench.claim(), effects=[an_effect("t1", name) for name in ("a", "b", "c")])
    bench.clock.advance(SLACK_MS)
    assert [len(bench.ledger.run(do.due_effects(limit=2))) for _ in range(3)] == [2, 1, 0]


def test_a_leased_effect_carries_what_is_to_be_sent(outbox: Bench) -> None:
    outbox.clock.advance(1_500)
    assert lease(outbox) == LeasedEffect(an_effect("t1"), "t1", Lane.NORMAL, attempts=1, age_s=1.5)


def test_an_effect_has_one_sender_at_a_time(outbox: Bench) -> None:
    assert lease(outbox) is not None
    assert lease(outbox) is None
    outbox.clock.advance(29_999)
    assert lease(outbox) is None


def test_an_effect_whose_sender_died_is_sent_again_under_the_same_key(outbox: Bench) -> None:
    lease(outbox)
    outbox.clock.advance(30_000)
    assert due(outbox) == [PAGE]
    again = lease(outbox)
    assert again is not None
    assert (again.attempts, again.effect.dedup_key) == (2, "dedup-t1")


def test_a_sent_effect_is_gone_and_stands_in_the_tickets_story(outbox: Bench) -> None:
    lease(outbox)
    assert settle(outbox, "sent")
    assert outbox.totals().effects_waiting == 0
    assert outbox.events()[-1] == "delivered"
    assert lease(outbox) is None
    assert not settle(outbox, "sent")


def test_the_story_of_a_ticket_past_its_retention_is_not_begun_anew(outbox: Bench) -> None:
    outbox.client.delete("tf:t:t1", "tf:h:t1")
    lease(outbox)
    assert settle(outbox, "sent")
    assert outbox.client.exists("tf:h:t1") == 0


def test_an_effect_put_off_is_due_after_its_delay(outbox: Bench) -> None:
    lease(outbox)
    assert settle(outbox, "later", delay_ms=60_000)
    outbox.clock.advance(59_999)
    assert due(outbox) == []
    assert lease(outbox) is None
    outbox.clock.advance(1)
    assert due(outbox) == [PAGE]
    assert lease(outbox) is not None


def test_an_effect_given_up_waits_for_a_person(outbox: Bench) -> None:
    lease(outbox)
    assert settle(outbox, "parked")
    outbox.clock.advance(86_400_000)
    assert due(outbox) == []
    assert lease(outbox) is None
    (row,) = reading.read_parked_effects(outbox.client)
    assert (row["id"], row["sink"], row["ticket"], row["error"]) == (PAGE, "page", "t1", '"503"')
    assert "body" not in row
    assert outbox.totals().effects_parked == 1
    assert outbox.events()[-1] == "delivery_parked"


def test_a_person_sends_a_parked_effect_again(outbox: Bench) -> None:
    lease(outbox)
    settle(outbox, "parked")
    assert revive(outbox, "replay")
    assert not revive(outbox, "replay")
    again = lease(outbox)
    assert again is not None
    assert again.attempts == 1
    assert outbox.totals().effects_parked == 0


def test_a_person_discards_a_parked_effect(outbox: Bench) -> None:
    lease(outbox)
    settle(outbox, "parked")
    assert revive(outbox, "discard")
    assert outbox.client.exists(f"tf:e:{PAGE}") == 0
    totals = outbox.totals()
    assert (totals.effects_waiting, totals.effects_parked) == (0, 0)


def test_an_effect_that_is_not_parked_cannot_be_revived(outbox: Bench) -> None:
    assert not revive(outbox, "replay")
    assert not revive(outbox, "discard")
    assert outbox.totals().effects_waiting == 1


def test_a_sender_that_comes_late_cannot_take_a_parked_effect_back(outbox: Bench) -> None:
    lease(outbox)
    settle(outbox, "parked")
    assert not settle(outbox, "later", delay_ms=1_000)
    totals = outbox.totals()
    assert (totals.effects_waiting, totals.effects_parked) == (0, 1)


def test_a_parked_effect_that_was_sent_after_all_is_done(outbox: Bench) -> None:
    lease(outbox)
    settle(outbox, "parked")
    assert settle(outbox, "sent")
    totals = outbox.totals()
    assert (totals.effects_waiting, totals.effects_parked) == (0, 0)
    assert reading.read_parked_effects(outbox.client) == []

import pytest

from fleet.lanes import Lane
from fleet.ledger import transitions as do
from fleet.ledger.records import NoClaim
from tests.support.bench import FRONTIER, LEASE_MS, SMALL, Bench, lane_counts

pytestmark = pytest.mark.integration


def test_a_claim_carries_the_ticket_and_a_fence(bench: Bench) -> None:
    accepted_ms = bench.clock.now
    bench.accept("t1", lane=Lane.URGENT)
    bench.clock.advance(700)
    held = bench.claim(queue="triage.small.urgent")
    assert (held.fence, held.attempts, held.crashes, held.lane) == (1, 1, 0, Lane.URGENT)
    assert (held.now_ms, held.accepted_ms, held.waited_ms) == (bench.clock.now, accepted_ms, 700)
    assert held.deadline_ms == accepted_ms + 24 * 3_600_000
    assert not held.is_expired
    assert "charged twice" in held.payload
    assert held.context == ""


def test_a_claimed_ticket_is_at_work_until_its_lease_ends(bench: Bench) -> None:
    bench.accept()
    bench.claim()
    ticket = bench.ticket()
    assert (ticket["state"], ticket["worker"]) == ("running", "w1")
    assert bench.client.zscore("tf:due", "t1") == bench.clock.now + LEASE_MS
    assert bench.waiting() == []
    assert lane_counts(bench.client) == (0, 1)
    assert bench.problems() == []


def test_a_ticket_claimed_after_its_deadline_says_so(bench: Bench) -> None:
    bench.accept(max_age_ms=1_000)
    bench.clock.advance(1_000)
    assert bench.claim().is_expired


def test_a_hint_for_an_unknown_ticket_finds_it_gone(bench: Bench) -> None:
    assert bench.try_claim("t404") is NoClaim.GONE


def test_a_second_hint_finds_the_ticket_busy(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    assert bench.try_claim() is NoClaim.BUSY
    assert bench.ticket()["fence"] == held.fence


def test_a_ticket_whose_lease_ended_stays_busy_until_the_reaper_has_counted_the_crash(bench: Bench) -> None:
    bench.accept()
    bench.claim()
    bench.clock.advance(LEASE_MS + 1)
    assert bench.try_claim() is NoClaim.BUSY


@pytest.mark.parametrize("ending", ["finish", "park", "discard"])
def test_a_hint_for_an_ended_ticket_finds_it_done(bench: Bench, ending: str) -> None:
    bench.accept()
    held = bench.claim()
    if ending == "finish":
        bench.finish(held)
    else:
        bench.park(held)
    if ending == "discard":
        bench.ledger.run(do.discard("t1", why="spam"))
    assert bench.try_claim() is NoClaim.DONE


def test_a_hint_that_comes_before_the_retry_is_due_is_early(bench: Bench) -> None:
    bench.accept()
    bench.retry(bench.claim(), delay_ms=2_000)
    bench.clock.advance(1_999)
    assert bench.try_claim() is NoClaim.EARLY
    bench.clock.advance(1)
    assert bench.claim().attempts == 2


def test_an_old_hint_in_the_queue_that_the_ticket_left_finds_it_moved(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    bench.ledger.run(do.escalate("t1", held.fence, queue=FRONTIER, reason="low_confidence"))
    assert bench.try_claim(queue=SMALL) is NoClaim.MOVED
    assert bench.claim(queue=FRONTIER).fence == 2


MAY_BE_MISSING = (
    "v",
    "lane",
    "attempts",
    "fence",
    "crashes",
    "deadline",
    "accepted_at",
    "disp",
    "context",
    "cost_nusd",
)


@pytest.mark.parametrize("field", MAY_BE_MISSING)
def test_a_ticket_that_another_release_wrote_without_a_field_can_be_claimed(bench: Bench, field: str) -> None:
    bench.accept()
    bench.client.hdel("tf:t:t1", field)
    held = bench.claim()
    assert (held.fence, held.attempts, held.lane, held.waited_ms, held.is_expired) == (1, 1, Lane.NORMAL, 0, False)
    assert "charged twice" in held.payload


def test_a_lane_that_only_another_release_knows_is_a_normal_one(bench: Bench) -> None:
    bench.accept()
    bench.client.hset("tf:t:t1", "lane", "whale")
    assert bench.claim().lane is Lane.NORMAL


def watermark(bench: Bench, queue: str = SMALL) -> int:
    raw = bench.client.hget("tf:wm", queue)
    return int(raw) if isinstance(raw, bytes) else 0


def test_the_watermark_is_the_time_of_the_newest_hint_taken(bench: Bench) -> None:
    bench.accept()
    hinted = bench.clock.now
    bench.clock.advance(9_000)
    bench.claim(hinted_ms=hinted)
    assert watermark(bench) == hinted


def test_an_older_hint_does_not_move_the_watermark_back(bench: Bench) -> None:
    bench.try_claim("t404", hinted_ms=bench.clock.now)
    bench.try_claim("t404", hinted_ms=bench.clock.now - 5_000)
    assert watermark(bench) == bench.clock.now


def test_a_hint_that_led_to_nothing_still_moves_the_watermark(bench: Bench) -> None:
    assert bench.try_claim("t404", hinted_ms=bench.clock.now) is NoClaim.GONE
    assert watermark(bench) == bench.clock.now


def test_queues_have_watermarks_of_their_own(bench: Bench) -> None:
    bench.try_claim("t404", queue=SMALL)
    assert watermark(bench, FRONTIER) == 0


def test_a_hint_from_the_future_moves_the_watermark_to_now_at_most(bench: Bench) -> None:
    bench.try_claim("t404", hinted_ms=bench.clock.now + 86_400_000)
    assert watermark(bench) == bench.clock.now

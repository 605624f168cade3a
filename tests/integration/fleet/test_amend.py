import pytest

from fleet.ledger import transitions as do
from fleet.ledger.records import Accepted, NoClaim
from tests.support.bench import FRONTIER, Bench, a_ticket

pytestmark = pytest.mark.integration

CHANGED = a_ticket(body="forget it, it was charged once")


def amend(bench: Bench) -> str:
    return bench.ledger.run(do.amend(CHANGED))


def withdraw(bench: Bench) -> str:
    return bench.ledger.run(do.withdraw("t1", why="deleted by its author"))


def test_a_waiting_ticket_is_amended(bench: Bench) -> None:
    bench.accept()
    assert amend(bench) == "amended"
    assert CHANGED.body in bench.claim().payload
    assert bench.events() == ["accepted", "amended", "claimed"]
    assert bench.problems() == []


def test_the_amended_content_is_known_under_the_old_key(bench: Bench) -> None:
    bench.accept(key="k1")
    amend(bench)
    assert bench.ledger.run(do.accept(CHANGED, key="k1")).result is Accepted.DUPLICATE


def test_a_ticket_at_work_is_not_changed_any_more(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    assert (amend(bench), withdraw(bench)) == ("late", "late")
    assert CHANGED.body not in str(bench.ticket()["payload"])
    assert bench.finish(held)
    assert (amend(bench), withdraw(bench)) == ("late", "late")


def test_a_ticket_that_a_model_has_answered_is_not_changed_any_more(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    bench.ledger.run(do.escalate("t1", held.fence, queue=FRONTIER, reason="low_confidence", context='{"a":1}'))
    assert (amend(bench), withdraw(bench)) == ("late", "late")


def test_a_ticket_that_waits_to_be_tried_again_is_still_its_authors(bench: Bench) -> None:
    bench.accept()
    bench.retry(bench.claim(), delay_ms=60_000)
    assert (amend(bench), withdraw(bench)) == ("amended", "withdrawn")
    assert bench.problems() == []


def test_a_withdrawn_ticket_ends_without_a_verdict_and_stays_readable(bench: Bench) -> None:
    bench.accept()
    assert (withdraw(bench), withdraw(bench)) == ("withdrawn", "withdrawn")
    assert bench.try_claim() is NoClaim.DONE
    assert bench.ticket()["state"] == "discarded"
    totals = bench.totals()
    assert (totals.accepted, totals.discarded, totals.waiting) == (1, 1, 0)
    assert bench.problems() == []


def test_a_ticket_that_nobody_knows_is_gone(bench: Bench) -> None:
    assert (amend(bench), withdraw(bench)) == ("gone", "gone")

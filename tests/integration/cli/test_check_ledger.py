import pytest

from fleet.ledger import Ledger
from fleet.ledger import transitions as do
from tests.integration.cli.conftest import Ask
from tests.support.bench import a_ticket

pytestmark = pytest.mark.integration


def test_the_ledger_is_walked_and_each_broken_rule_is_named(triage: Ask, ledger: Ledger) -> None:
    for n in range(3):
        ledger.run(do.accept(a_ticket(f"t{n}"), key=f"k{n}"))
    answer = triage("check", "--ledger")
    assert (answer.code, answer.out.strip()) == (0, "ok  3 tickets, every rule kept")
    ledger.redis.delete("tf:t:t1")
    answer = triage("check", "--ledger")
    assert answer.code == 1
    assert "t1 is there by mistake" in answer.out
    told = triage("check", "--ledger", "--json").json
    assert (told["ok"], told["tickets"]) == (False, 3)
    assert {row["subject"] for row in told["breaches"]} == {"t1"}

import json

import pytest

from fleet.ledger import Ledger
from fleet.ledger import transitions as do
from fleet.ledger.records import Claim, NoClaim
from tests.integration.cli.conftest import Ask
from tests.support.bench import FRONTIER, SMALL, a_ticket, an_effect

pytestmark = pytest.mark.integration

CALL = {
    "model": "m-small",
    "tier": "small",
    "purpose": "triage",
    "result": "ok",
    "input_tokens": 500,
    "output_tokens": 50,
    "cost_nusd": 750_000,
    "cache_saved_nusd": 1_500_000,
    "cut_history": 12_000,
    "seconds": 0.8,
}
UNUSABLE = CALL | {"parse": "json", "why": "not JSON", "said": "The customer Jane Roe was charged twice"}
VERDICT = {
    "category": "billing",
    "urgency": "high",
    "needs_human": True,
    "confidence": 0.93,
    "reason": "Charged twice.",
    "decided_by": "frontier",
}


def try_claim(ledger: Ledger, ticket_id: str, queue: str = SMALL) -> Claim | NoClaim:
    return ledger.run(do.claim(ticket_id, queue=queue, hinted_ms=0, worker="w1", lease_ms=15_000))


def claimed(ledger: Ledger, ticket_id: str, queue: str = SMALL) -> Claim:
    found = try_claim(ledger, ticket_id, queue)
    assert isinstance(found, Claim), found
    return found


@pytest.fixture
def story(ledger: Ledger) -> None:
    """A ticket that was tried again, escalated, triaged, and whose page could not be delivered."""
    calls = json.dumps([CALL])
    ledger.run(do.accept(a_ticket(subject="Help \x1b[2J me"), key="file:row 1"))
    first = claimed(ledger, "t1")
    ledger.run(do.retry("t1", first.fence, delay_ms=0, reason="overloaded", error="529", calls=calls, cost_nusd=0))
    second = claimed(ledger, "t1")
    unusable = json.dumps([UNUSABLE])
    ledger.run(
        do.escalate("t1", second.fence, queue=FRONTIER, reason="low_confidence", calls=unusable, cost_nusd=750_000)
    )
    third = claimed(ledger, "t1", FRONTIER)
    ledger.run(
        do.finish(
            "t1",
            third.fence,
            verdict=json.dumps(VERDICT),
            outcome="{}",
            decided_by="frontier",
            effects=[an_effect("t1")],
            calls=calls,
            cost_nusd=9_000_000,
        )
    )
    ledger.run(do.lease_effect("page:t1"))
    ledger.run(do.settle_effect("page:t1", "parked", error="410 gone"))


@pytest.mark.usefixtures("story")
def test_the_whole_story_is_told(triage: Ask) -> None:
    answer = triage("show", "t1")
    assert answer.code == 0
    for words in (
        "t1: billing, high, needs a human (by frontier, confidence 0.93)",
        "3 model calls, $0.00975, the cache saved $0.0045",
        "characters left out: 12,000 of the thread history; $0.00075; the cache saved $0.0015",
        "overloaded, again at once: 529",
        "because of low_confidence, to triage.frontier",
        "delivery page:t1 is parked (1 attempt, last error: 410 gone)",
    ):
        assert words in answer.out
    assert "\x1b" not in answer.out
    assert "charged twice\n" not in answer.out


@pytest.mark.usefixtures("story")
def test_a_program_gets_one_object(triage: Ask) -> None:
    told = triage("show", "t1", "--json").json
    assert (told["id"], told["state"], told["verdict"]["category"]) == ("t1", "triaged", "billing")
    assert (len(told["calls"]), told["cost_nusd"], told["escalated_for"]) == (3, 9_750_000, ["low_confidence"])
    assert told["cache_saved_nusd"] == 4_500_000
    assert [call["cut_history"] for call in told["calls"]] == [12_000] * 3
    assert told["deliveries"][0]["state"] == "parked"
    assert "body" not in told["ticket"]
    assert triage("show", "t1", "--json", "--text").json["ticket"]["body"] == "my card was charged twice"


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("name", ["t1", "file:row 1", "row 1"])
def test_a_ticket_is_found_by_id_key_or_row(triage: Ask, name: str) -> None:
    assert triage("show", name, "--json").json["id"] == "t1"


def test_an_unknown_ticket_ends_with_1_and_says_where_to_look(triage: Ask) -> None:
    answer = triage("show", "nope", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "no ticket has the id or key 'nope'" in answer.err


@pytest.mark.usefixtures("story")
def test_what_an_unusable_reply_said_stands_behind_the_text_option(triage: Ask) -> None:
    for options in ((), ("--json",)):
        without, with_text = triage("show", "t1", *options).out, triage("show", "t1", "--text", *options).out
        assert "Jane Roe" not in without
        assert "not JSON" in without
        assert "Jane Roe" in with_text

import io
import sys

import pytest
import redis

from fleet.ledger import Ledger
from fleet.ledger import transitions as do
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_totals
from tests.integration.cli.conftest import Ask
from tests.integration.cli.test_show import claimed
from tests.integration.cli.test_submit import hints
from tests.support.bench import a_ticket, an_effect

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def parked(ledger: Ledger) -> None:
    """Two tickets parked for one reason, one for another, one waiting, one parked delivery."""
    for name in ("t1", "t2", "t3", "t4", "t5"):
        ledger.run(do.accept(a_ticket(name), key=f"file:{name}-row"))
    for name, reason in (("t1", "bad_output"), ("t2", "bad_output"), ("t3", "crashed")):
        ledger.run(do.park(name, claimed(ledger, name).fence, reason=reason, error="junk\x1b"))
    fence = claimed(ledger, "t5").fence
    ledger.run(do.finish("t5", fence, verdict="{}", outcome="{}", decided_by="small", effects=[an_effect("t5")]))
    ledger.run(do.lease_effect("page:t5"))
    ledger.run(do.settle_effect("page:t5", "parked", error="410"))


def test_the_list_names_tickets_and_deliveries(triage: Ask) -> None:
    listing = triage("dead", "list", "--json").json
    assert [row["id"] for row in listing["tickets"]] == ["t1", "t2", "t3"]
    assert [(row["id"], row["error"]) for row in listing["deliveries"]] == [("page:t5", "410")]
    assert listing["parked_by_reason"] == {"bad_output": 2, "crashed": 1}
    out = triage("dead", "list").out
    assert "3 of 3 parked tickets" in out
    assert "\x1b" not in out


def test_the_list_can_be_cut_down(triage: Ask) -> None:
    listing = triage("dead", "list", "--reason", "bad_output", "--limit", "1", "--json").json
    assert [row["id"] for row in listing["tickets"]] == ["t1"]
    assert listing["deliveries"] == []
    assert triage("dead", "list", "--reason", "nothing").out == "nothing is parked for nothing\n"


def test_one_can_be_looked_at(triage: Ask) -> None:
    assert triage("dead", "show", "t1").out.startswith("t1: parked, bad_output")
    assert "charged" in triage("dead", "show", "t1", "--text").out
    effect = triage("dead", "show", "page:t5", "--json").json
    assert (effect["state"], effect["sink"], effect["ticket"], effect["error"]) == ("parked", "page", "t5", "410")
    assert "body" not in effect
    assert triage("dead", "show", "nope").code == 1


def test_a_replay_sends_it_back_with_a_hint_and_twice_is_once(triage: Ask, client: redis.Redis) -> None:
    first = triage("dead", "replay", "t1", "t2-row", "--json")
    assert (first.code, first.json["replayed"], first.json["not_parked"]) == (0, ["t1", "t2"], [])
    assert sorted(hints(client)) == [["t1"], ["t2"]]
    second = triage("dead", "replay", "t1", "--json")
    assert (second.code, second.json["replayed"]) == (0, [])
    assert second.json["not_parked"] == [{"id": "t1", "state": "accepted"}]
    assert len(hints(client)) == 2
    assert audit(client) == []


def test_a_delivery_can_be_replayed(triage: Ask, client: redis.Redis) -> None:
    assert triage("dead", "replay", "page:t5").out == "replayed 0 tickets, 1 delivery\n"
    assert (read_totals(client).effects_parked, read_totals(client).effects_waiting) == (0, 1)
    assert client.llen("tf:triage.deliver") == 1
    assert "not parked" in triage("dead", "replay", "page:t5").err


def test_a_replay_by_reason_or_of_everything(triage: Ask, client: redis.Redis) -> None:
    assert triage("dead", "replay", "--reason", "bad_output", "--limit", "1", "--json").json["replayed"] == ["t1"]
    everything = triage("dead", "replay", "--all", "--json").json
    assert (everything["replayed"], everything["replayed_deliveries"]) == (["t2", "t3"], ["page:t5"])
    assert read_totals(client).parked == 0
    assert triage("dead", "replay", "--all").out == "replayed 0 tickets\n"


def test_a_name_that_means_nothing_ends_with_1(triage: Ask) -> None:
    answer = triage("dead", "replay", "t1", "nope", "--json")
    assert (answer.code, answer.json["replayed"], answer.json["unknown"]) == (1, ["t1"], ["nope"])
    assert "nope: no such ticket" in answer.err


@pytest.mark.parametrize("words", [(), ("t1", "--all"), ("--reason", "x", "--all"), ("--all", "--limit", "0")])
def test_an_unclear_replay_is_wrong_usage(triage: Ask, words: tuple[str, ...]) -> None:
    assert triage("dead", "replay", *words).code == 2


def test_one_is_discarded_without_asking(triage: Ask, client: redis.Redis) -> None:
    assert triage("dead", "discard", "t1", "--why", "spam", "--json").json["discarded"] == ["t1"]
    assert "a person ended it: spam" in triage("show", "t1").out
    assert triage("dead", "discard", "t1", "--why", "spam", "--json").json["not_parked"][0]["state"] == "discarded"
    assert triage("dead", "discard", "page:t5", "--why", "old", "--json").json["discarded_deliveries"] == ["page:t5"]
    assert audit(client) == []


@pytest.mark.parametrize(("said", "answer"), [("y\n", (0, 1)), ("\n", (1, 3)), ("", (1, 3))])
def test_more_than_one_is_asked_about(
    triage: Ask, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, said: str, answer: tuple[int, int]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(said))
    code = triage("dead", "discard", "t1", "t2", "--why", "spam").code
    assert (code, read_totals(client).parked) == answer


def test_where_nobody_can_be_asked_yes_has_to_be_said(
    triage: Ask, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert triage("dead", "discard", "t1", "t2", "--why", "spam").code == 2
    assert read_totals(client).parked == 3
    assert triage("dead", "discard", "t1", "t2", "--why", "spam", "--yes").code == 0
    assert read_totals(client).parked == 1


def test_a_ledger_of_a_newer_release_is_left_alone(triage: Ask, client: redis.Redis) -> None:
    client.set("tf:schema", 99)
    answer = triage("dead", "replay", "t1")
    assert answer.code == 2
    assert "upgrade" in answer.err

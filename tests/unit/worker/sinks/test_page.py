import json
from typing import Any

import pytest

from fleet.ledger.records import Effect
from fleet.settings import load_settings
from fleet.taxonomy import Taxonomy, load_taxonomy
from fleet.ticket import Source, Ticket
from fleet.verdict import DecidedBy, Verdict
from tests.support.taxonomies import clinic
from worker.guardrails.policy import pages
from worker.sinks.http import Outbound
from worker.sinks.page import PageSink

KEY = "routing-key-that-is-secret"


def sink(taxonomy: Taxonomy | None = None, key: str | None = KEY, service: str = "support") -> PageSink:
    found = taxonomy or load_taxonomy()
    settings = load_settings({}, page_routing_key=key, page_service=service)
    return PageSink(settings, Outbound(), lambda verdict: pages(verdict, found))


def ticket(ticket_id: str = "t1", **values: Any) -> Ticket:
    values = {"source": Source.MAIL, "body": "private words", "sender": "amy@example.org"} | values
    return Ticket(id=ticket_id, **values)


def verdict(**changes: Any) -> Verdict:
    values: dict[str, Any] = {
        "category": "billing",
        "urgency": "high",
        "needs_human": True,
        "confidence": 0.9,
        "reason": "charged twice",
        "language": "en",
        "decided_by": DecidedBy.SMALL,
        "taxonomy": "default@0",
    }
    return Verdict(**(values | changes))


def paged(of: Ticket, by: PageSink | None = None) -> Effect:
    effect = (by or sink()).effect(of, verdict())
    assert effect is not None
    return effect


@pytest.mark.parametrize("changes", [{"urgency": "low"}, {"needs_human": False}])
def test_only_the_highest_urgency_that_needs_a_human_pages(changes: dict[str, Any]) -> None:
    assert sink().effect(ticket(), verdict(**changes)) is None


@pytest.mark.parametrize(("urgency", "wakes"), [("whenever", False), ("today", False), ("now", True)])
def test_of_three_levels_the_highest_pages(urgency: str, *, wakes: bool) -> None:
    effect = sink(clinic()).effect(ticket(), verdict(category="rest", urgency=urgency))
    assert (effect is not None) is wakes


def test_the_same_ticket_always_has_the_same_effect() -> None:
    assert paged(ticket()) == paged(ticket())


def test_mails_of_one_conversation_are_one_incident() -> None:
    first, second = paged(ticket("t1", conversation="c")), paged(ticket("t2", conversation="c"))
    assert first.dedup_key == second.dedup_key
    assert first.effect_id != second.effect_id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"source": Source.CHAT, "sender": "slack:T1/U1"}, {"source": Source.CHAT, "sender": "slack:T1/U2"}),
        ({"sender": "Amy <amy@example.org>"}, {"sender": "Ben <ben@example.org>"}),
        ({"sender": "Amy <amy@example.org>"}, {"sender": '"amy@example.org" <mallory@example.org>'}),
        ({"sender": "amy@example.org"}, {"sender": ""}),
    ],
)
def test_two_senders_never_share_an_incident_by_the_thread_alone(one: dict[str, Any], other: dict[str, Any]) -> None:
    keys = {paged(ticket(f"t{n}", conversation="c", **who)).dedup_key for n, who in enumerate((one, other))}
    assert len(keys) == 2


def test_a_sender_is_one_person_however_the_client_writes_the_name() -> None:
    written = ["amy@example.org", "Amy <amy@example.org>", '"Lee, Amy" <Amy@Example.org>']
    assert len({paged(ticket(f"t{n}", conversation="c", sender=who)).dedup_key for n, who in enumerate(written)}) == 1


def test_no_choice_of_words_makes_one_key_out_of_two() -> None:
    first, second = ticket(conversation="a|b", sender="c"), ticket(conversation="a", sender="b|c")
    assert paged(first).dedup_key != paged(second).dedup_key


def test_tickets_tenants_and_services_without_a_conversation_in_common_are_apart() -> None:
    keys = {
        paged(ticket("t1")).dedup_key,
        paged(ticket("t2")).dedup_key,
        paged(ticket("t1", tenant="other")).dedup_key,
        paged(ticket("t1"), sink(service="shop")).dedup_key,
    }
    assert len(keys) == 4


def test_neither_the_routing_key_nor_the_customers_words_are_stored() -> None:
    stored = paged(ticket()).body
    assert KEY not in stored
    assert "private words" not in stored
    assert "amy@example.org" not in stored


def test_the_event_says_what_the_pager_needs() -> None:
    effect = paged(ticket())
    event = json.loads(effect.body)
    assert (event["event_action"], event["dedup_key"]) == ("trigger", effect.dedup_key)
    assert event["payload"]["summary"] == "[support] billing, high: charged twice"
    assert event["payload"]["severity"] == "critical"
    assert event["payload"]["custom_details"]["ticket_id"] == "t1"


def test_a_summary_is_as_long_as_the_pager_takes() -> None:
    effect = sink(service="s" * 2_000).effect(ticket(), verdict())
    assert effect is not None
    assert len(json.loads(effect.body)["payload"]["summary"]) == 1_024


def test_without_a_routing_key_nobody_is_paged() -> None:
    assert sink(key=None).effect(ticket(), verdict()) is None

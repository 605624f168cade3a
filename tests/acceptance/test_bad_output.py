"""The model answers with something that is no verdict: repaired, escalated, or parked; never guessed."""

import pytest

from fleet.ticket import Source, Ticket
from tests.acceptance.conftest import Calm
from tests.support.books import check_books, events, story, wait_until_quiet
from tests.support.load import submit
from tests.support.scrape import total

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300), pytest.mark.xdist_group("calm fleet")]

SMALL_MODEL, FRONTIER_MODEL = "claude-haiku-5-5", "claude-opus-5-5"

KINDS = {
    "malformed": ("json", "invalid_reply", "bad_output"),
    "schema": ("schema", "invalid_reply", "bad_output"),
    "out_of_taxonomy": ("taxonomy", "invalid_reply", "bad_output"),
    "empty": ("empty", "invalid_reply", "bad_output"),
    "refusal": ("refusal", "refusal", "refusal"),
    "truncated": ("truncated", "truncated", "bad_output"),
}
"""What the simulator spoils: the parse failure's name, why the ticket is escalated, why it is parked."""

MENDABLE = {"malformed", "schema", "out_of_taxonomy", "empty"}
"""One repair call is tried with these; with the others it would only be paid again."""


def _ticket(kind: str, how_long: str) -> Ticket:
    body = f"How do I change my password in the settings? Case {kind}/{how_long}."
    return Ticket(id=f"{kind}-{how_long}", source=Source.HTTP, body=body)


def _calls_by_model(calm: Calm, ticket_id: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for line in story(calm.fleet.ledger.redis, ticket_id)["history"]:
        for call in line.get("calls", ()):
            counted[call["model"]] = counted.get(call["model"], 0) + 1
    return counted


def _parse_failures(calm: Calm, reason: str) -> float:
    return total(calm.fleet, "triage_parse_failures_total", reason=reason)


def test_every_kind_of_bad_output_is_repaired_escalated_or_parked(calm: Calm) -> None:
    client = calm.fleet.ledger.redis
    before = {
        reason: total(calm.fleet, "triage_parse_failures_total", reason=reason) for reason, _, _ in KINDS.values()
    }
    calm.simulator.plan(
        *({"kind": kind, "match": f"Case {kind}/once", "model": SMALL_MODEL, "times": 1} for kind in KINDS),
        *({"kind": kind, "match": f"Case {kind}/small", "model": SMALL_MODEL} for kind in KINDS),
        *({"kind": kind, "match": f"Case {kind}/both"} for kind in KINDS),
    )
    # Among healthy ones: a model that answers nearly everybody with nonsense is held instead.
    healthy = [_ticket("healthy", str(n)) for n in range(72)]
    bad = [_ticket(kind, how_long) for kind in KINDS for how_long in ("once", "small", "both")]
    tickets = [ticket for n, one in enumerate(bad) for ticket in (*healthy[4 * n : 4 * n + 4], one)]
    ids = submit(calm.fleet, tickets)
    wait_until_quiet(calm.fleet)
    check_books(calm.fleet, ids, parked={f"{kind}-both": parked for kind, (_, _, parked) in KINDS.items()})
    for kind, (reason, escalated, _) in KINDS.items():
        tries = 2 if kind in MENDABLE else 1
        assert _calls_by_model(calm, f"{kind}-small") == {SMALL_MODEL: tries, FRONTIER_MODEL: 1}
        assert _calls_by_model(calm, f"{kind}-both") == {SMALL_MODEL: tries, FRONTIER_MODEL: tries}
        for one in (f"{kind}-small", f"{kind}-both"):
            assert [line["reason"] for line in events(client, one, "escalated")] == [escalated]
        assert story(client, f"{kind}-small")["decided_by"] == "frontier"
        assert story(client, f"{kind}-once")["decided_by"] == ("small" if kind in MENDABLE else "frontier")
        assert _parse_failures(calm, reason) - before[reason] == 1 + tries + 2 * tries
    assert calm.simulator.stats()["faults"] == {kind: 7 if kind in MENDABLE else 4 for kind in KINDS}

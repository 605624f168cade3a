"""The checker at the end of every acceptance test: what went in came out, once, and the books say the same."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import redis

from fleet.ledger.audit import audit
from fleet.ledger.reading import read_ticket, read_totals
from fleet.taxonomy import load_taxonomy
from fleet.verdict import Verdict
from ops.demo.fleet import LocalFleet
from tests.support.waiting import DEADLINE_S, wait_for


def story(client: redis.Redis, ticket_id: str) -> dict[str, Any]:
    """Read everything of one ticket; a lost one fails here."""
    found = read_ticket(client, ticket_id)
    assert found is not None, f"{ticket_id} is lost"
    return found


def events(client: redis.Redis, ticket_id: str, name: str) -> list[dict[str, Any]]:
    """Read the lines of a ticket's history that tell of one kind of event."""
    return [line for line in story(client, ticket_id)["history"] if line["event"] == name]


def recorded_calls(client: redis.Redis, ids: Collection[str]) -> list[dict[str, Any]]:
    """Read every model call that the tickets' histories tell of."""
    return [call for one in ids for line in story(client, one)["history"] for call in line.get("calls", ())]


def is_quiet(fleet: LocalFleet) -> bool:
    """Whether every ticket has ended and every delivery was made."""
    totals = read_totals(fleet.ledger.redis)
    return totals.waiting == 0 and totals.effects_waiting == 0


def wait_until_quiet(fleet: LocalFleet, deadline_s: float = DEADLINE_S) -> None:
    """Wait until every ticket has ended and every delivery was made."""
    wait_for("every ticket ends", lambda: is_quiet(fleet), deadline_s=deadline_s, explain=lambda: describe(fleet))


def describe(fleet: LocalFleet) -> str:
    """Say how things stand, for a failure's message."""
    logs = "\n".join(f"--- {child.name} (restarts: {child.restarts})\n{child.tail(12)}" for child in fleet.workers)
    return f"{read_totals(fleet.ledger.redis)}\n{logs}"


def check_books(fleet: LocalFleet, ids: Sequence[str], *, parked: Mapping[str, str] | None = None) -> None:
    """Nothing is lost or doubled: each ticket has one verdict inside the taxonomy, or is in `parked` (id: reason)."""
    client = fleet.ledger.redis
    dead = dict(parked or {})
    found = {one: story(client, one)["reason"] for one in ids if story(client, one)["state"] == "parked"}
    assert found == dead, [story(client, one) for one in found.keys() - dead.keys()][:3]
    for ticket_id in ids:
        wanted = 0 if ticket_id in dead else 1
        assert len(events(client, ticket_id, "triaged")) == wanted, story(client, ticket_id)
        assert len(events(client, ticket_id, "parked")) == 1 - wanted, story(client, ticket_id)
        if wanted:
            _check_verdict(story(client, ticket_id)["verdict"])
    totals = read_totals(client)
    assert (totals.waiting, totals.running, totals.effects_waiting, totals.effects_parked) == (0, 0, 0, 0), totals
    assert totals.is_balanced
    assert audit(client) == []


def _check_verdict(raw: dict[str, Any]) -> None:
    verdict, taxonomy = Verdict.model_validate(raw), load_taxonomy()
    assert verdict.category in taxonomy.category_names
    assert verdict.urgency in taxonomy.urgency_names
    assert verdict.taxonomy == taxonomy.version

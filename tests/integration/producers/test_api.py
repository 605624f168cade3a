"""The HTTP API over a real server, with a real ledger behind it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import redis

from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_ticket, read_totals
from fleet.ledger.transitions import claim, finish
from producers.api.token_book import list_tokens, revoke
from producers.api.tokens import Scope
from tests.integration.producers.conftest import OpenDoor
from tests.support.api import MAX_BYTES, Caller, make_token, served
from tests.support.server import free_port

pytestmark = pytest.mark.integration

TEXT = "I was charged twice"
VERDICT = {
    "category": "billing",
    "urgency": "high",
    "needs_human": True,
    "confidence": 0.9,
    "reason": "charged twice",
    "language": "en",
    "decided_by": "small",
}


def call(
    open_door: OpenDoor, client: redis.Redis, work: Callable[[Caller], Awaitable[Any]], *scopes: Scope, **values: Any
) -> Any:
    """Let `work` call the API with a token of these scopes; `door` among the values are settings."""
    settings = values.pop("door", {})
    secret = make_token(client, "crm", *scopes, **values)

    async def run() -> Any:
        async with open_door(**settings) as door, served(door, secret) as caller:
            return await work(caller)

    return asyncio.run(run())


def test_a_ticket_is_accepted_when_the_ledger_holds_it(open_door: OpenDoor, client: redis.Redis) -> None:
    sent = {"text": TEXT, "subject": "Invoice", "sender": "ann", "fields": {"plan": "pro"}, "lane": "bulk"}
    answer = call(open_door, client, lambda caller: caller.post(sent), tenant="acme")
    assert (answer.status, answer.body["status"]) == (202, "accepted")
    assert answer.headers["Location"] == f"/v1/tickets/{answer.body['id']}"
    record = read_ticket(client, answer.body["id"])
    assert record is not None
    ticket = record["payload"]
    assert (ticket["body"], ticket["tenant"], ticket["source"], record["lane"]) == (TEXT, "acme", "http", "bulk")
    assert ticket["fields"] == {"plan": "pro"}


def test_the_same_key_is_the_same_ticket_and_another_text_a_conflict(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> list[Any]:
        first = await caller.post({"text": TEXT}, Idempotency_Key="k1")
        again = await caller.post({"text": TEXT}, Idempotency_Key="k1")
        other = await caller.post({"text": "another"}, Idempotency_Key="k1")
        return [first, again, other]

    first, again, other = call(open_door, client, work)
    assert (again.status, again.body) == (202, {"id": first.body["id"], "status": "duplicate"})
    assert (other.status, other.code, other.body["error"]["id"]) == (409, "conflict", first.body["id"])
    assert read_totals(client).accepted == 1


def test_keys_are_each_tokens_own(open_door: OpenDoor, client: redis.Redis) -> None:
    other = make_token(client, "shop")

    async def work(caller: Caller) -> None:
        await caller.post({"text": TEXT}, Idempotency_Key="k1")
        answer = await caller.post({"text": "another"}, Idempotency_Key="k1", Authorization=f"Bearer {other}")
        assert answer.body["status"] == "accepted"

    call(open_door, client, work)
    assert read_totals(client).accepted == 2


def test_fifty_requests_at_once_with_one_key_are_one_ticket(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> list[Any]:
        return await asyncio.gather(*(caller.post({"text": TEXT}, Idempotency_Key="k1") for _ in range(50)))

    answers = call(open_door, client, work)
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert [answer.body["status"] for answer in answers].count("accepted") == 1
    assert read_totals(client).accepted == 1


def test_without_a_key_two_requests_are_two_tickets(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> None:
        await caller.post({"text": TEXT})
        await caller.post({"text": TEXT})

    call(open_door, client, work)
    assert read_totals(client).accepted == 2


def test_a_batch_is_answered_ticket_by_ticket(open_door: OpenDoor, client: redis.Redis) -> None:
    batch = {"tickets": [{"text": "one", "id": "A-1"}, {"text": "two"}]}
    clash = {"tickets": [{"text": "other", "id": "A-1"}, {"text": "three"}]}

    async def work(caller: Caller) -> list[Any]:
        return [await caller.post(batch, Idempotency_Key="b") for _ in range(2)] + [await caller.post(clash)]

    first, again, mixed = call(open_door, client, work)
    assert (first.status, [row["status"] for row in first.body["results"]]) == (202, ["accepted"] * 2)
    assert (again.status, [row["status"] for row in again.body["results"]]) == (202, ["duplicate"] * 2)
    assert (mixed.status, [row["status"] for row in mixed.body["results"]]) == (207, ["conflict", "accepted"])
    assert audit(client) == []


def test_a_batch_that_fits_in_part_says_what_did_not(open_door: OpenDoor, client: redis.Redis) -> None:
    batch = {"tickets": [{"text": f"ticket {n}"} for n in range(5)]}
    answer = call(open_door, client, lambda caller: caller.post(batch), door={"max_backlog": 3})
    assert (answer.status, [row["status"] for row in answer.body["results"]].count("full")) == (207, 2)
    assert read_totals(client).accepted == 3


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({}, ["text"]),
        ({"text": ""}, ["text"]),
        ({"text": "x" * 65_537}, ["text"]),
        ({"text": "\u00e9" * 40_000}, ["body"]),
        ({"text": 1, "sender": []}, ["text", "sender"]),
        ({"text": "a", "unknown": 1}, ["unknown"]),
        ({"text": "a", "id": "no spaces"}, ["id"]),
        ({"text": "a", "received_at": "2026-11-24T08:00:00"}, ["received_at"]),
        ({"text": "a", "lane": "express"}, ["lane"]),
        ({"text": "a", "fields": {"secret name": 1}}, ["fields"]),
        ({"tickets": [{"text": "a"}, {"txt": "b"}]}, ["tickets.1.text", "tickets.1.txt"]),
        ({"tickets": []}, ["tickets"]),
        ([], ["body"]),
        ("text", ["body"]),
    ],
)
def test_wrong_fields_are_named_and_nothing_is_accepted(
    open_door: OpenDoor, client: redis.Redis, content: Any, fields: list[str]
) -> None:
    answer = call(open_door, client, lambda caller: caller.post(content))
    assert (answer.status, answer.code) == (422, "invalid")
    assert [row["field"] for row in answer.body["error"]["fields"]] == fields
    assert read_totals(client).accepted == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 100_000, b'{"text": NaN}', b'{"text": "\\ud800', b'{"text": 1e999999}', b"\x00"],
)
def test_what_is_no_json_is_refused_politely(open_door: OpenDoor, client: redis.Redis, body: bytes) -> None:
    answer = call(open_door, client, lambda caller: caller.post(body))
    assert answer.status in (400, 422)
    assert read_totals(client).accepted == 0


def test_half_a_letter_becomes_a_whole_one(open_door: OpenDoor, client: redis.Redis) -> None:
    answer = call(open_door, client, lambda caller: caller.post(json.dumps({"text": "a\ud800b"}).encode()))
    assert answer.status == 202


def test_other_content_types_and_large_bodies_are_refused(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> list[int]:
        plain = await caller.post({"text": TEXT}, Content_Type="text/plain")
        large = await caller.post(b" " * (MAX_BYTES + 1))
        return [plain.status, large.status]

    assert call(open_door, client, work) == [415, 413]


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "caf\u00e9"])
def test_a_key_that_cannot_be_kept_is_refused(open_door: OpenDoor, client: redis.Redis, key: str) -> None:
    answer = call(open_door, client, lambda caller: caller.post({"text": TEXT}, Idempotency_Key=key))
    assert (answer.status, answer.code) == (400, "key")


@pytest.mark.parametrize(
    ("header", "reason"),
    [("", "missing"), ("Basic abc", "missing"), ("Bearer tft_wrong", "unknown"), ("Bearer \u00e9", "unknown")],
)
def test_whoever_is_not_known_is_refused_and_counted(
    open_door: OpenDoor, client: redis.Redis, header: str, reason: str
) -> None:
    async def work(caller: Caller) -> Any:
        answer = await caller.post(b"{ not even JSON", Authorization=header)
        assert caller.refused(reason) == 1
        return answer

    answer = call(open_door, client, work)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="triage"')
    assert read_totals(client).accepted == 0


def test_an_expired_or_revoked_token_is_refused_and_counted(open_door: OpenDoor, client: redis.Redis) -> None:
    async def expired(caller: Caller) -> Any:
        answer = await caller.post({"text": TEXT})
        assert caller.refused("expired") == 1
        return answer

    assert call(open_door, client, expired, expires_at=1).code == "token_expired"
    secret = make_token(client, "gone")
    assert revoke(client, "gone")
    assert not revoke(client, "gone")
    assert [token.name for token in list_tokens(client)] == ["crm"]
    client.delete("tf:http:tokens")
    answer = call(open_door, client, lambda caller: caller.post({"text": TEXT}, Authorization=f"Bearer {secret}"))
    assert answer.code == "token_unknown"
    assert read_totals(client).accepted == 0


def test_each_scope_opens_its_own_door(open_door: OpenDoor, client: redis.Redis) -> None:
    async def reader(caller: Caller) -> list[int]:
        found = [(await caller.post({"text": TEXT})).status, (await caller.get("/v1/tickets/x")).status]
        assert caller.refused("scope") == 1
        return found

    assert call(open_door, client, reader, Scope.READ) == [403, 404]
    client.delete("tf:http:tokens")

    async def writer(caller: Caller) -> list[int]:
        urgent = await caller.post({"tickets": [{"text": TEXT}, {"text": TEXT, "lane": "urgent"}]})
        return [(await caller.get("/v1/tickets/x")).status, urgent.status, (await caller.post({"text": TEXT})).status]

    assert call(open_door, client, writer, Scope.WRITE) == [403, 403, 202]
    assert read_totals(client).accepted == 1


def test_a_tokens_limit_holds_and_says_how_long_to_wait(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> list[Any]:
        batch = {"tickets": [{"text": f"ticket {n}"} for n in range(6)]}
        return [await caller.post(batch), await caller.post(batch), await caller.post({"text": TEXT})]

    first, second, third = call(open_door, client, work, per_minute=10)
    assert [first.status, second.status, third.status] == [202, 429, 202]
    assert 10 <= int(second.headers["Retry-After"]) <= 12
    assert read_totals(client).accepted == 7


def test_a_full_or_absent_ledger_asks_to_come_again(open_door: OpenDoor, client: redis.Redis) -> None:
    async def full(caller: Caller) -> Any:
        await caller.post({"text": TEXT})
        return await caller.post({"text": TEXT})

    answer = call(open_door, client, full, door={"max_backlog": 1})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    client.delete("tf:http:tokens")
    away = {"redis_url": f"redis://127.0.0.1:{free_port()}/0"}
    answer = call(open_door, client, lambda caller: caller.post({"text": TEXT}), door=away)
    assert (answer.status, answer.code) == (503, "not_now")  # and not 401: nobody could look the token up


def test_a_ticket_is_followed_from_waiting_to_its_verdict(
    open_door: OpenDoor, client: redis.Redis, ledger: Ledger
) -> None:
    async def work(caller: Caller) -> list[Any]:
        await caller.post({"text": TEXT, "id": "A-1"})
        before = await caller.get("/v1/tickets/A-1")
        held: Any = ledger.run(claim("A-1", queue="triage.small", hinted_ms=0, worker="w", lease_ms=9_000))
        ledger.run(
            finish("A-1", held.fence, verdict=json.dumps(VERDICT), outcome="{}", decided_by="small", cost_nusd=0)
        )
        return [before, await caller.get("/v1/tickets/A-1")]

    before, after = call(open_door, client, work)
    assert (before.body["status"], before.body["verdict"], before.body["ended_at"]) == ("waiting", None, None)
    assert (after.body["status"], after.body["verdict"]) == ("triaged", VERDICT)
    assert TEXT not in json.dumps(after.body)


def test_another_tenants_ticket_is_not_found(open_door: OpenDoor, client: redis.Redis) -> None:
    other = make_token(client, "shop", tenant="other")

    async def work(caller: Caller) -> list[int]:
        await caller.post({"text": TEXT, "id": "A-1"})
        return [(await caller.get("/v1/tickets/A-1", secret)).status for secret in (None, other)]

    assert call(open_door, client, work) == [200, 404]


def test_a_revoked_token_is_believed_for_seconds_at_most(
    open_door: OpenDoor, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.api.access.REMEMBER_S", 0.05)

    async def work(caller: Caller) -> int:
        assert (await caller.post({"text": TEXT})).status == 202
        revoke(client, "crm")
        await asyncio.sleep(0.06)
        return (await caller.post({"text": TEXT})).status

    assert call(open_door, client, work) == 401


def test_health_and_the_document_need_no_token(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> list[int]:
        paths = ("/healthz", "/readyz", "/openapi.json")
        found = []
        for path in paths:
            async with caller.session.get(caller.url + path) as answer:
                found.append(answer.status)
        return found

    assert call(open_door, client, work) == [200, 503, 200]  # nobody watches the ledger's server here

"""Requests that try to confuse the HTTP API, and what its log says of requests."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs

from fleet.ledger.reading import read_totals
from tests.integration.producers.conftest import OpenDoor
from tests.support.api import Caller, make_token, served

pytestmark = pytest.mark.integration

TEXT = "my own words"


def call(open_door: OpenDoor, client: redis.Redis, work: Callable[[Caller], Awaitable[Any]]) -> Any:
    secret = make_token(client)

    async def run() -> Any:
        async with open_door() as door, served(door, secret) as caller:
            return await work(caller)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "a", "text": "b"}',
        b'{"tickets": [{"text": "a"}], "tickets": [{"text": "b"}]}',
        b'{"tickets": [{"text": "a", "fields": {"plan": "x", "pl\\u0061n": "y"}}]}',
    ],
)
def test_a_name_that_stands_twice_is_refused(open_door: OpenDoor, client: redis.Redis, body: bytes) -> None:
    answer = call(open_door, client, lambda caller: caller.post(body))
    assert (answer.status, answer.code) == (400, "repeated")
    assert read_totals(client).accepted == 0


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "a", "id": ".."}, "id"),
        ({"text": "a", "received_at": 1_700_000_000}, "received_at"),
        ({"text": "a", "x" * 1_000: 1}, "x" * 64),
    ],
)
def test_what_the_document_does_not_allow_is_refused(
    open_door: OpenDoor, client: redis.Redis, content: Any, field: str
) -> None:
    answer = call(open_door, client, lambda caller: caller.post(content))
    assert (answer.status, answer.body["error"]["fields"][0]["field"]) == (422, field)


def test_the_key_of_a_batch_stands_in_no_other_keys_way(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> list[str]:
        await caller.post({"tickets": [{"text": "a"}, {"text": "b"}]}, Idempotency_Key="order")
        answers = [await caller.post({"text": "c"}, Idempotency_Key=key) for key in ("order", "order:1", "1:order")]
        return [answer.body["status"] for answer in answers]

    assert call(open_door, client, work) == ["accepted"] * 3


def test_two_keys_are_no_key(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> int:
        headers = [("Authorization", f"Bearer {caller.secret}"), ("Content-Type", "application/json")]
        headers += [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
        async with caller.session.post(f"{caller.url}/v1/tickets", json={"text": "a"}, headers=headers) as answer:
            return answer.status

    assert call(open_door, client, work) == 400


def test_no_redirect_names_the_host_that_the_client_named(open_door: OpenDoor, client: redis.Redis) -> None:
    assert call(open_door, client, lambda caller: caller.get("/v1/tickets/")).status == 404


def test_each_request_is_one_line_without_text_or_secret(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(caller: Caller) -> str:
        await caller.post({"text": TEXT, "id": "A-1"})
        await caller.post({"text": TEXT}, Authorization="Bearer tft_wrong")
        await caller.get("/v1/tickets/private-path")
        await caller.get("/private-path")
        async with caller.session.get(f"{caller.url}/healthz"):
            return caller.secret

    with capture_logs() as lines:
        secret = call(open_door, client, work)
    requests = [line for line in lines if line["event"] == "request"]
    shown = [(line["method"], line["route"], line["status"], line.get("token"), line.get("code")) for line in requests]
    assert shown == [
        ("POST", "/v1/tickets", 202, "crm", None),
        ("POST", "/v1/tickets", 401, None, "token_unknown"),
        ("GET", "/v1/tickets/{ticket_id}", 404, "crm", "not_found"),
        ("GET", "none", 404, None, "http"),
    ]
    assert [line.get("ticket_id") for line in requests] == ["A-1", None, None, None]
    written = str(lines)
    assert not [word for word in (TEXT, secret, "tft_wrong", "private-path") if word in written]


def test_a_mistake_of_ours_is_answered_and_logged_without_the_words_it_worked_on(
    open_door: OpenDoor, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise ValueError(TEXT)

    monkeypatch.setattr("producers.api.api.accept_one", broken)
    with capture_logs() as lines, caplog.at_level(logging.DEBUG):
        answer = call(open_door, client, lambda caller: caller.post({"text": TEXT}))
    assert (answer.status, answer.code) == (500, "failed")
    failed = [line for line in lines if line["event"] == "request_failed"]
    assert [line["error"] for line in failed] == ["ValueError"]
    assert "in broken" in failed[0]["stack"]
    assert TEXT not in str(failed) + caplog.text


def test_a_client_that_goes_away_in_mid_body_is_no_failure(
    open_door: OpenDoor, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(caller: Caller) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", int(caller.url.rpartition(":")[2]))
        head = "POST /v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
        writer.write(f"{head}Authorization: Bearer {caller.secret}\r\n\r\n".encode() + json.dumps(TEXT).encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await caller.post({"text": "somebody else"})

    with capture_logs() as lines:
        call(open_door, client, work)
    assert not [line for line in lines if line["log_level"] == "error"]
    assert "Exception" not in caplog.text
    assert read_totals(client).accepted == 1

"""Slack's requests, signed and not, against the real application and a real ledger."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import redis

from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.intake.listen import Listen
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds
from producers.slack.events import PEOPLE
from producers.slack.requests import Requests
from tests.integration.producers.conftest import OpenDoor
from tests.servers.slack import SECRET, callback, eventually, message, signed
from tests.support.chat import AT_ONCE, end_all
from tests.support.producers import accepted_bodies
from tests.support.server import free_port

pytestmark = pytest.mark.integration

BODY = json.dumps(callback(message("1700000000.000100", "Hello"))).encode()


class Caller:
    """Slack, as far as this server can tell."""

    def __init__(self, door: Door, bursts: Bursts, session: aiohttp.ClientSession, url: str) -> None:
        self.door = door
        self.bursts = bursts
        self._session = session
        self._url = url

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any, str | None]:
        async with self._session.post(f"{self._url}/slack/events", data=body, headers=headers) as answer:
            return answer.status, await answer.json(), answer.headers.get("Retry-After")

    def refused(self, reason: str) -> float | None:
        labels = {"producer": "test", "reason": reason}
        return self.door.metrics.registry.get_sample_value("triage_requests_refused_total", labels)


def call(open_door: OpenDoor, work: Callable[[Caller], Awaitable[Any]], **settings: Any) -> Any:
    async def run() -> Any:
        async with open_door(**settings) as door, aiohttp.ClientSession() as session:
            bursts, port = Bursts(door, AT_ONCE), free_port()
            app = Requests(door, bursts, SECRET, PEOPLE).app()
            serving = asyncio.create_task(
                serve_app(app, door, listen=Listen("127.0.0.1", port), bounds=Bounds(max_bytes=100_000))
            )
            await eventually("it listens", lambda: "listening" in door.status.describe()["source"])
            try:
                return await work(Caller(door, bursts, session, f"http://127.0.0.1:{port}"))
            finally:
                door.stop.set()
                await serving

    return asyncio.run(run())


def test_a_signed_message_is_kept_and_becomes_a_ticket(open_door: OpenDoor, redis_url: str) -> None:
    async def work(caller: Caller) -> None:
        assert (await caller.post(BODY, signed(BODY)))[0] == 200
        await caller.bursts.close_due()

    call(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_the_address_is_verified(open_door: OpenDoor) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    assert call(open_door, lambda caller: caller.post(body, signed(body)))[:2] == (200, {"challenge": "abc"})


NOT_BELIEVED: dict[str, tuple[Callable[[], dict[str, str]], str]] = {
    "nothing": (dict, "missing"),
    "another secret": (lambda: signed(BODY, secret="another secret"), "signature"),
    "another body": (lambda: signed(b"another body"), "signature"),
    "no ascii": (lambda: signed(BODY) | {"X-Slack-Signature": "v0=\u00e9"}, "signature"),
    "too old": (lambda: signed(BODY, at=time.time() - 301), "stale"),
    "of tomorrow": (lambda: signed(BODY, at=time.time() + 400), "stale"),
    "no time": (lambda: signed(BODY) | {"X-Slack-Request-Timestamp": "now"}, "stale"),
}
"""Made when they are used: a signature of the start of a long run would be too old."""


@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_what_is_not_signed_by_slack_just_now_is_refused_and_counted(
    open_door: OpenDoor, client: redis.Redis, name: str
) -> None:
    make, reason = NOT_BELIEVED[name]

    async def work(caller: Caller) -> None:
        assert (await caller.post(BODY, make()))[0] == 401
        assert caller.refused(reason) == 1

    call(open_door, work)
    assert client.dbsize() == 0


def test_a_signature_is_good_once(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    async def work(caller: Caller) -> None:
        headers = signed(BODY)
        assert (await caller.post(BODY, headers))[0] == 200
        assert (await caller.post(BODY, headers))[0] == 401
        assert caller.refused("replayed") == 1
        end_all(client)
        await caller.bursts.close_due()

    call(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_slacks_own_second_try_is_one_message(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    async def work(caller: Caller) -> None:
        now = time.time()
        for at in (now - 30, now):
            assert (await caller.post(BODY, signed(BODY, at=at)))[0] == 200
        end_all(client)
        await caller.bursts.close_due()

    call(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_when_the_ledger_is_full_or_away_slack_is_asked_to_come_again(open_door: OpenDoor) -> None:
    async def full(caller: Caller) -> tuple[int, Any, str | None]:
        await caller.post(BODY, signed(BODY))
        more = json.dumps(callback(message("1700000001.000100", "More"))).encode()
        answer = await caller.post(more, signed(more))
        assert await caller.post(more, signed(more)) == answer  # what was not kept may come again as it is
        return answer

    status, _, wait = call(open_door, full, max_backlog=1)
    assert (status, int(wait)) == (503, 5)
    away = f"redis://127.0.0.1:{free_port()}/0"
    status, _, wait = call(open_door, lambda caller: caller.post(BODY, signed(BODY)), redis_url=away)
    assert status == 503
    assert int(wait) > 0


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5_000, b"null", b"[]", b'{"type": []}'])
def test_signed_nonsense_is_no_error_of_ours(open_door: OpenDoor, body: bytes) -> None:
    assert call(open_door, lambda caller: caller.post(body, signed(body)))[0] in (200, 400, 401)


def test_bytes_that_are_no_text_cannot_be_signed_by_slack(open_door: OpenDoor) -> None:
    assert call(open_door, lambda caller: caller.post(b"\xff", signed(b"x")))[0] == 401


def test_a_text_that_is_no_unicode_is_taken(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    said = {"user": "U1", "ts": "1700000000.000100", "text": "half \ud83d"}
    edit = callback({"type": "message", "subtype": "message_changed", "channel": "C1", "message": said})

    async def work(caller: Caller) -> None:
        for payload in (callback(message("1700000000.000100", "\ud83d")), edit):
            body = json.dumps(payload).encode()
            assert (await caller.post(body, signed(body)))[0] == 200
        end_all(client)
        await caller.bursts.close_due()

    call(open_door, work)
    assert accepted_bodies(redis_url) == ["half \N{REPLACEMENT CHARACTER}"]

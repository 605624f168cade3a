"""Socket Mode: the official SDK against a server that checks what it sends."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs

from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.slack import socket_mode
from producers.slack.hearing import Hearing
from producers.slack.socket_mode import listen
from tests.integration.producers.conftest import OpenDoor
from tests.servers.slack import APP_TOKEN, FakeSlack, eventually, message
from tests.support.chat import LATER, end_all
from tests.support.producers import accepted_bodies, fragile_server

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning:slack_sdk")]


@pytest.fixture(autouse=True)
def _pings_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_mode, "PING_S", 0.2)
    monkeypatch.setattr(socket_mode, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(socket_mode, "START_S", 1.0)


def connected(
    open_door: OpenDoor,
    work: Callable[[FakeSlack, Door, Bursts], Awaitable[Any]],
    *,
    token: str = APP_TOKEN,
    **settings: Any,
) -> Any:
    async def run() -> Any:
        slack = FakeSlack()
        await slack.start()
        async with open_door(**settings) as door:
            bursts = Bursts(door, LATER)
            listening = asyncio.create_task(
                listen(door, bursts, app_token=token, api_url=slack.api_url, hearing=Hearing())
            )
            try:
                answer = await work(slack, door, bursts)
                assert slack.wrong == [] or token != APP_TOKEN
                return answer
            finally:
                door.stop.set()
                await listening
                await slack.stop()

    return asyncio.run(run())


def test_an_envelope_is_acknowledged_and_becomes_a_ticket(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(slack: FakeSlack, door: Door, bursts: Bursts) -> None:
        await slack.send(message("1700000000.000100", "Hello"))
        await slack.send(message("1700000000.000200", "I am a bot", bot_id="B1"))
        await eventually("both are acknowledged", lambda: len(slack.acknowledged) == 2)
        await eventually("it says so", lambda: door.status.describe()["source_up"])
        end_all(client)
        await bursts.close_due()

    connected(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_at_the_start_nothing_is_said_of_a_lost_connection(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "START_S", 60.0)

    async def work(_slack: FakeSlack, door: Door, _bursts: Bursts) -> None:
        await eventually("it says so", lambda: door.status.describe()["source_up"])

    with capture_logs() as logs:
        connected(open_door, work)
    assert [entry["event"] for entry in logs if entry["event"].startswith("source_")] == ["source_up"]


@pytest.mark.parametrize("how", ["ask_to_reconnect", "cut"])
def test_it_connects_again_and_loses_nothing(
    open_door: OpenDoor, redis_url: str, client: redis.Redis, how: str
) -> None:
    async def work(slack: FakeSlack, door: Door, bursts: Bursts) -> None:
        await eventually("it is connected", lambda: slack.connections == 1)
        await eventually("it says so", lambda: door.status.describe()["source_up"])
        await getattr(slack, how)()
        await slack.send(message("1700000000.000100", "Hello"))
        await eventually("a second connection", lambda: slack.connections >= 2)
        await eventually("it is acknowledged", lambda: not slack.unacknowledged)
        end_all(client)
        await bursts.close_due()

    connected(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_an_address_that_fails_is_not_tried_for_ever(
    open_door: OpenDoor, redis_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(slack: FakeSlack, door: Door, bursts: Bursts) -> None:
        await eventually("it is connected", lambda: door.status.describe()["source_up"])
        slack.refusing = 1
        await slack.cut()
        await slack.send(message("1700000000.000100", "Hello"))
        await eventually("it is acknowledged", lambda: not slack.unacknowledged)
        assert slack.refusing == 0
        end_all(client)
        await bursts.close_due()

    monkeypatch.setattr(socket_mode, "GIVE_UP_S", 1.0)
    connected(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_edits_that_waited_for_the_ledger_hold_in_the_order_of_their_authors(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    def edit(number: int) -> dict[str, Any]:
        edited = {"user": "U1", "ts": f"170000000{number}.000000"}
        said = {"user": "U1", "ts": "1700000000.000100", "text": f"edit {number}", "edited": edited}
        return {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1.2", "message": said}

    async def work(slack: FakeSlack, _door: Door, bursts: Bursts) -> None:
        await slack.send(message("1700000000.000100", "Hello"))
        for number in (2, 3, 1):
            await eventually("the one before is acknowledged", lambda: not slack.unacknowledged)
            await slack.send(edit(number))
        await eventually("all are acknowledged", lambda: not slack.unacknowledged)
        end_all(client)
        await bursts.close_due()

    connected(open_door, work)
    assert accepted_bodies(redis_url) == ["edit 3"]


def test_nothing_is_acknowledged_before_it_is_kept(open_door: OpenDoor, tmp_path: Path) -> None:
    with fragile_server(tmp_path) as outage:

        async def work(slack: FakeSlack, _door: Door, bursts: Bursts) -> None:
            await slack.send(message("1700000000.000100", "before"))
            await eventually("it is acknowledged", lambda: not slack.unacknowledged)
            await asyncio.to_thread(outage.begin)
            await slack.send(message("1700000000.000200", "meanwhile"))
            await asyncio.sleep(1)
            assert len(slack.unacknowledged) == 1
            await asyncio.to_thread(outage.end)
            await eventually("it catches up", lambda: not slack.unacknowledged)
            with redis.Redis.from_url(outage.url) as client:
                end_all(client)
            await bursts.close_due()

        connected(open_door, work, redis_url=outage.url)
        assert accepted_bodies(outage.url) == ["before\nmeanwhile"]


def test_a_wrong_token_is_told_and_tried_again_slowly(open_door: OpenDoor) -> None:
    async def work(slack: FakeSlack, door: Door, _bursts: Bursts) -> None:
        await eventually("it was tried", lambda: slack.wrong)
        await eventually("it says so", lambda: "TRIAGE_SLACK_APP_TOKEN" in door.status.describe()["source"])
        assert slack.connections == 0

    connected(open_door, work, token="xapp-wrong")

"""`triage ingest slack` is killed in mid-stream, in both of its modes."""

import asyncio
import json
import random
import threading
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import redis

from tests.servers.slack import APP_TOKEN, SECRET, FakeSlack, callback, deliver, eventually, message
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL = 20, 15
OUTAGE_S = 3.0
QUICK = {"TRIAGE_CHAT_QUIET_S": "0.05", "TRIAGE_CHAT_LONGEST_S": "0.2"}


def event(number: int) -> dict[str, object]:
    """A message of somebody who says nothing else, so that each one is a ticket."""
    return message(f"{1_700_000_000 + number}.000100", f"text {number}", user=f"U{number}")


async def kill_in_mid_stream(process: ProducerProcess, chance: random.Random) -> None:
    await asyncio.to_thread(process.wait_ready)
    await asyncio.sleep(chance.random() * 0.3)
    process.kill()
    process.start()


def test_twenty_kills_in_socket_mode(redis_url: str, client: redis.Redis, tmp_path: Path) -> None:
    assert client.dbsize() == 0

    async def run() -> None:
        slack = FakeSlack()
        await slack.start()
        own = {"TRIAGE_SLACK_APP_TOKEN": APP_TOKEN, "TRIAGE_SLACK_API_URL": slack.api_url}
        async with AsyncExitStack() as stack:
            stack.push_async_callback(slack.stop)
            # Slack answers on this loop, so nothing may wait on it for the process.
            process = await asyncio.to_thread(
                stack.enter_context, producer("slack", tmp_path, redis_url, **own, **QUICK)
            )
            chance = random.Random(1)
            for kill in range(KILLS):
                for number in range(kill * PER_KILL, (kill + 1) * PER_KILL):
                    await slack.send(event(number))
                await kill_in_mid_stream(process, chance)
            await eventually("all is acknowledged", lambda: not slack.unacknowledged)
            await eventually("all are tickets", lambda: len(accepted_bodies(redis_url)) >= KILLS * PER_KILL)
            await asyncio.to_thread(process.wait_ready)
            assert await asyncio.to_thread(process.terminate) == 0
        assert slack.wrong == []

    asyncio.run(run())
    assert accepted_bodies(redis_url) == sorted(f"text {n}" for n in range(KILLS * PER_KILL))
    check_ledger(redis_url)


def test_twenty_kills_over_http(redis_url: str, client: redis.Redis, tmp_path: Path) -> None:
    assert client.dbsize() == 0
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"

    def insist(number: int) -> None:
        body = json.dumps(callback(event(number))).encode()
        wait_for("it is kept", lambda: deliver(url, body))

    async def run() -> None:
        own = {"TRIAGE_SLACK_MODE": "http", "TRIAGE_SLACK_SIGNING_SECRET": SECRET}
        own["TRIAGE_SLACK_LISTEN"] = f"127.0.0.1:{port}"
        with producer("slack", tmp_path, redis_url, **own, **QUICK) as process:
            chance = random.Random(2)
            for kill in range(KILLS):
                numbers = range(kill * PER_KILL, (kill + 1) * PER_KILL)
                sending = [asyncio.create_task(asyncio.to_thread(insist, number)) for number in numbers]
                await kill_in_mid_stream(process, chance)
                await asyncio.gather(*sending)
            await eventually("all are tickets", lambda: len(accepted_bodies(redis_url)) >= KILLS * PER_KILL)
            await asyncio.to_thread(process.wait_ready)
            assert await asyncio.to_thread(process.terminate) == 0

    asyncio.run(run())
    assert accepted_bodies(redis_url) == sorted(f"text {n}" for n in range(KILLS * PER_KILL))
    check_ledger(redis_url)


def test_a_ledger_that_is_away_gets_no_false_200_and_catches_up(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    own = {"TRIAGE_SLACK_MODE": "http", "TRIAGE_SLACK_SIGNING_SECRET": SECRET}
    own["TRIAGE_SLACK_LISTEN"] = f"127.0.0.1:{port}"
    bodies = [json.dumps(callback(event(number))).encode() for number in range(20)]
    with fragile_server(tmp_path) as outage, producer("slack", tmp_path, outage.url, **own, **QUICK) as process:
        assert all(deliver(url, body) for body in bodies[:10])
        outage.begin()
        assert not any(deliver(url, body) for body in bodies[10:])
        wait_for("it says so", lambda: process.get("/readyz")[0] == 503)
        threading.Event().wait(OUTAGE_S)
        outage.end()
        for body in bodies[10:]:
            wait_for("it is kept", lambda body=body: deliver(url, body))  # type: ignore[misc]
        wait_for("all are tickets", lambda: len(accepted_bodies(outage.url)) >= 20, explain=process.tail)
        assert accepted_bodies(outage.url) == sorted(f"text {n}" for n in range(20))
        assert process.terminate() == 0
        check_ledger(outage.url)


def test_a_ledger_that_is_away_gets_no_acknowledgement_and_catches_up(tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            slack = FakeSlack()
            await slack.start()
            stack.push_async_callback(slack.stop)
            own = {"TRIAGE_SLACK_APP_TOKEN": APP_TOKEN, "TRIAGE_SLACK_API_URL": slack.api_url}
            outage = await asyncio.to_thread(stack.enter_context, fragile_server(tmp_path))
            process = await asyncio.to_thread(
                stack.enter_context, producer("slack", tmp_path, outage.url, **own, **QUICK)
            )
            await slack.send(event(0))
            await eventually("the first is acknowledged", lambda: not slack.unacknowledged)
            await asyncio.to_thread(outage.begin)
            for number in range(1, 20):
                await slack.send(event(number))
            await asyncio.sleep(OUTAGE_S)
            assert len(slack.unacknowledged) == 19
            await asyncio.to_thread(outage.end)
            await eventually("it catches up", lambda: not slack.unacknowledged)
            await eventually("all are tickets", lambda: len(accepted_bodies(outage.url)) >= 20)
            assert accepted_bodies(outage.url) == sorted(f"text {n}" for n in range(20))
            assert await asyncio.to_thread(process.terminate) == 0
            await asyncio.to_thread(check_ledger, outage.url)

    asyncio.run(run())

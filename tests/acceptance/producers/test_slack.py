"""`triage ingest slack` is killed in mid-stream, in both of its modes."""

import asyncio
import json
import random
import time
from pathlib import Path

import aiohttp
import pytest
import redis

from tests.servers.slack import APP_TOKEN, SECRET, FakeSlack, callback, eventually, message, signed
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, producer
from tests.support.server import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL = 20, 15
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
        with producer("slack", tmp_path, redis_url, **own, **QUICK) as process:
            chance = random.Random(1)
            for kill in range(KILLS):
                for number in range(kill * PER_KILL, (kill + 1) * PER_KILL):
                    await slack.send(event(number))
                await kill_in_mid_stream(process, chance)
            await eventually("all is acknowledged", lambda: not slack.unacknowledged)
            await eventually("all are tickets", lambda: len(accepted_bodies(redis_url)) >= KILLS * PER_KILL)
            assert await asyncio.to_thread(process.terminate) == 0
        assert slack.wrong == []
        await slack.stop()

    asyncio.run(run())
    assert accepted_bodies(redis_url) == sorted(f"text {n}" for n in range(KILLS * PER_KILL))
    check_ledger(redis_url)


def test_twenty_kills_over_http(redis_url: str, client: redis.Redis, tmp_path: Path) -> None:
    assert client.dbsize() == 0
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"

    async def insist(session: aiohttp.ClientSession, number: int) -> None:
        body = json.dumps(callback(event(number))).encode()
        while True:
            try:
                async with session.post(url, data=body, headers=signed(body, at=time.time())) as answer:
                    if answer.status == 200:
                        return
                    # Sent again within a second its signature is the same: the first one was kept, then.
                    if answer.status == 401 and (await answer.json())["error"] == "not believed: replayed":
                        return
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.1)

    async def run() -> None:
        own = {"TRIAGE_SLACK_MODE": "http", "TRIAGE_SLACK_SIGNING_SECRET": SECRET}
        own["TRIAGE_SLACK_LISTEN"] = f"127.0.0.1:{port}"
        with producer("slack", tmp_path, redis_url, **own, **QUICK) as process:
            chance = random.Random(2)
            async with aiohttp.ClientSession() as session:
                for kill in range(KILLS):
                    numbers = range(kill * PER_KILL, (kill + 1) * PER_KILL)
                    sending = [asyncio.create_task(insist(session, number)) for number in numbers]
                    await kill_in_mid_stream(process, chance)
                    await asyncio.gather(*sending)
            await eventually("all are tickets", lambda: len(accepted_bodies(redis_url)) >= KILLS * PER_KILL)
            assert await asyncio.to_thread(process.terminate) == 0

    asyncio.run(run())
    assert accepted_bodies(redis_url) == sorted(f"text {n}" for n in range(KILLS * PER_KILL))
    check_ledger(redis_url)

"""`triage ingest slack` is killed in mid-stream, in both of its modes."""

import asyncio
import json
import random
import urllib.error
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import redis

from tests.servers.slack import APP_TOKEN, SECRET, FakeSlack, callback, eventually, message, signed
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, producer
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL = 20, 15
QUICK = {"TRIAGE_CHAT_QUIET_S": "0.05", "TRIAGE_CHAT_LONGEST_S": "0.2"}


def event(number: int) -> dict[str, object]:
    """A message of somebody who says nothing else, so that each one is a ticket."""
    return message(f"{1_700_000_000 + number}.000100", f"text {number}", user=f"U{number}")


def is_kept(url: str, body: bytes) -> bool:
    """Post it once, signed anew, and tell whether Slack would count it as received."""
    request = urllib.request.Request(url, body, signed(body))
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        # Within the same second the signature is the same: the first one was kept, then.
        with error:
            return b"replayed" in error.read()
    except OSError:
        return False


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
        wait_for("it is kept", lambda: is_kept(url, body))

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

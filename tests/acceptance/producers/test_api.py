"""`triage ingest http` is killed in mid-stream, and loses the ledger's server."""

import json
import random
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.support.api import make_token
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL, CLIENTS = 20, 25, 5


class Client:
    """Posts each ticket under its own key until it is told 202, as a careful program does."""

    def __init__(self, secret: str) -> None:
        self.port = free_port()
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def status(self, number: int) -> int:
        """Post ticket `number` once; 0 where nobody answers."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/tickets",
            json.dumps({"text": f"text {number}"}).encode(),
            self._headers | {"Idempotency-Key": f"key {number}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def insist(self, number: int) -> int:
        """Post it until it is accepted."""
        wait_for("it is accepted", lambda: self.status(number) == 202)
        return number


@contextmanager
def running(folder: Path, url: str) -> Iterator[tuple[ProducerProcess, Client]]:
    with redis.Redis.from_url(url) as own:
        client = Client(make_token(own))
    with producer("http", folder, url, TRIAGE_HTTP_LISTEN=f"127.0.0.1:{client.port}") as process:
        yield process, client


def test_twenty_kills_lose_nothing_and_double_nothing(redis_url: str, client: redis.Redis, tmp_path: Path) -> None:
    assert client.dbsize() == 0
    chance = random.Random(3)
    with running(tmp_path, redis_url) as (process, api), ThreadPoolExecutor(CLIENTS) as pool:
        for kill in range(KILLS):
            numbers = range(kill * PER_KILL, (kill + 1) * PER_KILL)
            sending = [pool.submit(api.insist, number) for number in numbers]
            wait_for("some are in", sending[chance.randrange(PER_KILL - CLIENTS)].done, explain=process.tail)
            process.kill()
            process.start()
            assert [one.result() for one in sending] == list(numbers)
        process.wait_ready()
        assert process.terminate() == 0
    assert accepted_bodies(redis_url) == sorted(f"text {n}" for n in range(KILLS * PER_KILL))
    check_ledger(redis_url)


def test_without_the_ledgers_server_nobody_is_told_accepted(tmp_path: Path) -> None:
    with fragile_server(tmp_path) as outage, running(tmp_path, outage.url) as (process, api):
        assert api.status(0) == 202
        outage.begin()
        wait_for("it says so", lambda: process.get("/readyz")[0] == 503)
        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = list(pool.map(api.status, range(1, 11)))
        assert set(answers) == {503}
        outage.end()
        wait_for("it is ready again", process.is_ready)
        for number in range(1, 11):
            api.insist(number)
        assert accepted_bodies(outage.url) == sorted(f"text {n}" for n in range(11))
        check_ledger(outage.url)

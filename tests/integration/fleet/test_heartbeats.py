import asyncio
import json
from typing import Any

import pytest
import redis
import redis.asyncio

from fleet.ledger.heartbeats import SCAN_EVERY_S, Workers, beat, leave

pytestmark = pytest.mark.integration

STATE = {"queues": ["triage.small"], "running": 1}


def do(redis_url: str, *works: Any) -> None:
    async def run() -> None:
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            for work, *args in works:
                await work(client, *args)

    asyncio.run(run())


def names(workers: Workers) -> list[str]:
    return [worker["worker"] for worker in workers.alive()]


def test_a_worker_is_alive_until_it_leaves_or_falls_silent(redis_url: str, client: redis.Redis) -> None:
    do(redis_url, (beat, "w1", STATE), (beat, "w2", STATE), (beat, "w3", STATE))
    workers = Workers(client)
    assert names(workers) == ["w1", "w2", "w3"]
    do(redis_url, (leave, "w1"))
    client.delete("tf:hb:w2")  # as the server does when its time is over
    assert names(workers) == ["w3"]
    assert 0 < client.pttl("tf:hb:w3") <= 30_000


def test_workers_of_releases_without_an_index_are_found_now_and_then(redis_url: str, client: redis.Redis) -> None:
    now = [0.0]
    client.set("tf:hb:old", json.dumps(STATE))
    workers = Workers(client, lambda: now[0])
    assert names(workers) == ["old"]
    client.set("tf:hb:older", json.dumps(STATE))
    do(redis_url, (beat, "new", STATE))
    assert names(workers) == ["new", "old"]
    now[0] = SCAN_EVERY_S
    assert names(workers) == ["new", "old", "older"]


def test_reading_does_not_walk_the_keys_each_time(client: redis.Redis) -> None:
    workers = Workers(client)
    workers.alive()
    before = client.info("commandstats").get("cmdstat_scan", {}).get("calls")
    workers.alive()
    assert client.info("commandstats").get("cmdstat_scan", {}).get("calls") == before

"""`triage ingest redis` is killed in mid-stream, and loses its servers."""

import json
import random
import threading
from pathlib import Path

import pytest
import redis

from fleet.ledger.reading import read_totals
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

LIST, STREAM = "tickets:in", "tickets:stream"
KILLS, PER_KILL = 20, 60
QUICK = {"TRIAGE_RAW_TAKEOVER_S": "1", "TRIAGE_RAW_STREAMS": STREAM, "TRIAGE_RAW_BATCH": "7"}
OUTAGE_S = 3.0


def push(client: redis.Redis, number: int) -> str:
    """Give one item to the list or the stream, in turn; answers its text."""
    text = f"request {number}"
    if number % 2:
        client.lpush(LIST, json.dumps({"text": text}))
    else:
        client.xadd(STREAM, {"data": json.dumps({"text": text})})
    return text


@pytest.fixture
def url(client: redis.Redis, redis_url: str) -> str:
    assert client.dbsize() == 0
    return redis_url


def test_twenty_kills_lose_nothing_and_double_nothing(url: str, client: redis.Redis, tmp_path: Path) -> None:
    sent: list[str] = []
    chance = random.Random(4)
    with producer("redis", tmp_path, url, **QUICK) as process:
        for _ in range(KILLS):
            sent += [push(client, len(sent) + n) for n in range(PER_KILL)]
            _kill_in_mid_stream(process, client, chance.randrange(len(sent) - PER_KILL, len(sent)))
            process.start()
        wait_for("all is in", lambda: read_totals(client).accepted >= len(sent), explain=process.tail)
        wait_for("nothing is left", lambda: not _left(client), explain=process.tail)
        process.wait_ready()
        assert process.terminate() == 0
    assert accepted_bodies(url) == sorted(sent)
    check_ledger(url)


def _left(client: redis.Redis) -> int:
    """Count the items that lie anywhere: those that the last victim held are taken over first."""
    held = sum(client.llen(key) for key in client.scan_iter("tickets:in:work:*"))
    return client.llen(LIST) + client.xlen(STREAM) + held


def _kill_in_mid_stream(process: ProducerProcess, client: redis.Redis, after: int) -> None:
    wait_for("items go in", lambda: read_totals(client).accepted >= after, explain=process.tail)
    process.kill()


def test_a_ledger_that_is_away_leaves_the_items_in_redis_and_catches_up(
    url: str, client: redis.Redis, tmp_path: Path
) -> None:
    with (
        fragile_server(tmp_path) as outage,
        producer("redis", tmp_path, outage.url, TRIAGE_RAW_URL=url, **QUICK) as process,
    ):
        sent = [push(client, n) for n in range(50)]
        wait_for("the first are in", lambda: len(accepted_bodies(outage.url)) == len(sent), explain=process.tail)
        outage.begin()
        sent += [push(client, len(sent) + n) for n in range(50)]
        wait_for("it says so", lambda: process.get("/readyz")[0] == 503)
        threading.Event().wait(OUTAGE_S)
        held = client.llen(LIST) + sum(client.llen(key) for key in client.scan_iter("tickets:in:work:*"))
        assert held == 25  # of both sorts fifty, and none of them is gone
        assert client.xlen(STREAM) == 25
        outage.end()
        wait_for("it catches up", lambda: len(accepted_bodies(outage.url)) == len(sent), explain=process.tail)
        assert accepted_bodies(outage.url) == sorted(sent)
        assert process.terminate() == 0
        check_ledger(outage.url)


def test_a_server_of_the_items_that_is_away_is_waited_for(tmp_path: Path, url: str) -> None:
    with (
        fragile_server(tmp_path) as outage,
        producer("redis", tmp_path, url, TRIAGE_RAW_URL=outage.url, **QUICK) as process,
    ):
        outage.begin()
        wait_for("it says so", lambda: process.get("/readyz")[0] == 503)
        outage.end()
        with redis.Redis.from_url(outage.url) as items:
            sent = [push(items, n) for n in range(10)]
        wait_for("it reads on", lambda: len(accepted_bodies(url)) == len(sent), explain=process.tail)
        wait_for("it says so", lambda: 'triage_source_up{producer="redis"} 1.0' in process.get("/metrics")[1])

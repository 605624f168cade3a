"""Lists and streams of raw JSON, read by readers that are stopped, die and freeze."""

import asyncio
import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import redis
import redis.asyncio

from fleet.ledger.audit import audit
from fleet.ledger.reading import read_dead, read_ticket, read_totals
from producers.raw import lists, streams
from producers.raw.lists import ListReader
from producers.raw.streams import StreamReader
from tests.integration.producers.conftest import OpenDoor
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration

LIST, STREAM = "tickets:in", "tickets:stream"


def ticket(text: str, **more: Any) -> str:
    return json.dumps({"text": text} | more)


@pytest.fixture(autouse=True)
def _stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "WAIT_S", 0.1)
    monkeypatch.setattr(streams, "WAIT_MS", 100)


def run_reader(
    open_door: OpenDoor, redis_url: str, make: Callable[[Any], Any], until: Callable[[], object], **settings: Any
) -> None:
    """Let a reader read until a condition holds; then it is told to stop and has to end."""

    async def work() -> None:
        async with open_door(**settings) as door, redis.asyncio.Redis.from_url(redis_url) as own:
            reading = asyncio.create_task(make(own).read(door, lambda: None))
            await asyncio.to_thread(wait_for, "it is read", lambda: reading.done() or until(), deadline_s=20)
            door.stop.set()
            await reading

    asyncio.run(work())


def list_reader(own: Any, **options: Any) -> ListReader:
    return ListReader(own, LIST, **({"batch": 10, "takeover_s": 5.0} | options))


def stream_reader(own: Any, *, delete: bool = True) -> StreamReader:
    return StreamReader(own, STREAM, group="triage", batch=10, takeover_s=0.05, delete=delete)


def accepted(client: redis.Redis, number: int) -> bool:
    return read_totals(client).accepted == number


def leftovers(client: redis.Redis) -> list[str]:
    return sorted(key.decode() for key in client.scan_iter("tickets:*"))


def test_every_item_of_a_list_becomes_a_ticket_and_nothing_is_left(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    client.lpush(LIST, *(ticket(f"request {n}") for n in range(35)))
    run_reader(open_door, redis_url, list_reader, partial(accepted, client, 35))
    assert leftovers(client) == []
    assert audit(client) == []


def test_what_is_no_ticket_is_parked_with_its_bytes(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    raw = b"\xff\x00{not a ticket"
    client.lpush(LIST, raw, ticket("good"))
    run_reader(open_door, redis_url, list_reader, partial(accepted, client, 2))
    (dead,) = read_dead(client)
    record = read_ticket(client, dead["id"])
    assert record is not None
    assert base64.b64decode(record["raw"]) == raw
    assert dead["reason"] == "not_a_ticket"
    assert leftovers(client) == []


def test_an_id_with_other_content_is_parked_and_not_dropped(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    client.lpush(LIST, ticket("one thing", id="A-1"))
    run_reader(open_door, redis_url, list_reader, partial(accepted, client, 1))
    client.lpush(LIST, ticket("another thing", id="A-1"))
    run_reader(open_door, redis_url, list_reader, partial(accepted, client, 2))
    (dead,) = read_dead(client)
    assert "taken by a ticket with other content" in dead["error"]


def test_the_same_id_twice_is_one_ticket(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    client.lpush(LIST, ticket("one thing", id="A-1"), ticket("one thing", id="A-1"), ticket("last"))
    run_reader(open_door, redis_url, list_reader, lambda: accepted(client, 2) and not client.exists(LIST))
    assert read_totals(client).accepted == 2


def test_what_a_dead_reader_had_begun_is_taken_over_in_order(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    client.lpush(LIST, ticket("new"))
    client.lpush(f"{LIST}:work:dead", ticket("old 1"))
    client.lpush(f"{LIST}:work:dead", ticket("old 2"))
    client.zadd(f"{LIST}:readers", {"dead": 9_999_999_999})

    async def put_back() -> int:
        async with redis.asyncio.Redis.from_url(redis_url) as own:
            return await list_reader(own).put_back_what_the_dead_hold()

    assert asyncio.run(put_back()) == 2
    texts = [json.loads(raw)["text"] for raw in client.lrange(LIST, 0, -1)]
    assert texts == ["new", "old 2", "old 1"]  # read from the right
    run_reader(open_door, redis_url, list_reader, partial(accepted, client, 3))


def test_a_reader_that_lives_is_left_alone(redis_url: str, client: redis.Redis) -> None:
    client.lpush(f"{LIST}:work:alive", ticket("at work"))
    client.zadd(f"{LIST}:readers", {"alive": 9_999_999_999})
    client.set(f"{LIST}:alive:alive", 1)

    async def put_back() -> int:
        async with redis.asyncio.Redis.from_url(redis_url) as own:
            return await list_reader(own).put_back_what_the_dead_hold()

    assert asyncio.run(put_back()) == 0


def test_a_reader_goes_on_with_what_an_error_left_in_its_own_list(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    client.lpush(f"{LIST}:work:me", ticket("begun"))
    run_reader(open_door, redis_url, partial(list_reader, reader="me"), partial(accepted, client, 1))
    assert leftovers(client) == []


def test_a_full_ledger_leaves_the_items_where_they_are(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    client.lpush(LIST, *(ticket(f"request {n}") for n in range(5)))

    def is_stuck() -> bool:
        return read_totals(client).refused_full > 0

    run_reader(open_door, redis_url, partial(list_reader, batch=2), is_stuck, max_backlog=1)
    # Told to stop in the middle of a batch, it puts the batch back whole; what of it went in is known by its key.
    assert client.llen(LIST) == 5
    run_reader(open_door, redis_url, list_reader, partial(accepted, client, 5))
    assert leftovers(client) == []


def test_every_entry_of_a_stream_becomes_a_ticket_and_goes(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    for n in range(25):
        client.xadd(STREAM, {"data": ticket(f"request {n}")})
    client.xadd(STREAM, {"text": "by its fields", "subject": "s"})
    client.xadd(STREAM, {"nonsense": "x"})
    run_reader(open_door, redis_url, stream_reader, partial(accepted, client, 27))
    assert client.xlen(STREAM) == 0
    assert read_totals(client).parked == 1
    assert client.xinfo_consumers(STREAM, "triage") == []


def test_entries_of_a_dead_consumer_are_claimed(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    client.xgroup_create(STREAM, "triage", id="0", mkstream=True)
    client.xadd(STREAM, {"data": ticket("begun")})
    client.xreadgroup("triage", "dead", {STREAM: ">"})
    run_reader(open_door, redis_url, stream_reader, partial(accepted, client, 1))
    assert client.xlen(STREAM) == 0


def test_entries_stay_where_other_groups_read_them(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    client.xadd(STREAM, {"data": ticket("for two")})
    run_reader(open_door, redis_url, partial(stream_reader, delete=False), partial(accepted, client, 1))
    assert client.xlen(STREAM) == 1
    assert client.xpending(STREAM, "triage")["pending"] == 0

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import redis

from fleet.errors import LedgerFullError, LedgerUnavailableError
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_ticket, read_totals
from fleet.ledger.records import Accepted
from fleet.ticket import Source, Ticket
from producers.intake.door import Door
from producers.intake.pressure import Pressure
from tests.integration.producers.conftest import OpenDoor
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration

RAW = b"\xff\x00 no ticket"


def a_ticket(body: str = "my card was charged twice") -> Ticket:
    return Ticket(source=Source.HTTP, body=body)


def with_door(open_door: OpenDoor, work: Callable[[Door], Awaitable[Any]], **settings: Any) -> Any:
    async def run() -> Any:
        async with open_door(**settings) as door:
            return await work(door)

    return asyncio.run(run())


def counted(door: Door, result: str) -> float | None:
    labels = {"producer": "test", "result": result}
    return door.metrics.registry.get_sample_value("triage_messages_total", labels)


def test_an_accepted_ticket_is_in_the_ledger_and_hinted_at(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door) -> str:
        answer = await door.accept(a_ticket(), key="k1")
        assert counted(door, "accepted") == 1
        return answer.ticket_id

    ticket_id = with_door(open_door, work)
    assert client.zscore("tf:open:normal", ticket_id) is not None
    assert client.llen("tf:triage.small") == 1


def test_a_second_time_is_a_duplicate_and_no_second_ticket(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door) -> list[Accepted]:
        answers = [await door.accept(a_ticket(), key="k1"), await door.accept(a_ticket(), key="k1")]
        answers.append(await door.accept(a_ticket("something else"), key="k1"))
        return [answer.result for answer in answers]

    assert with_door(open_door, work) == [Accepted.ACCEPTED, Accepted.DUPLICATE, Accepted.CONFLICT]
    assert read_totals(client).accepted == 1


def test_a_full_backlog_is_told_with_a_time_to_wait(open_door: OpenDoor) -> None:
    async def work(door: Door) -> float:
        await door.accept(a_ticket(), key="k1")
        with pytest.raises(LedgerFullError) as caught:
            await door.accept(a_ticket(), key="k2")
        assert counted(door, "full") == 1
        return caught.value.retry_after_s

    assert with_door(open_door, work, max_backlog=1) > 0


def test_a_server_short_of_memory_takes_nothing_in(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door) -> None:
        door.pressure = Pressure(0.7)
        with pytest.raises(LedgerFullError, match="memory"):
            await door.accept(a_ticket(), key="k1")

    with_door(open_door, work)
    assert read_totals(client).accepted == 0


def test_the_memory_is_looked_at(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door) -> float:
        watch = asyncio.create_task(door.watch_pressure())
        await asyncio.to_thread(wait_for, "the memory is read", lambda: door.pressure.share)
        door.stop.set()
        await watch
        return door.pressure.share

    client.config_set("maxmemory", 1_000_000_000)
    try:
        assert 0 < with_door(open_door, work) < 1
    finally:
        client.config_set("maxmemory", 0)


def test_a_server_that_is_away_is_no_acceptance(open_door: OpenDoor) -> None:
    async def work(door: Door) -> None:
        with pytest.raises(LedgerUnavailableError):
            await door.accept(a_ticket(), key="k1")
        assert counted(door, "unavailable") == 1

    with_door(open_door, work, redis_url=f"redis://127.0.0.1:{free_port()}/0")


def test_a_broker_that_is_away_delays_the_hint_only(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door) -> Accepted:
        return (await door.accept(a_ticket(), key="k1")).result

    broker = f"redis://127.0.0.1:{free_port()}/0"
    assert with_door(open_door, work, broker_url=broker) is Accepted.ACCEPTED
    assert read_totals(client).waiting == 1


def test_what_is_no_ticket_is_kept_byte_for_byte_where_a_person_sees_it(
    open_door: OpenDoor, client: redis.Redis
) -> None:
    async def work(door: Door) -> str:
        first = await door.keep(a_ticket("no ticket"), RAW, key="k1", error="not JSON")
        again = await door.keep(a_ticket("no ticket"), RAW, key="k1", error="not JSON")
        assert (first.result, again.result) == (Accepted.ACCEPTED, Accepted.DUPLICATE)
        return first.ticket_id

    record = read_ticket(client, with_door(open_door, work))
    assert record is not None
    assert (record["state"], record["reason"], record["error"]) == ("parked", "not_a_ticket", "not JSON")
    assert base64.b64decode(record["raw"]) == RAW
    assert read_totals(client).parked == 1
    assert audit(client) == []


def test_what_is_no_ticket_is_kept_even_when_the_ledger_is_full(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door) -> None:
        await door.accept(a_ticket(), key="k1")
        await door.keep(a_ticket("no ticket"), RAW, key="k2", error="not JSON")

    with_door(open_door, work, max_backlog=1)
    assert read_totals(client).parked == 1

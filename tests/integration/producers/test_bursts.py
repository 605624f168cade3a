"""Bursts in a real server: gathered, closed, edited, taken back, and found again after a death."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis

from fleet.errors import LedgerFullError, LedgerUnavailableError
from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.reading import open_tickets, read_ticket, read_totals
from fleet.ledger.transitions import claim
from producers.chat import closing as module
from producers.chat.bursts import Bursts, BurstSettings
from producers.chat.ticket import to_ticket
from producers.chat.transitions import Frozen, freeze
from producers.intake.door import Door
from producers.intake.pressure import Pressure
from tests.integration.producers.conftest import OpenDoor
from tests.support.chat import AT_ONCE, LATER, START, a_post, end_all
from tests.support.producers import accepted_bodies
from tests.support.server import free_port

pytestmark = pytest.mark.integration

Work = Callable[[Door, Bursts], Awaitable[Any]]


def with_bursts(open_door: OpenDoor, work: Work, settings: BurstSettings = LATER, **options: Any) -> Any:
    async def run() -> Any:
        async with open_door(**options) as door:
            return await work(door, Bursts(door, settings))

    return asyncio.run(run())


def leftovers(client: redis.Redis) -> list[bytes]:
    return [key for kind in ["open", "b", "p", "t"] for key in client.scan_iter(f"tf:burst:{kind}:*")]


def test_messages_of_one_person_in_one_conversation_become_one_ticket(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        for number in (2, 1, 3):  # they may come out of order
            await bursts.add(a_post(number))
        await bursts.add(a_post(4, author="bob"))
        await bursts.add(a_post(5, place="p2"))
        await bursts.add(a_post(6, thread="t1"))
        await bursts.add(a_post(7, platform="matrix"))
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == sorted(["text 1\ntext 2\ntext 3", *(f"text {n}" for n in (4, 5, 6, 7))])
    assert audit(client) == []


def test_a_ticket_tells_who_where_when_and_what_was_attached(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1, thread="t9", attachments=("a.png",)))
        await bursts.close_due()

    with_bursts(open_door, work, AT_ONCE)
    (key,) = client.scan_iter("tf:t:*")
    record = read_ticket(client, key.decode().removeprefix("tf:t:"))
    assert record is not None
    ticket = record["payload"]
    assert (ticket["source"], ticket["sender"], ticket["conversation"]) == ("chat", "ann", "slack:p1:t9")
    assert (ticket["attachments"], ticket["received_at"]) == (["a.png"], "2026-11-24T08:00:01Z")


def test_a_burst_stays_open_until_it_is_quiet(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> float:
        await bursts.add(a_post(1))
        return await bursts.close_due()

    assert with_bursts(open_door, work) > 3_500
    assert read_totals(client).accepted == 0


def test_no_burst_waits_longer_than_the_longest_wait(open_door: OpenDoor) -> None:
    async def work(_door: Door, bursts: Bursts) -> float:
        await bursts.add(a_post(1))
        await bursts.add(a_post(2))
        return await bursts.close_due()

    assert with_bursts(open_door, work, BurstSettings(quiet_s=1_000, longest_s=10)) <= 10


@pytest.mark.parametrize("bound", [{"max_messages": 2}, {"max_bytes": 100}])
def test_a_burst_as_large_as_may_be_ends_and_the_next_message_opens_another(
    open_door: OpenDoor, redis_url: str, bound: dict[str, int]
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        for number in (1, 2, 3):
            await bursts.add(a_post(number, f"{number}" * 45))
        await bursts.close_due()

    with_bursts(open_door, work, BurstSettings(quiet_s=1_000, longest_s=1_000, **bound))
    assert accepted_bodies(redis_url) == ["1" * 45 + "\n" + "2" * 45]


def test_a_burst_that_has_reached_its_bound_does_not_wait_for_another_message(
    open_door: OpenDoor, redis_url: str
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        await bursts.add(a_post(2))
        await bursts.close_due()

    with_bursts(open_door, work, BurstSettings(quiet_s=1_000, longest_s=1_000, max_messages=2))
    assert accepted_bodies(redis_url) == ["text 1\ntext 2"]


def test_a_message_that_comes_twice_is_one_message(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        await bursts.add(a_post(1))
        end_all(client)
        await bursts.close_due()
        await bursts.add(a_post(1))
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == ["text 1"]


def test_edits_and_deletions_in_an_open_burst_are_honoured(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        for number in (1, 2, 3):
            await bursts.add(a_post(number))
        await bursts.edit("slack", "p1", "m1", "changed")
        await bursts.delete("slack", "p1", "m2")
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == ["changed\ntext 3"]


def test_edits_and_deletions_may_come_before_their_message(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.edit("slack", "p1", "m1", "changed")
        await bursts.delete("slack", "p1", "m2")
        await bursts.add(a_post(1))
        await bursts.add(a_post(2))
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == ["changed"]


@pytest.mark.parametrize("when", ["before", "open", "accepted"])
def test_of_two_edits_the_later_one_holds_whichever_comes_first(
    open_door: OpenDoor, redis_url: str, client: redis.Redis, when: str
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        async def edit() -> None:
            for number in (1, 3, 2):
                await bursts.edit("slack", "p1", "m1", f"edit {number}", at=START + timedelta(seconds=number))

        if when == "before":
            await edit()
        await bursts.add(a_post(1))
        if when == "accepted":
            end_all(client)
            await bursts.close_due()
        if when != "before":
            await edit()
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == ["edit 3"]


def test_names_and_texts_that_are_no_unicode_are_taken_all_the_same(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    half = "\ud83d"

    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1, half, message_id=half, place=half, author=half, attachments=(half,)))
        await bursts.edit("slack", half, half, f"changed {half}")
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == ["changed ?"]


def test_a_burst_of_which_no_ticket_can_be_made_is_kept_and_stops_no_other(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1, at=datetime(2026, 11, 24)))  # noqa: DTZ001 - a source that forgot the zone
        await bursts.add(a_post(2, author="bob"))
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    totals = read_totals(client)
    assert (totals.accepted, totals.parked, audit(client)) == (2, 1, [])
    assert accepted_bodies(redis_url) == ["text 1", "text 2"]


def test_a_burst_of_which_all_was_taken_back_vanishes(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        await bursts.delete("slack", "p1", "m1")
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work)
    assert (read_totals(client).accepted, leftovers(client)) == (0, [])


def test_an_edit_of_an_accepted_ticket_that_waits_is_honoured(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        await bursts.add(a_post(2))
        end_all(client)
        await bursts.close_due()
        await bursts.edit("slack", "p1", "m1", "changed")
        await bursts.close_due()

    with_bursts(open_door, work)
    assert accepted_bodies(redis_url) == ["changed\ntext 2"]
    assert (read_totals(client).accepted, audit(client)) == (1, [])


def test_a_ticket_of_which_all_was_taken_back_is_withdrawn(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        end_all(client)
        await bursts.close_due()
        await bursts.delete("slack", "p1", "m1")
        await bursts.close_due()

    with_bursts(open_door, work)
    totals = read_totals(client)
    assert (totals.accepted, totals.discarded, totals.waiting) == (1, 1, 0)
    assert (leftovers(client), audit(client)) == ([], [])


def test_an_edit_after_triage_has_begun_is_too_late_and_counted(
    open_door: OpenDoor, redis_url: str, client: redis.Redis, ledger: Ledger
) -> None:
    async def work(door: Door, bursts: Bursts) -> float | None:
        await bursts.add(a_post(1))
        end_all(client)
        await bursts.close_due()
        (name,) = open_tickets(client)
        ledger.run(claim(name, queue="triage.small", hinted_ms=0, worker="w", lease_ms=10_000))
        await bursts.edit("slack", "p1", "m1", "changed")
        await bursts.close_due()
        return door.metrics.registry.get_sample_value(
            "triage_messages_total", {"producer": "test", "result": "ignored"}
        )

    assert with_bursts(open_door, work) == 1
    assert accepted_bodies(redis_url) == ["text 1"]
    assert leftovers(client) == []


def test_an_edit_while_a_burst_is_being_closed_is_not_overlooked(
    open_door: OpenDoor, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        read = to_ticket

        def while_closing(frozen: Frozen) -> Any:
            edits.append(asyncio.create_task(bursts.edit("slack", "p1", "m1", f"changed {len(edits)}")))
            monkeypatch.setattr(module, "to_ticket", read)
            return read(frozen)

        edits: list[asyncio.Task[None]] = []
        await bursts.add(a_post(1))
        monkeypatch.setattr(module, "to_ticket", while_closing)
        await bursts.close_due()
        await edits[0]
        await bursts.close_due()

    with_bursts(open_door, work, AT_ONCE)
    assert accepted_bodies(redis_url) == ["changed 0"]


def test_who_is_slower_than_the_lease_does_not_bring_back_what_was_taken_back(
    open_door: OpenDoor, client: redis.Redis
) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        (frozen,) = (await door.ledger.run(freeze())).frozen
        await bursts.delete("slack", "p1", "m1")
        end_all(client)
        await Bursts(door, AT_ONCE).close_due()
        await bursts._closing.close(frozen)

    with_bursts(open_door, work, AT_ONCE)
    totals = read_totals(client)
    assert (totals.accepted, totals.discarded, totals.waiting) == (1, 1, 0)
    assert leftovers(client) == []


def test_who_is_slower_than_the_lease_does_not_bring_back_an_older_text(
    open_door: OpenDoor, redis_url: str, client: redis.Redis
) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        (frozen,) = (await door.ledger.run(freeze())).frozen
        await bursts.edit("slack", "p1", "m1", "changed")
        end_all(client)
        await Bursts(door, AT_ONCE).close_due()
        await bursts._closing.close(frozen)
        await bursts.close_due()

    with_bursts(open_door, work, AT_ONCE)
    assert accepted_bodies(redis_url) == ["changed"]


def test_what_is_taken_back_after_who_closed_it_died_is_withdrawn(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        (frozen,) = (await door.ledger.run(freeze())).frozen
        await bursts._closing._tell(frozen)  # … and here it dies
        await bursts.delete("slack", "p1", "m1")
        end_all(client)
        await bursts.close_due()

    with_bursts(open_door, work, AT_ONCE)
    assert (read_totals(client).discarded, read_totals(client).waiting) == (1, 0)


def test_a_change_that_the_ledger_was_not_told_yet_does_not_expire(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        end_all(client)
        await bursts.close_due()
        assert {client.ttl(key) > 0 for key in leftovers(client)} == {True}
        await bursts.edit("slack", "p1", "m1", "changed")

    with_bursts(open_door, work)
    assert {client.ttl(key) for key in leftovers(client)} == {-1}


def test_a_deletion_that_comes_twice_is_not_too_late(open_door: OpenDoor) -> None:
    async def work(door: Door, bursts: Bursts) -> float | None:
        await bursts.add(a_post(1))
        await bursts.delete("slack", "p1", "m1")
        await bursts.delete("slack", "p1", "m1")
        labels = {"producer": "test", "result": "ignored"}
        return door.metrics.registry.get_sample_value("triage_messages_total", labels)

    assert with_bursts(open_door, work) == 0


@pytest.mark.parametrize("is_accepted", [False, True])
def test_who_dies_while_closing_leaves_the_burst_to_the_next(
    open_door: OpenDoor, redis_url: str, client: redis.Redis, *, is_accepted: bool
) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        due = await door.ledger.run(freeze())  # … and here it dies, or after the ledger has been told
        if is_accepted:
            await bursts._closing._tell(due.frozen[0])
        await bursts.add(a_post(2))
        assert not [frozen for frozen in (await door.ledger.run(freeze())).frozen if frozen.posts[0].message_id == "m1"]
        end_all(client)
        await Bursts(door, AT_ONCE).close_due()

    with_bursts(open_door, work, AT_ONCE)
    assert accepted_bodies(redis_url) == ["text 1", "text 2"]
    assert audit(client) == []


def test_nothing_is_taken_in_when_the_ledger_is_full_or_short_of_memory(open_door: OpenDoor) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1))
        with pytest.raises(LedgerFullError):
            await bursts.add(a_post(2))
        door.pressure = Pressure(0.99)
        with pytest.raises(LedgerFullError):
            await bursts.add(a_post(3))

    with_bursts(open_door, work, max_backlog=1)


def test_nothing_is_taken_in_when_the_server_is_away(open_door: OpenDoor) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        with pytest.raises(LedgerUnavailableError):
            await bursts.add(a_post(1))
        with pytest.raises(LedgerUnavailableError):
            await bursts.edit("slack", "p1", "m1", "changed")
        with pytest.raises(LedgerUnavailableError):
            await bursts.delete("slack", "p1", "m1")
        labels = {"producer": "test", "result": "unavailable"}
        assert door.metrics.registry.get_sample_value("triage_messages_total", labels) == 3

    with_bursts(open_door, work, redis_url=f"redis://127.0.0.1:{free_port()}/0")


def test_the_loop_closes_bursts_by_itself_and_stops_when_told(open_door: OpenDoor, redis_url: str) -> None:
    async def work(door: Door, bursts: Bursts) -> None:
        running = asyncio.create_task(bursts.run())
        await bursts.add(a_post(1))
        while not accepted_bodies(redis_url):  # noqa: ASYNC110 - another connection's data
            await asyncio.sleep(0.02)
        door.stop.set()
        await running

    with_bursts(open_door, work, BurstSettings(quiet_s=0.1, longest_s=1))
    assert accepted_bodies(redis_url) == ["text 1"]


def test_a_huge_message_is_cut_and_says_so(open_door: OpenDoor, redis_url: str, client: redis.Redis) -> None:
    async def work(_door: Door, bursts: Bursts) -> None:
        await bursts.add(a_post(1, "x" * 60_000))
        await bursts.add(a_post(2, "y" * 100_000))
        sizes = [len(post) for key in client.scan_iter("tf:burst:p:*") for post in client.hvals(key)]
        assert max(sizes) < 70_000  # it is cut before it takes up memory
        await bursts.close_due()

    with_bursts(open_door, work, AT_ONCE)
    whole, cut = accepted_bodies(redis_url)
    assert whole == "x" * 60_000
    assert cut.endswith("[34,564 more bytes left out]")

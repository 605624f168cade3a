"""Servers that answer OK and give nothing, or keep nothing: named, counted, not ready, and in nobody's way."""

import asyncio

import pytest

from producers.intake.door import Door
from tests.integration.producers.conftest import OpenDoor
from tests.integration.producers.imap.conftest import Bodies
from tests.support.imap_server import ScriptedImap, scripted_imap
from tests.support.mailbox import a_mail, seen, up, watching

pytestmark = pytest.mark.integration

THREE = {1: a_mail("m1"), 2: a_mail("m2"), 3: a_mail("m3")}
FAST = {"poll_s": "1", "timeout_s": "5"}


def count(door: Door, name: str, **labels: str) -> float | None:
    return door.metrics.registry.get_sample_value(name, {"producer": "imap"} | labels)


def told(door: Door) -> str:
    return "" if door.status.is_ready else str(door.status.describe()["source"])


async def named(door: Door, word: str) -> None:
    door.status.ledger_answered()
    await seen("it is said", lambda: word in told(door), door)


async def looked_again(server: ScriptedImap, door: Door) -> None:
    searches = server.asked["SEARCH"]
    await seen("the folder is looked at twice more", lambda: server.asked["SEARCH"] > searches + 1, door)


def take_the_others(open_door: OpenDoor, server: ScriptedImap, others: set[int]) -> None:
    """Watch until the second mail is named, the others are taken, and the metrics say so."""

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await named(door, "does not give 1 mail (UID 2)")
            await seen("the others are taken", lambda: server.taken() == others, door)
            assert count(door, "triage_source_withheld_messages") == 1
            assert count(door, "triage_messages_total", result="withheld") == 1
            assert count(door, "triage_source_up") == 1
            await looked_again(server, door)
            assert server.fetched[2] == 2

    asyncio.run(work())


@pytest.mark.parametrize("fault", ["withheld", "nil", "empty"])
def test_a_mail_asked_for_and_not_given_is_named_counted_and_not_ready(
    open_door: OpenDoor, bodies: Bodies, fault: str
) -> None:
    with scripted_imap(mails=dict(THREE), **{fault: {2}}) as server:
        take_the_others(open_door, server, {1, 3})
    assert bodies() == ["m1", "m3"]


def test_a_mail_that_is_given_later_is_taken_and_all_is_well(
    open_door: OpenDoor, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.imap.suspects.LEFT_FOR_S", 0.5)

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await named(door, "UID 2")
            server.withheld.clear()
            await seen("it is ready", lambda: door.status.is_ready, door)
            assert count(door, "triage_source_withheld_messages") == 0

    with scripted_imap(mails=dict(THREE), withheld={2}) as server:
        asyncio.run(work())
    assert bodies() == ["m1", "m2", "m3"]


def test_a_mail_expunged_between_search_and_fetch_is_no_suspect(open_door: OpenDoor, bodies: Bodies) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await seen("the others are taken", lambda: server.taken() == {1, 3}, door)
            await looked_again(server, door)
            door.status.ledger_answered()
            assert told(door) == ""
            assert count(door, "triage_messages_total", result="withheld") == 0

    with scripted_imap(mails=dict(THREE), gone={2}) as server:
        asyncio.run(work())
    assert bodies() == ["m1", "m3"]


def test_an_empty_mail_of_no_size_is_a_mail(open_door: OpenDoor) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await seen("all are taken", lambda: server.taken() == {1}, door)

    with scripted_imap(mails={1: b""}) as server:
        asyncio.run(work())


def test_marks_that_are_not_kept_are_backed_off_and_named(open_door: OpenDoor, bodies: Bodies) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await named(door, "does not keep that 3 mails (UID 1, 2, 3) is taken")
            await looked_again(server, door)
            assert server.asked["STORE"] == 2
            assert sum(server.fetched.values()) == 3
            assert count(door, "triage_source_withheld_messages") == 3

    with scripted_imap(mails=dict(THREE), keeps=False) as server:
        asyncio.run(work())
    assert bodies() == ["m1", "m2", "m3"]


def test_what_stays_where_it_is_is_copied_once(open_door: OpenDoor) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, done="move", **FAST):
            await named(door, "does not keep")

    with scripted_imap(mails=dict(THREE), keeps=False, capabilities="IMAP4rev1") as server:
        asyncio.run(work())
    assert server.copies == 1
    assert server.asked["STORE"] == 2


def test_a_mark_kept_at_the_second_time_is_no_trouble(open_door: OpenDoor) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await seen("it was marked in vain", lambda: server.asked["STORE"], door)
            server.keeps = True
            await seen("all are taken", lambda: server.taken() == {1, 2, 3}, door)
            await up(door)
            door.status.ledger_answered()
            assert told(door) == ""

    with scripted_imap(mails=dict(THREE), keeps=False) as server:
        asyncio.run(work())

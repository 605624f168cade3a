"""Servers that speak the protocol in their own way, and such as would hold us for ever."""

import asyncio
import time
from typing import Any

import pytest

from tests.integration.producers.conftest import OpenDoor
from tests.integration.producers.imap.conftest import Bodies
from tests.support.imap_server import Conversation, scripted_imap
from tests.support.mailbox import a_mail, down, seen, up, watching

pytestmark = pytest.mark.integration

THREE = {5: a_mail("m1"), 6: a_mail("m2"), 7: a_mail("m3")}
FAST = {"poll_s": "1", "timeout_s": "1"}


@pytest.mark.parametrize(
    "way",
    [
        {"part": "BODY[]"},
        {"part": "RFC822"},
        {"part": "body[]<0>"},
        {"in_small_letters": True},
        {"chatters": True},
        {"says_uid": False},
        {"sizeless": {5, 6, 7}},
        {"sizeless": {6}, "part": "BODY[]"},
        {"splits_search": True},
        {"extended_search": True},
        {"capabilities": "IMAP4rev1"},
        {"in_small_letters": True, "chatters": True, "says_uid": False, "part": "RFC822"},
    ],
    ids=str,
)
def test_all_mail_is_taken_however_the_server_says_it(open_door: OpenDoor, bodies: Bodies, way: dict[str, Any]) -> None:
    with scripted_imap(mails=dict(THREE), **way) as server:

        async def work() -> None:
            async with open_door("imap") as door, watching(door, server, poll_s="1"):
                await seen("all are taken", lambda: server.taken() == {5, 6, 7}, door)
                await up(door)

        asyncio.run(work())
    assert bodies() == ["m1", "m2", "m3"]


def test_a_literal_larger_than_asked_for_is_not_read(open_door: OpenDoor, bodies: Bodies) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, max_bytes="65536", **FAST):
            await seen("it is named", lambda: "UID 6" in str(door.status.describe()["source"]), door)
            await seen("the others are taken", lambda: server.taken() == {5, 7}, door)

    began = time.monotonic()
    with scripted_imap(mails=dict(THREE), literals={6: 600_000_000}) as server:
        asyncio.run(work())
    assert bodies() == ["m1", "m3"]
    assert len(server.connections) == 3
    assert time.monotonic() - began < 30


def test_a_mail_that_drips_is_given_up_and_named(open_door: OpenDoor, bodies: Bodies) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **FAST):
            await seen("it is named", lambda: "UID 6" in str(door.status.describe()["source"]), door)
            await seen("the others are taken", lambda: server.taken() == {5, 7}, door)

    with scripted_imap(mails=dict(THREE), drips={6}) as server:
        asyncio.run(work())
    assert bodies() == ["m1", "m3"]


def endless(conversation: Conversation) -> None:
    while True:
        conversation.wfile.write(b"* 1 FETCH (FLAGS (\\Seen))\r\n" * 1_000)


def test_an_answer_without_end_is_given_up(open_door: OpenDoor) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, poll_s="1"):
            assert "more than an answer may have" in await down(door)

    with scripted_imap(mails=dict(THREE), select=endless) as server:
        asyncio.run(work())


def test_a_server_that_talks_on_and_on_is_not_looked_at_on_and_on(open_door: OpenDoor) -> None:
    def talks(conversation: Conversation) -> None:
        conversation.say("* OK still here")

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server):
            await up(door)
            await seen("it was looked at", lambda: server.asked["IDLE"] > 3, door)

    began = time.monotonic()
    with scripted_imap(mails={}, idle=talks) as server:
        asyncio.run(work())
    assert time.monotonic() - began > 0.5 + 1 + 2 - 0.2


def test_a_server_that_hangs_up_again_and_again_is_asked_ever_more_rarely(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.imap.source.random.random", lambda: 1.0)

    def hangs_up(conversation: Conversation) -> None:
        conversation.connection.close()
        raise ConnectionError

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server):
            await seen("it came again", lambda: len(server.connections) == 3, door)

    with scripted_imap(mails={}, idle=hangs_up) as server:
        asyncio.run(work())
    first, second, third = server.connections
    assert third - second > second - first + 0.25


def test_told_to_stop_while_a_mail_drips_the_process_ends_soon(open_door: OpenDoor) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, timeout_s="300"):
            await seen("it is being read", lambda: server.fetched[6], door)

    with scripted_imap(mails={6: a_mail("m2", "x" * 1_000)}, drips={6}) as server:
        began = time.monotonic()
        asyncio.run(work())
    assert time.monotonic() - began < 15

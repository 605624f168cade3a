import asyncio

import pytest

from producers.imap.failures import MailServerError
from producers.imap.mailbox import Mailbox
from tests.integration.producers.conftest import OpenDoor
from tests.integration.producers.imap.conftest import Bodies
from tests.servers.dovecot import Dovecot
from tests.support.freezing import line_to
from tests.support.mailbox import TAKEN, a_mail, down, seen, up, watching

pytestmark = pytest.mark.integration


def test_mail_comes_in_again_when_the_server_is_back(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, timeout_s="2"):
            await up(door)
            await asyncio.to_thread(server.stop)
            await down(door)
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(server.deliver, a_mail("m1"))
            await seen("the mail is marked", lambda: server.flags() == [TAKEN], door)
            await up(door)
            assert door.metrics.registry.get_sample_value("triage_source_reconnects_total", {"producer": "imap"}) == 1

    asyncio.run(work())
    assert bodies() == ["m1"]


def test_a_line_gone_dead_is_noticed(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    async def work() -> None:
        async with (
            open_door("imap") as door,
            line_to(server.tls_port) as line,
            watching(door, server, port=str(line.port), poll_s="1", timeout_s="1"),
        ):
            await up(door)
            line.freeze()
            assert "TRIAGE_IMAP_TIMEOUT_S" in await down(door)
            line.thaw()
            await asyncio.to_thread(server.deliver, a_mail("m1"))
            await seen("the mail is marked", lambda: server.flags() == [TAKEN], door)

    asyncio.run(work())
    assert bodies() == ["m1"]


def test_a_dead_line_does_not_hold_up_the_end(open_door: OpenDoor, server: Dovecot) -> None:
    # `watching` gives up after 60 s, far before the time-out of 300 s.
    async def work() -> None:
        async with (
            open_door("imap") as door,
            line_to(server.tls_port) as line,
            watching(door, server, port=str(line.port), poll_s="1", timeout_s="300"),
        ):
            await up(door)
            line.freeze()

    asyncio.run(work())


def test_a_full_ledger_leaves_mail_on_the_server_unmarked(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    server.deliver(*(a_mail(f"m{n}") for n in range(3)))

    async def until_full() -> None:
        async with open_door("imap", max_backlog=1) as door, watching(door, server):
            assert "mail stays on the server" in await down(door)
            assert server.flags() == [set()] * 3

    async def until_taken() -> None:
        async with open_door("imap") as door, watching(door, server):
            await seen("all mail is marked", lambda: server.flags() == [TAKEN] * 3, door)

    asyncio.run(until_full())
    assert len(bodies()) == 1
    assert sorted(map(len, server.flags())) == [0, 0, 2]
    asyncio.run(until_taken())
    assert bodies() == ["m0", "m1", "m2"]


def test_a_mark_that_cannot_be_set_makes_no_doubles(
    open_door: OpenDoor, server: Dovecot, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refuse(*_args: object) -> None:
        tries.append(1)
        raise MailServerError("over quota")

    server.deliver(a_mail("m1"))

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server):
            await seen("it is tried again", lambda: len(tries) > 1, door)
            assert await down(door) == "over quota"
            assert server.flags() == [set()]
            monkeypatch.undo()
            await seen("the mail is marked", lambda: server.flags() == [TAKEN], door)

    monkeypatch.setattr(Mailbox, "finish", refuse)
    asyncio.run(work())
    assert bodies() == ["m1"]


def test_a_mail_that_the_server_cannot_read_does_not_hold_up_others(
    open_door: OpenDoor, server: Dovecot, bodies: Bodies
) -> None:
    server.deliver(a_mail("m1"), a_mail("m2"), a_mail("m3"))
    server.break_mail(b"m2@example.org")

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server):
            await seen("the others are taken", lambda: bodies() == ["m1", "m3"], door)

    asyncio.run(work())

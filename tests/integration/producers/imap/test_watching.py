import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from tests.integration.producers.conftest import OpenDoor
from tests.integration.producers.imap.conftest import Bodies
from tests.servers.dovecot import Dovecot, dovecot
from tests.support.mailbox import TAKEN, a_mail, seen, up, watching
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration

NEVER = "1500"


@pytest.fixture(scope="module")
def old_server() -> Iterator[Dovecot]:
    """A server that can do what RFC 3501 asks for and nothing else: no IDLE, no MOVE, no UIDPLUS."""
    with dovecot(capabilities="IMAP4rev1") as found:
        yield found


def taken_after_start(open_door: OpenDoor, server: Dovecot, until: Callable[[], object], **changes: str) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **changes):
            await up(door)
            await asyncio.to_thread(server.deliver, a_mail("m1"))
            await seen("the mail is dealt with", until, door)

    asyncio.run(work())


def test_the_server_tells_of_new_mail(
    open_door: OpenDoor, server: Dovecot, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.imap.source.LOOK_AGAIN_S", float(NEVER))
    taken_after_start(open_door, server, lambda: server.flags() == [TAKEN], poll_s=NEVER)
    assert bodies() == ["m1"]


def test_what_came_before_the_server_could_tell_is_looked_for_once_more(
    open_door: OpenDoor, old_server: Dovecot, bodies: Bodies
) -> None:
    old_server.empty()
    taken_after_start(open_door, old_server, lambda: old_server.flags() == [TAKEN], poll_s=NEVER)
    assert bodies() == ["m1"]


def test_a_server_that_cannot_tell_is_asked(
    open_door: OpenDoor, old_server: Dovecot, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_server.empty()
    monkeypatch.setattr("producers.imap.source.LOOK_AGAIN_S", 0.0)
    taken_after_start(open_door, old_server, lambda: old_server.flags() == [TAKEN], poll_s="1")
    assert bodies() == ["m1"]


def test_a_server_that_cannot_move_copies_and_hides(open_door: OpenDoor, old_server: Dovecot, bodies: Bodies) -> None:
    old_server.empty()
    old_server.deliver(a_mail("m1"))

    async def work() -> None:
        async with open_door("imap") as door, watching(door, old_server, done="move"):
            await seen("the mail is put away", lambda: old_server.flags() == [{"\\Deleted"}], door)

    asyncio.run(work())
    assert len(old_server.flags("Triaged")) == 1
    assert bodies() == ["m1"]


def test_a_folder_made_anew_is_read_again_without_doubles(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    mails = [a_mail(f"m{n}") for n in range(5)]

    def make() -> None:
        with server.client() as client:
            client.create_folder("Support")
        server.deliver(*mails, folder="Support")

    def make_anew() -> None:
        with server.client() as client:
            client.delete_folder("Support")
        make()

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, folders="Support"):
            await seen("all are marked", lambda: server.flags("Support") == [TAKEN] * 5, door)
            await asyncio.to_thread(make_anew)
            await asyncio.to_thread(server.deliver, a_mail("m5"), folder="Support")
            await seen("all are marked again", lambda: server.flags("Support") == [TAKEN] * 6, door)

    make()
    asyncio.run(work())
    assert bodies() == [f"m{n}" for n in range(6)]


def test_lost_numbers_of_messages_make_no_doubles(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    server.deliver(*(a_mail(f"m{n}") for n in range(5)))

    async def watch_until_marked() -> None:
        async with open_door("imap") as door, watching(door, server):
            await seen("all are marked", all_are_marked, door)

    def all_are_marked() -> bool:
        return all(flags >= TAKEN for flags in server.flags())

    asyncio.run(watch_until_marked())
    before = server.validity()
    server.stop()
    server.forget_numbers()
    wait_for("the second that the validity is made of is over", lambda: time.time() > before + 1)
    server.start()
    assert server.validity() != before
    assert not all_are_marked()
    asyncio.run(watch_until_marked())
    assert bodies() == [f"m{n}" for n in range(5)]

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import redis

from fleet.ledger.reading import read_ticket
from producers.rejection import Rejected
from tests.integration.producers.conftest import OpenDoor
from tests.integration.producers.imap.conftest import Bodies
from tests.servers.dovecot import Dovecot
from tests.support.mailbox import TAKEN, a_mail, seen, watching

pytestmark = pytest.mark.integration


def take(open_door: OpenDoor, server: Dovecot, until: Callable[[], object], **changes: str) -> None:
    """Watch the mailbox until the condition holds."""

    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, **changes):
            await seen("the mail is dealt with", until, door)

    asyncio.run(work())


def payloads(client: redis.Redis) -> list[Any]:
    return [json.loads(str(as_text(client.hget(key, "payload") or ""))) for key in client.keys("tf:t:*")]


def as_text(key: bytes | str) -> str:
    return key.decode() if isinstance(key, bytes) else key


def test_a_mail_becomes_a_ticket_and_is_marked(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    server.deliver(a_mail("m1"), a_mail("m2"))
    take(open_door, server, lambda: server.flags() == [TAKEN, TAKEN])
    assert bodies() == ["m1", "m2"]


def test_a_mail_that_a_person_has_read_is_taken_all_the_same(
    open_door: OpenDoor, server: Dovecot, bodies: Bodies
) -> None:
    with server.client() as client:
        client.append("INBOX", a_mail("m1"), flags=("\\Seen", "\\Answered"))
    take(open_door, server, lambda: server.flags() == [TAKEN | {"\\Answered"}])
    assert bodies() == ["m1"]


def test_several_folders_are_watched(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    with server.client() as client:
        client.create_folder("Support")
    server.deliver(a_mail("m1"))
    server.deliver(a_mail("m2"), folder="Support")
    take(open_door, server, lambda: server.flags() == server.flags("Support") == [TAKEN], folders="INBOX, Support")
    assert bodies() == ["m1", "m2"]


def test_mail_before_the_first_day_is_left_alone(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    with server.client() as client:
        client.append("INBOX", a_mail("old"), msg_time=datetime(2026, 1, 31, 12, tzinfo=UTC))
        client.append("INBOX", a_mail("new"), msg_time=datetime(2026, 2, 1, 12, tzinfo=UTC))
    take(open_door, server, lambda: server.flags() == [set(), TAKEN], since="2026-02-01")
    assert bodies() == ["new"]


def test_the_mark_can_be_one_that_every_server_keeps(open_door: OpenDoor, server: Dovecot) -> None:
    server.deliver(a_mail("m1"))
    take(open_door, server, lambda: server.flags() == [{"\\Seen", "\\Flagged"}], mark="\\Flagged")


def test_mail_can_be_moved_into_a_folder_that_is_made_for_it(
    open_door: OpenDoor, server: Dovecot, bodies: Bodies
) -> None:
    server.deliver(a_mail("m1"), a_mail("m2"))
    take(open_door, server, lambda: server.flags() == [], done="move", done_folder="Erledigt für heute")
    assert len(server.flags("Erledigt für heute")) == 2
    assert bodies() == ["m1", "m2"]


def test_mail_can_be_deleted_but_not_one_read_in_part(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    server.deliver(a_mail("m1"), a_mail("m2", "long " * 1_000))
    take(open_door, server, lambda: server.flags() == [], done="delete", max_bytes="1024")
    assert len(server.flags("Triaged")) == 1
    assert bodies()[0].startswith("long long")
    assert bodies()[1] == "m1"


def test_of_a_large_mail_the_beginning_is_read(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    server.deliver(a_mail("m1", "long " * 1_000))
    take(open_door, server, lambda: server.flags() == [TAKEN], max_bytes="1024")
    assert 700 < len(bodies()[0]) < 1024


def test_what_is_no_ticket_is_kept_byte_for_byte_and_marked(
    open_door: OpenDoor, server: Dovecot, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.imap.handing_in.read_mail", lambda _raw, **_options: Rejected(1, "not for us"))
    raw = b"\xff\xfe \x80 not a mail \r\n\r\n\xc3("
    server.deliver(raw)
    take(open_door, server, lambda: server.flags() == [TAKEN])
    (key,) = map(as_text, client.keys("tf:t:*"))
    record = read_ticket(client, key.removeprefix("tf:t:"))
    assert record is not None
    assert (record["state"], record["error"]) == ("parked", "not for us")
    assert base64.b64decode(record["raw"]) == raw


def test_files_that_a_delivery_agent_drops_end_in_the_ledger_whatever_they_hold(
    open_door: OpenDoor, server: Dovecot, client: redis.Redis
) -> None:
    odd = (b"", b"\r\n \r\n", b"\x00\x00\x00", b"\xff" * 3_000, b"Subject: \xe9\r\n\r\n\x00\xe9", b"x" * 200_000)
    for number, raw in enumerate(odd):
        (server.maildir / "new" / f"{number}.odd.localhost").write_bytes(raw)
        (server.maildir / "new" / f"{number}.odd.localhost").chmod(0o644)
    take(open_door, server, lambda: server.flags() == [TAKEN] * len(odd))
    assert len(client.keys("tf:t:*")) == len(odd)


def test_our_own_words_coming_back_are_known_by_our_addresses(
    open_door: OpenDoor, server: Dovecot, client: redis.Redis
) -> None:
    server.deliver(b"X-Triage-Fleet: 1\r\n" + a_mail("m1"))
    take(open_door, server, lambda: server.flags() == [TAKEN], own="Customer@Example.org")
    assert [ticket["automated"] for ticket in payloads(client)] == ["loop"]


def test_two_processes_on_one_mailbox_make_no_doubles(open_door: OpenDoor, server: Dovecot, bodies: Bodies) -> None:
    server.deliver(*(a_mail(f"m{n:03}") for n in range(150)))

    async def work() -> None:
        async with open_door("imap") as one, open_door("imap") as other, watching(one, server), watching(other, server):
            await seen("all mail is marked", lambda: server.flags() == [TAKEN] * 150, one)

    asyncio.run(work())
    assert bodies() == [f"m{n:03}" for n in range(150)]

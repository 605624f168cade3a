import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
import redis

from fleet.ledger.reading import read_totals
from fleet.ticket import Source, Ticket
from producers.imap.handing_in import hand_in
from producers.imap.mailbox import Mail
from producers.intake.pressure import Pressure
from producers.mail.message import MailTicket
from producers.rejection import Rejected
from tests.integration.producers.conftest import OpenDoor
from tests.support.mailbox import a_mail

pytestmark = pytest.mark.integration

READ_MAIL = "producers.imap.handing_in.read_mail"


def mail(uid: int, raw: bytes) -> Mail:
    return Mail(uid, raw, datetime(2026, 11, 2, tzinfo=UTC))


def test_mail_that_is_no_ticket_waits_while_memory_is_short(
    open_door: OpenDoor, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(READ_MAIL, lambda *_args, **_options: Rejected(1, "no ticket"))

    async def work() -> list[Mail]:
        async with open_door("imap") as door:
            door.pressure = Pressure(0.9)
            return await hand_in(door, [mail(1, b"\xff")], door.stop.set)

    assert asyncio.run(work()) == []
    assert read_totals(client).parked == 0


def test_other_content_under_a_known_key_is_kept(
    open_door: OpenDoor, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def same_key(raw: bytes, **_options: Any) -> MailTicket:
        return MailTicket(Ticket(source=Source.MAIL, body=raw.decode()), "mail:one")

    monkeypatch.setattr(READ_MAIL, same_key)

    async def work() -> list[Mail]:
        async with open_door("imap") as door:
            first = await hand_in(door, [mail(1, b"first")], lambda: None)
            return first + await hand_in(door, [mail(2, b"second")], lambda: None)

    assert [taken.uid for taken in asyncio.run(work())] == [1, 2]
    totals = read_totals(client)
    assert (totals.waiting, totals.parked) == (1, 1)


def test_what_the_ledger_did_not_take_before_the_end_is_not_said_to_be_taken(open_door: OpenDoor) -> None:
    async def work() -> list[Mail]:
        async with open_door("imap", max_backlog=2) as door:
            mails = [mail(n, a_mail(f"m{n}")) for n in range(5)]
            return await hand_in(door, mails, door.stop.set)

    assert len(asyncio.run(work())) == 2

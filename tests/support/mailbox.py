"""A watched mailbox for tests: `triage ingest imap` as a task of the test, and mails to deliver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from fleet.settings import load_group
from producers.imap.connection import trust
from producers.imap.settings import PREFIX, ImapSettings
from producers.imap.source import ImapSource
from producers.intake.door import Door
from tests.support.waiting import wait_for

MARK = "$Triaged"
TAKEN = {"\\Seen", MARK}


class MailServer(Protocol):
    """A server that can be watched, real or scripted."""

    def settings(self, **changes: str) -> dict[str, str]:
        """The environment of `triage ingest imap`."""
        ...


def a_mail(name: str, text: str = "") -> bytes:
    """A customer's mail with an id of its own, whose text is `name` unless another is given."""
    return (
        f"From: customer@example.org\r\nTo: support@example.com\r\nMessage-ID: <{name}@example.org>\r\n"
        f"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nSubject: help\r\n\r\n{text or name}\r\n"
    ).encode()


def settings_for(server: MailServer, **changes: str) -> ImapSettings:
    """The source's settings for this server; `changes` are fields, as the environment would hold them."""
    own = {PREFIX + name.upper(): value for name, value in changes.items()}
    return load_group(ImapSettings, PREFIX, server.settings(**own))


@asynccontextmanager
async def watching(door: Door, server: MailServer, **changes: str) -> AsyncIterator[None]:
    """Watch the mailbox while the block runs; an error of the source is the test's error."""
    settings = settings_for(server, **changes)
    task = asyncio.create_task(ImapSource(settings, trust(settings)).run(door))
    try:
        yield
    finally:
        door.stop.set()
        await asyncio.wait_for(task, 60)


async def seen(what: str, ask: Callable[[], Any], door: Door | None = None) -> Any:
    """Wait, beside the running source, until `ask` answers something true; the answer."""
    explain = door.status.describe if door else (lambda: "")
    return await asyncio.to_thread(wait_for, what, ask, explain=explain)


async def up(door: Door) -> None:
    """Wait until the source is connected."""
    await seen("the mailbox is watched", lambda: door.status.describe()["source_up"], door)


async def down(door: Door) -> str:
    """Wait until the source says that it is not connected, and why."""

    def why() -> str:
        told = door.status.describe()
        return "" if told["source_up"] or told["source"] in ("", "starting") else str(told["source"])

    return str(await seen("the source is down", why, door))

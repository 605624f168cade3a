"""A connection on its own thread: steps that end, taking in what is not taken yet, and waiting for more."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from producers.imap.connection import connect
from producers.imap.failures import MailServerError, translated
from producers.imap.handing_in import hand_in
from producers.imap.mailbox import Mailbox
from producers.imap.portions import batches, pieces, windows
from producers.imap.settings import ImapSettings
from producers.imap.suspects import Suspects
from producers.intake.door import Door
from producers.intake.patience import pause

T = TypeVar("T")

STEP_S = 600.0
"""The longest that one command may take: a batch over a slow line does, a server that drips byte by byte does not."""

PARTING_S = 3.0
"""After being told to stop, a command that is under way may take so long; then the connection is cut."""


class Session:
    """A mailbox on a thread of its own. What it raises is a MailServerError; the session is then of no more use."""

    def __init__(
        self, thread: ThreadPoolExecutor, mailbox: Mailbox, door: Door, settings: ImapSettings, suspects: Suspects
    ) -> None:
        self._thread = thread
        self._mailbox = mailbox
        self._door = door
        self._settings = settings
        self._suspects = suspects

    async def take(self, progress: Callable[[], None], waiting: Callable[[], None]) -> int:
        """Take in what lies in the folder, or a large part of it; 0 when there is nothing more.

        Calls `progress` whenever something was done, `waiting` every few seconds while the ledger takes nothing in.
        """
        messages = await self._step(self._mailbox.select)
        taken = 0
        for window in windows(messages):
            found = await self._step(self._mailbox.untaken, window)
            async for batch in self._batches([uid for uid in found if not self._suspects.is_left(uid)]):
                if self._door.stop.is_set():
                    return taken
                taken += await self._take_batch(batch, waiting)
                progress()
            if taken:  # look afresh, for what was moved away has shifted all that lies behind it
                break
        progress()
        return taken

    async def _batches(self, uids: list[int]) -> AsyncIterator[list[int]]:
        for piece in pieces(uids):
            sizes = await self._step(self._mailbox.sizes, piece)
            for batch in batches(sizes, self._settings.max_bytes, is_alone=self._suspects.is_alone):
                yield batch

    async def _take_batch(self, uids: list[int], waiting: Callable[[], None]) -> int:
        try:
            mails = await self._step(self._mailbox.fetch, uids)
        except MailServerError:
            self._suspects.broke(uids)
            raise
        self._suspects.were_read(uids)
        own = self._settings.own
        held = await hand_in(self._door, mails, waiting, own=own) if mails else []
        if held:
            await self._step(self._mailbox.finish, held)
        return len(held)

    async def wait(self, seconds: float) -> None:
        """Wait until the server tells of a change (IDLE), for so long at most, or until told to stop."""
        if await self._step(self._mailbox.begin_idle):
            await _readable(self._mailbox.client.socket(), self._door.stop, seconds)
            await self._step(self._mailbox.end_idle)
        else:
            await pause(self._door.stop, seconds)

    async def _step(self, work: Callable[..., T], *args: Any) -> T:
        return await _step(self._thread, self._door, self._settings.where, work, *args)


@asynccontextmanager
async def opened(
    settings: ImapSettings, context: ssl.SSLContext, folder: str, door: Door, suspects: Suspects
) -> AsyncIterator[Session]:
    """Open a session; at the end of the block the connection is closed, whatever state it is in."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"imap-{folder}")
    client = None
    parting = None
    try:
        client = await _step(thread, door, settings.where, connect, settings, context)
        parting = asyncio.create_task(_cut_after_stop(client, door.stop))
        mailbox = Mailbox(client, folder, settings, suspects)
        await _step(thread, door, settings.where, mailbox.prepare)
        yield Session(thread, mailbox, door, settings, suspects)
        with suppress(MailServerError):
            await _step(thread, door, settings.where, client.logout)
    finally:
        if parting is not None:
            parting.cancel()
        if client is not None:
            _cut(client)
            thread.submit(_shut, client)
        thread.shutdown(wait=False)


async def _step(thread: ThreadPoolExecutor, door: Door, where: str, work: Callable[..., T], *args: Any) -> T:
    door.status.beat()

    def run() -> T:
        with translated(where):
            return work(*args)

    future = asyncio.get_running_loop().run_in_executor(thread, run)
    if not (await asyncio.wait({future}, timeout=STEP_S))[0]:
        raise MailServerError(f"{where}: a command was not done within {STEP_S:.0f} s")
    return future.result()


async def _cut_after_stop(client: Any, stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.sleep(PARTING_S)
    _cut(client)


def _cut(client: Any) -> None:
    """End the connection under a thread that may be waiting on it; the thread then gets an error."""
    with suppress(OSError):
        # The plain socket's way: that of a TLS socket would let the other thread go on unencrypted.
        socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)


def _shut(client: Any) -> None:
    with suppress(Exception):
        client.shutdown()


async def _readable(sock: Any, stop: asyncio.Event, seconds: float) -> None:
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()
    number = sock.fileno()
    loop.add_reader(number, arrived.set)
    waits = [asyncio.create_task(event.wait()) for event in (arrived, stop)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(number)
        for task in waits:
            task.cancel()

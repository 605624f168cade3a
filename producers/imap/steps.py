"""Commands on a thread of their own: each ends within a bound of time, and the connection ends with the block."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from producers.imap.connection import connect
from producers.imap.failures import MailServerError, translated
from producers.imap.settings import ImapSettings
from producers.intake.door import Door

T = TypeVar("T")

STEP_S = 600.0
"""The longest that one command may take, whatever it brings."""

PACE_BYTES = 64 * 1024
"""What has to come within TRIAGE_IMAP_TIMEOUT_S: a slow line manages that, a server that drips bytes does not."""

ANSWER_TIMEOUTS = 4
"""Time-outs that a command may take which brings no mail: each wait for the server has one of its own."""

PARTING_S = 3.0
"""After being told to stop, a command that is under way may take so long; then the connection is cut."""


class Steps:
    """Runs what blocks, one after the other, on one thread. What it raises is a MailServerError."""

    def __init__(self, settings: ImapSettings, door: Door, folder: str) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"imap-{folder}")
        self._settings = settings
        self._door = door

    async def run(self, work: Callable[..., T], *args: Any, expected: int = 0) -> T:
        """Run a command that brings so many bytes of mail; one that takes too long is left behind, with its thread."""
        self._door.status.beat()
        where, timeout_s = self._settings.where, self._settings.timeout_s
        patience_s = min(STEP_S, timeout_s * max(ANSWER_TIMEOUTS, expected / PACE_BYTES))

        def translating() -> T:
            with translated(where):
                return work(*args)

        future = asyncio.get_running_loop().run_in_executor(self.thread, translating)
        if not (await asyncio.wait({future}, timeout=patience_s))[0]:
            raise MailServerError(f"{where}: a command was not done within {patience_s:.0f} s (TRIAGE_IMAP_TIMEOUT_S)")
        return future.result()


@asynccontextmanager
async def connected(
    settings: ImapSettings, context: ssl.SSLContext, folder: str, door: Door
) -> AsyncIterator[tuple[Any, Steps]]:
    """Log in; at the end of the block the connection is closed, whatever state it is in."""
    steps = Steps(settings, door, folder)
    client = None
    parting = None
    try:
        client = await steps.run(connect, settings, context)
        parting = asyncio.create_task(_cut_after_stop(client, door.stop))
        yield client, steps
        with suppress(MailServerError):
            await steps.run(client.logout)
    finally:
        if parting is not None:
            parting.cancel()
        if client is not None:
            _cut(client)
            steps.thread.submit(_shut, client)
        steps.thread.shutdown(wait=False)


async def readable(sock: Any, stop: asyncio.Event, seconds: float) -> None:
    """Wait until something can be read, for so long at most, or until told to stop."""
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

"""A folder over one connection: taking in what is not taken yet, and waiting for more."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from producers.imap.failures import MailServerError
from producers.imap.handing_in import hand_in
from producers.imap.mailbox import Mail, Mailbox
from producers.imap.marking import way_for
from producers.imap.memory import Memory
from producers.imap.portions import batches, pieces, windows
from producers.imap.settings import ImapSettings
from producers.imap.steps import Steps, connected, readable
from producers.intake.door import Door
from producers.intake.patience import pause


class Session:
    """What it raises is a MailServerError; the session is then of no more use."""

    def __init__(self, steps: Steps, mailbox: Mailbox, door: Door, settings: ImapSettings, memory: Memory) -> None:
        self._steps = steps
        self._mailbox = mailbox
        self._door = door
        self._settings = settings
        self._memory = memory

    async def take(self, progress: Callable[[int], None], waiting: Callable[[], None]) -> int:
        """Take in what lies in the folder, or a large part of it; 0 when there is nothing more.

        Calls `progress` with the number of mails whenever something was done, `waiting` every few seconds while the
        ledger takes nothing in.
        """
        messages = await self._steps.run(self._mailbox.select)
        taken = 0
        there: set[int] = set()
        for window in windows(messages):
            found = await self._steps.run(self._mailbox.untaken, window)
            there.update(found)
            await self._put_away_again(found)
            async for batch, expected in self._batches(found):
                if self._door.stop.is_set():
                    return taken
                now = await self._take_batch(batch, expected, waiting)
                taken += now
                progress(now)
            if taken:  # look afresh, for what was moved away has shifted all that lies behind it
                break
        else:
            self._memory.are_there(there)
        progress(0)
        return taken

    async def _put_away_again(self, found: list[int]) -> None:
        if ways := self._memory.marks.due(found):
            await self._steps.run(partial(self._mailbox.finish, ways, again=True))
            self._memory.marks.put_away(ways)

    async def _batches(self, found: list[int]) -> AsyncIterator[tuple[list[int], int]]:
        """Group what is to be read, and say how many bytes each group has at most."""
        largest = self._settings.max_bytes
        suspects = self._memory.suspects
        wanted = [uid for uid in found if not suspects.is_left(uid) and not self._memory.marks.is_held(uid)]
        for piece in pieces(wanted):
            sizes = await self._steps.run(self._mailbox.sizes, piece)
            known = dict.fromkeys(piece, largest) | sizes
            alone = {uid for uid in piece if uid not in sizes or suspects.is_alone(uid)}
            for batch in batches(known, largest, is_alone=alone.__contains__):
                yield batch, sum(min(known[uid], largest) for uid in batch)

    async def _take_batch(self, uids: list[int], expected: int, waiting: Callable[[], None]) -> int:
        mails = await self._read(uids, expected)
        held = await hand_in(self._door, mails, waiting, own=self._settings.own) if mails else []
        if held:
            ways = {mail.uid: way_for(self._settings.done, is_cut=mail.is_cut) for mail in held}
            await self._steps.run(partial(self._mailbox.finish, ways))
            self._memory.marks.put_away(ways)
        return len(held)

    async def _read(self, uids: list[int], expected: int) -> list[Mail]:
        suspects = self._memory.suspects
        most = max(2 * expected, self._settings.max_bytes + 1)  # sizes are what a server says
        try:
            mails = await self._steps.run(self._mailbox.fetch, uids, most, expected=expected)
        except MailServerError as error:
            suspects.broke(uids, str(error))
            raise
        given = {mail.uid for mail in mails}
        suspects.were_read(given)
        suspects.broke([uid for uid in uids if uid not in given], "the server answers FETCH without it")
        return mails

    async def wait(self, seconds: float) -> None:
        """Wait until the server tells of a change (IDLE), for so long at most, or until told to stop."""
        if await self._steps.run(self._mailbox.begin_idle):
            await readable(self._mailbox.client.socket(), self._door.stop, seconds)
            await self._steps.run(self._mailbox.end_idle)
        else:
            await pause(self._door.stop, seconds)


@asynccontextmanager
async def opened(
    settings: ImapSettings, context: ssl.SSLContext, folder: str, door: Door, memory: Memory
) -> AsyncIterator[Session]:
    """Open a session; at the end of the block the connection is closed, whatever state it is in."""
    async with connected(settings, context, folder, door) as (client, steps):
        mailbox = Mailbox(client, folder, settings, memory)
        await steps.run(mailbox.prepare)
        yield Session(steps, mailbox, door, settings, memory)
